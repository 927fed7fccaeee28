"""DESCRIBE of tables and views, also EXTENDED and AS JSON, and of schemas, with what Unity Catalog knows of them."""

from __future__ import annotations

import json

from localbricks.catalog.facts import (
    clustering_columns,
    constraints,
    facts,
    plain_list,
    public_properties,
    schema_comment,
)
from localbricks.catalog.spark_catalog import CATALOG, TableDetail
from localbricks.catalog.store import KeyConstraint, Policy
from localbricks.engine.results import Result
from localbricks.engine.types import declared_type, field_json
from localbricks.sql.lexer import Reader, Statement
from localbricks.sql.outcome import Answered, Outcome, Rule
from localbricks.sql.session import SqlSession

_COLUMNS = "col_name string, data_type string, comment string"
_SCHEMA_COLUMNS = "database_description_item string, database_description_value string"
_BLANK = ("", "", "")
_Rows = list[tuple[str, str, str | None]]


def describe_as_json(statement: Statement, session: SqlSession) -> Outcome | None:
    """`DESCRIBE [TABLE] [EXTENDED] t AS JSON`, which open-source Spark refuses for Delta tables."""
    if [token.lower for token in statement.tokens[-2:]] != ["as", "json"]:
        return None
    reader = statement.reader()
    reader.next()
    reader.take("table")
    _takes_extended(reader)
    parts = reader.name()
    reader.expect("as", "json")
    reader.end()
    if len(parts) == 1 and session.spark.has_temporary_view(parts[0]):
        columns = session.spark.schema_of_temporary_view(parts[0]).fields
        return _json(session, {"table_name": parts[0], "columns": [field_json(f) for f in columns], "type": "VIEW"})
    name = session.table_name(parts)
    detail = session.catalog.detail(session.catalog.require(name.schema, name.table))
    described = _describe(detail, session.store.keys_of(name.schema, name.table))
    return _json(session, described | _policies(session.store.policies_of(name.schema, name.table)))


def describe_table(statement: Statement, session: SqlSession) -> Outcome | None:
    """`DESCRIBE [TABLE] [EXTENDED|FORMATTED] t`; temporary views, single columns and all else are Spark's."""
    reader = statement.reader()
    reader.next()
    reader.take("table")
    extended = _takes_extended(reader)
    if reader.token is None or not reader.token.is_name:
        return None
    parts = reader.name()
    if not reader.done or (len(parts) == 1 and session.spark.has_temporary_view(parts[0])):
        return None
    name = session.table_name(parts)
    entry = session.catalog.table(name.schema, name.table)
    if entry is None:
        return None
    detail = session.catalog.detail(entry)
    rows = _column_rows(detail)
    if extended:
        rows += _fact_rows(detail, session.store.keys_of(name.schema, name.table))
    return Answered(Result.from_rows(_COLUMNS, rows, session.home.tmp))


def describe_schema(statement: Statement, session: SqlSession) -> Outcome | None:
    """`DESCRIBE SCHEMA [EXTENDED] s`."""
    if statement.head[1:2] not in (("schema",), ("database",)):
        return None
    reader = statement.reader()
    reader.position = 2
    _takes_extended(reader)
    schema = session.schema_name(reader.name())
    reader.end()
    session.require_schema(schema)
    rows = [
        ("Catalog Name", CATALOG),
        ("Namespace Name", schema),
        ("Comment", schema_comment(session.catalog, session.store, schema)),
        ("Location", session.catalog.schema(schema).location),
        ("Owner", session.user),
    ]
    return Answered(Result.from_rows(_SCHEMA_COLUMNS, rows, session.home.tmp))


def _takes_extended(reader: Reader) -> bool:
    return reader.take("extended") or reader.take("formatted")


def _json(session: SqlSession, described: dict[str, object]) -> Answered:
    text = json.dumps(described, ensure_ascii=False)
    return Answered(Result.from_rows("json_metadata string", [(text,)], session.home.tmp))


def _column_rows(detail: TableDetail) -> _Rows:
    described = {
        field.name: (field.name, declared_type(field).simpleString(), (field.metadata or {}).get("comment"))
        for field in detail.columns.fields
    }
    rows = list(described.values())
    for title, columns in (
        ("# Partition Information", detail.partition_columns),
        ("# Clustering Information", clustering_columns(detail)),
    ):
        if columns:
            rows += [(title, "", ""), ("# col_name", "data_type", "comment")]
            rows += [described[column] for column in columns if column in described]
    return rows


def _fact_rows(detail: TableDetail, keys: list[KeyConstraint]) -> _Rows:
    rows: _Rows = [_BLANK, ("# Detailed Table Information", "", "")]
    rows += [(label, value, "") for label, value in facts(detail)]
    if keys:
        rows += [_BLANK, ("# Constraints", "", "")]
        rows += [(name, clause, "") for name, clause in constraints(keys)]
    return rows


def _describe(detail: TableDetail, keys: list[KeyConstraint]) -> dict[str, object]:
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
        "last_access": "UNKNOWN",
        "created_by": f"Spark {entry.created_by}",
        "table_properties": public_properties(detail),
    }
    if detail.comment:
        described["comment"] = detail.comment
    if entry.is_view:
        described["view_text"] = detail.view_text
    else:
        described |= {"provider": entry.provider, "location": entry.location}
        described |= {"is_managed_location": True} if entry.is_managed else {}
        described["partition_columns"] = detail.partition_columns
        described["clustering_columns"] = clustering_columns(detail)
    if entry.is_refreshed:
        described["view_text"] = detail.view_text
    if keys:
        described["table_constraints"] = f"[{', '.join(f'({name},{clause})' for name, clause in constraints(keys))}]"
    return described


def _policies(policies: list[Policy]) -> dict[str, object]:
    """Row filter and masks as the JSON has them."""
    described: dict[str, object] = {}
    masks = []
    for one in policies:
        schema, name = one.function
        function = {"catalog_name": CATALOG, "schema_name": schema, "function_name": name}
        columns = plain_list(one.arguments).split(",") if one.arguments else []
        if one.column:
            masks.append({"column_name": one.column, "function_name": function, "using_column_names": columns})
        else:
            described["row_filter"] = {"function_name": function, "column_names": columns}
    return described | ({"column_masks": masks} if masks else {})


RULES: list[tuple[tuple[str, ...], Rule]] = [
    (("describe", "desc"), describe_as_json),
    (("describe", "desc"), describe_schema),
    (("describe", "desc"), describe_table),
]
