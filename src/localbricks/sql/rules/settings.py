"""Settings that Databricks has and Spark does not know."""

from __future__ import annotations

from localbricks.errors import DatabricksError
from localbricks.sql.lexer import Kind, Statement
from localbricks.sql.outcome import Outcome, Rewritten, Rule
from localbricks.sql.session import SqlSession

# Databricks' own parameters of a SQL warehouse, and the setting of Spark behind each.
_PARAMETERS = {
    "ansi_mode": "spark.sql.ansi.enabled",
    "timezone": "spark.sql.session.timeZone",
    "legacy_time_parser_policy": "spark.sql.legacy.timeParserPolicy",
    "max_file_partition_bytes": "spark.sql.files.maxPartitionBytes",
}


# What a client may set when it opens a session and what changes no result.
WITHOUT_EFFECT = {"enable_photon", "use_cached_result"}


def spark_setting(name: str) -> str:
    """Spark's name of a setting that a client sets when it opens a session.

    Raises:
        DatabricksError: CONFIG_NOT_AVAILABLE.
    """
    found = _PARAMETERS.get(name.lower()) or (name if name.startswith("spark.") else None)
    if found is None:
        raise DatabricksError("CONFIG_NOT_AVAILABLE", f"Configuration {name} is not available.", "42K0I")
    return found


def set_parameter(statement: Statement, session: SqlSession) -> Outcome | None:
    """`SET ansi_mode = true` and the like, under Spark's names."""
    if len(statement.head) < 2 or statement.head[1] not in _PARAMETERS:
        return None
    reader = statement.reader()
    reader.position = 2
    key = _PARAMETERS[statement.head[1]]
    if not reader.take("="):
        return Rewritten(f"set {key}{reader.rest()}")
    value = reader.token
    # Spark would take the quotes of a value for a part of it.
    is_string = value is not None and value.kind is Kind.STRING and reader.ahead(1) is None
    return Rewritten(f"set {key} = {value.value if value and is_string else reader.rest()}")


RULES: list[tuple[tuple[str, ...], Rule]] = [(("set",), set_parameter)]
