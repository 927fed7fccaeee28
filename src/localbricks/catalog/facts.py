"""What DESCRIBE EXTENDED and SHOW TABLE EXTENDED tell of a table or view beside its columns, in Databricks' order."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pyspark.sql import types as t

from localbricks.catalog.spark_catalog import CATALOG, SparkCatalog, TableDetail
from localbricks.catalog.store import CatalogStore, KeyConstraint
from localbricks.engine.types import declared_type
from localbricks.sql.lexer import quoted

_INTERNAL = ("spark.sql.", "view.", "transient_", "delta.lastUpdateVersion", "delta.lastCommitTimestamp")
# DeltaTableV2 lists these among the properties; Databricks shows them as facts of their own.
_RESERVED = {"comment", "location", "provider", "external", "owner", "Type", "is_managed_location"}

AUTO_CLUSTERING = "clusterByAuto"
"""The property that says that the choice of clustering columns is left to the platform."""
_MADE = {"delta.minReaderVersion", "delta.minWriterVersion", "clusteringColumns"}


def facts(detail: TableDetail) -> list[tuple[str, str]]:
    """Labels and values; a fact that the table does not have is not there."""
    entry = detail.entry
    properties = ",".join(f"{key}={value}" for key, value in sorted(public_properties(detail).items()))
    found = {
        "Catalog": CATALOG,
        "Database": entry.schema,
        "Table": entry.name,
        "Owner": entry.owner,
        "Created Time": entry.created_at.strftime("%a %b %d %H:%M:%S UTC %Y"),
        "Last Access": "UNKNOWN",
        "Created By": f"Spark {entry.created_by}",
        "Type": entry.kind,
        "Provider": entry.provider,
        "View Text": detail.view_text,
        "Refresh Schedule": entry.relation.schedule if entry.relation else None,
        "Last Refreshed": entry.relation.refreshed_at if entry.relation else None,
        "Last Refresh Type": "FULL" if entry.kind == "MATERIALIZED_VIEW" else None,
        "Latest Refresh Status": "Succeeded" if entry.relation and entry.relation.refreshed_at else None,
        "Location": entry.location,
        "Is_managed_location": "true" if entry.is_managed else None,
        "Table Properties": f"[{properties}]" if properties else None,
        "Partition Columns": f"[{quoted_list(detail.partition_columns)}]" if detail.partition_columns else None,
        "Comment": detail.comment,
    }
    return [(label, value) for label, value in found.items() if value]


def schema_comment(catalog: SparkCatalog, store: CatalogStore, schema: str) -> str | None:
    """The comment of a schema: the one it was given last, otherwise the one it was created with."""
    changed = store.schema_comments()
    return changed[schema] if schema in changed else catalog.schema(schema).comment


def information(detail: TableDetail) -> str:
    """The `information` of SHOW TABLE EXTENDED: a fact a line, then the columns as a tree.

    The comment is the last fact, because dbt-databricks takes for the comment all that stands between it and the
    last label. What a refresh fills has its type in capitals: so Databricks' own adapter looks for it, while it looks
    for `Type: VIEW`.
    """
    label_of = {"Type": "TYPE"} if detail.entry.is_refreshed else {}
    lines = [f"{label_of.get(label, label)}: {value}" for label, value in facts(detail)]
    return "\n".join([*lines, f"Schema: {tree(detail.columns)}"])


def tree(columns: t.StructType) -> str:
    """The columns as Spark's tree of types, with the types as they were declared."""
    fields = [t.StructField(field.name, declared_type(field), field.nullable) for field in columns.fields]
    return t.StructType(fields).treeString()


def constraints(keys: list[KeyConstraint]) -> list[tuple[str, str]]:
    """Names and clauses of a table's keys, the primary key first."""
    ordered = sorted(keys, key=lambda key: (key.kind != "PRIMARY KEY", key.name))
    return [(key.name, _clause(key)) for key in ordered]


def public_properties(detail: TableDetail) -> dict[str, str]:
    """Properties that a user set or would know."""
    return {
        key: value for key, value in detail.properties.items() if key not in _RESERVED and not key.startswith(_INTERNAL)
    }


def settable_properties(detail: TableDetail) -> dict[str, str]:
    """Properties without those that follow from what else is said of a table: to set when it is made again."""
    return {key: value for key, value in public_properties(detail).items() if key not in _MADE}


def user_properties(detail: TableDetail) -> dict[str, str]:
    """Properties that mean something to their user alone."""
    return {
        key: value
        for key, value in settable_properties(detail).items()
        if not key.startswith("delta.") and key != AUTO_CLUSTERING
    }


def clustering_columns(detail: TableDetail) -> list[str]:
    """Columns of CLUSTER BY, nested ones dotted."""
    return [".".join(parts) for parts in json.loads(detail.properties.get("clusteringColumns", "[]"))]


def quoted_list(columns: tuple[str, ...] | list[str]) -> str:
    """Columns as identifiers with commas between."""
    return ", ".join(quoted(column) for column in columns)


def plain_list(arguments: Sequence[str]) -> str:
    """Arguments of a policy with commas between, columns without quotes where they need none."""
    return ",".join(_plain(one) for one in arguments)


def _plain(argument: str) -> str:
    if argument.startswith("`") and argument[1:-1].isidentifier():
        return argument[1:-1]
    return argument


def _clause(key: KeyConstraint) -> str:
    if key.kind == "PRIMARY KEY":
        return f"PRIMARY KEY ({quoted_list(key.columns)})"
    parent = quoted(CATALOG, key.parent_schema or "", key.parent_table or "")
    return f"FOREIGN KEY ({quoted_list(key.columns)}) REFERENCES {parent} ({quoted_list(key.parent_columns)})"
