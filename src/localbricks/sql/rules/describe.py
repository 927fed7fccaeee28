"""DESCRIBE TABLE EXTENDED … AS JSON, which open-source Spark refuses for Delta tables."""

from __future__ import annotations

import json

from localbricks.catalog.spark_catalog import CATALOG, TableDetail
from localbricks.engine.results import Result
from localbricks.engine.types import field_json
from localbricks.sql.lexer import Statement, quoted
from localbricks.sql.outcome import Answered, Outcome, Rule
from localbricks.sql.session import SqlSession

_INTERNAL = ("spark.sql.", "view.", "transient_", "delta.lastUpdateVersion", "delta.lastCommitTimestamp")
# DeltaTableV2 lists these among the properties; Databricks shows them as fields of their own.
_RESERVED = {"comment", "location", "provider", "external", "owner", "Type", "is_managed_location"}


def describe_as_json(statement: Statement, session: SqlSession) -> Outcome | None:
    """`DESCRIBE [TABLE] [EXTENDED] t AS JSON`."""
    if [token.lower for token in statement.tokens[-2:]] != ["as", "json"]:
        return None
    reader = statement.reader()
    reader.next()
    reader.take("table")
    reader.take("extended") or reader.take("formatted")
    parts = reader.name()
    reader.expect("as", "json")
    reader.end()
    if len(parts) == 1 and session.spark.has_temporary_view(parts[0]):
        columns = session.spark.schema(session.spark.java.table(quoted(parts[0]))).fields
        described = {"table_name": parts[0], "columns": [field_json(field) for field in columns], "type": "VIEW"}
        return Answered(
            Result.from_rows("json_metadata string", [(json.dumps(described, ensure_ascii=False),)], session.home.tmp)
        )
    name = session.table_name(parts)
    detail = session.catalog.detail(session.catalog.require(name.schema, name.table))
    text = json.dumps(_describe(detail), ensure_ascii=False)
    return Answered(Result.from_rows("json_metadata string", [(text,)], session.home.tmp))


def _describe(detail: TableDetail) -> dict[str, object]:
    entry = detail.entry
    described: dict[str, object] = {
        "table_name": entry.name,
        "catalog_name": CATALOG,
        "namespace": [entry.schema],
        "schema_name": entry.schema,
        "columns": [field_json(field) for field in detail.columns.fields],
        "type": entry.kind,
        "owner": entry.owner,
        "created_time": entry.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "table_properties": public_properties(detail),
    }
    if detail.comment:
        described["comment"] = detail.comment
    if entry.is_view:
        described["view_text"] = detail.view_text
    else:
        described |= {"provider": entry.provider, "location": entry.location}
        described["partition_columns"] = detail.partition_columns
    return described


def public_properties(detail: TableDetail) -> dict[str, str]:
    """Properties that a user set or would know."""
    return {
        key: value for key, value in detail.properties.items() if key not in _RESERVED and not key.startswith(_INTERNAL)
    }


RULES: list[tuple[tuple[str, ...], Rule]] = [(("describe", "desc"), describe_as_json)]
