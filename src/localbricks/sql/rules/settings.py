"""Settings that Databricks has and Spark does not know."""

from __future__ import annotations

from localbricks.sql.lexer import Statement
from localbricks.sql.outcome import Outcome, Rewritten, Rule
from localbricks.sql.session import SqlSession

# Databricks' own parameters of a SQL warehouse, and the setting of Spark behind each.
_PARAMETERS = {
    "ansi_mode": "spark.sql.ansi.enabled",
    "timezone": "spark.sql.session.timeZone",
    "legacy_time_parser_policy": "spark.sql.legacy.timeParserPolicy",
    "max_file_partition_bytes": "spark.sql.files.maxPartitionBytes",
}


def set_parameter(statement: Statement, session: SqlSession) -> Outcome | None:
    """`SET ansi_mode = true` and the like, under Spark's names."""
    if len(statement.head) < 2 or statement.head[1] not in _PARAMETERS:
        return None
    token = statement.tokens[1]
    return Rewritten(f"set {_PARAMETERS[token.lower]}{statement.text[token.end :]}")


RULES: list[tuple[tuple[str, ...], Rule]] = [(("set",), set_parameter)]
