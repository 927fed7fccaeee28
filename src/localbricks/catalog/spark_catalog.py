"""Spark's catalog read through the JVM: schemas, tables, views, columns. Nothing is cached, nothing is collected by Spark."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from py4j.protocol import Py4JJavaError
from pyspark.errors import AnalysisException
from pyspark.sql import types as t

from localbricks.catalog.store import CatalogStore, Relation
from localbricks.engine.jvm import CONVERTERS, Engine
from localbricks.errors import DatabricksError
from localbricks.home import USER_NAME

CATALOG = "spark_catalog"
SHALLOW_CLONE = "_SHALLOW_CLONE"


@dataclass(frozen=True)
class SchemaEntry:
    """A schema as Spark's catalog has it; `comment` is the one that it was created with."""

    name: str
    comment: str | None
    location: str


@dataclass(frozen=True)
class TableEntry:
    """A table or view as Spark's catalog has it.

    Attributes:
        kind: MANAGED, EXTERNAL, both also with _SHALLOW_CLONE behind, VIEW, or what Unity Catalog has it for:
            MATERIALIZED_VIEW, STREAMING_TABLE, METRIC_VIEW.
        provider: `delta`, `parquet` …, None for a view.
        created_by: version of the Spark that created it.
        location: folder of the data, None for a view.
        java: the JVM's CatalogTable, for what is seldom asked.
        relation: the definition of what Spark does not know by its kind.
    """

    schema: str
    name: str
    kind: str
    provider: str | None
    owner: str
    created_at: datetime
    created_by: str
    location: str | None
    java: Any
    relation: Relation | None = None

    @property
    def is_managed(self) -> bool:
        """Whether its files lie where the catalog puts them."""
        return self.kind in ("MANAGED", f"MANAGED{SHALLOW_CLONE}")

    @property
    def is_view(self) -> bool:
        """Whether Spark has it for a view."""
        return self.kind in ("VIEW", "METRIC_VIEW")

    @property
    def is_refreshed(self) -> bool:
        """Whether a refresh fills it: a materialized view or a streaming table, which Spark has for a table."""
        return self.relation is not None and not self.is_view

    def altered_at(self) -> datetime:
        """Time of the last commit; of the creation where there is no Delta log."""
        newest = _newest_commit(self.location) if self.location else None
        return max(newest, self.created_at) if newest else self.created_at


@dataclass(frozen=True)
class TableDetail:
    """What is asked of one table: its columns, comment, properties, partitioning."""

    entry: TableEntry
    columns: t.StructType
    comment: str | None
    properties: dict[str, str]
    partition_columns: list[str]
    view_text: str | None


class SparkCatalog:
    """The one catalog of a workspace."""

    def __init__(self, engine: Engine, store: CatalogStore) -> None:
        self._engine = engine
        self._store = store
        session = engine.root_session
        self._external = session.sharedState().externalCatalog()
        self._v2 = session.sessionState().catalogManager().v2SessionCatalog()

    def schemas(self) -> list[str]:
        """Names of all schemas."""
        return sorted(self._engine.items(self._external.listDatabases()))

    def has_schema(self, schema: str) -> bool:
        """Whether a schema exists."""
        return bool(self._external.databaseExists(schema.lower()))

    def schema(self, schema: str) -> SchemaEntry:
        """A schema that exists."""
        java = self._external.getDatabase(schema)
        return SchemaEntry(schema, str(java.description()) or None, java.locationUri().toString())

    def tables(self, schemas: Iterable[str] | None = None, names: set[str] | None = None) -> list[TableEntry]:
        """Tables and views, of some schemas and with some names only where these are given (lower case)."""
        found: list[TableEntry] = []
        relations, clones = self._store.relations(), self._store.shallow_clones()
        for schema in sorted(schemas) if schemas is not None else self.schemas():
            if not self.has_schema(schema):
                continue
            listed = self._engine.items(self._external.listTables(schema))
            wanted = [name for name in listed if names is None or name.lower() in names]
            if wanted:
                sequence = self._scala_list(wanted)
                found += [
                    _entry(table, relations, clones)
                    for table in self._engine.items(self._external.getTablesByName(schema, sequence))
                ]
        return sorted(found, key=lambda entry: (entry.schema, entry.name))

    def table(self, schema: str, name: str) -> TableEntry | None:
        """One table or view."""
        return next(iter(self.tables([schema.lower()], {name.lower()})), None)

    def require(self, schema: str, name: str) -> TableEntry:
        """One table or view that must exist.

        Raises:
            DatabricksError: TABLE_OR_VIEW_NOT_FOUND.
        """
        entry = self.table(schema, name)
        if entry is None:
            raise DatabricksError(
                "TABLE_OR_VIEW_NOT_FOUND",
                f"The table or view `{CATALOG}`.`{schema}`.`{name}` cannot be found. "
                "Verify the spelling and correctness of the schema and catalog.",
                "42P01",
            )
        return entry

    def require_function(self, schema: str, name: str) -> None:
        """A function that must exist.

        Raises:
            DatabricksError: ROUTINE_NOT_FOUND.
        """
        if not (self.has_schema(schema) and self._external.functionExists(schema, name)):
            raise DatabricksError(
                "ROUTINE_NOT_FOUND", f"The routine `{CATALOG}`.`{schema}`.`{name}` cannot be found.", "42883"
            )

    def detail(self, entry: TableEntry) -> TableDetail:
        """Columns and properties of a table or view."""
        if entry.is_view or entry.provider != "delta":
            return self._from_metastore(entry)
        try:
            return self._from_delta(entry)
        except (Py4JJavaError, AnalysisException):
            # The data folder is gone or damaged: the catalog's own entry is all there is.
            return self._from_metastore(entry)

    def comment_view_column(self, entry: TableEntry, column: str, comment: str | None) -> None:
        """Set or remove the comment of a view's column; all else of the view stays.

        Raises:
            DatabricksError: COLUMN_NOT_FOUND_IN_TABLE.
        """
        schema = json.loads(entry.java.schema().json())
        field = next((one for one in schema["fields"] if one["name"].lower() == column.lower()), None)
        if field is None:
            raise DatabricksError(
                "COLUMN_NOT_FOUND_IN_TABLE", f"Column {column} is not found in {entry.schema}.{entry.name}.", "42703"
            )
        field["metadata"].pop("comment", None)
        if comment is not None:
            field["metadata"]["comment"] = comment
        java = self._engine.java_class("org.apache.spark.sql.types.DataType").fromJson(json.dumps(schema))
        self._external.alterTableSchema(entry.schema, entry.name, java)

    def _from_delta(self, entry: TableEntry) -> TableDetail:
        namespace = self._engine.string_array([entry.schema])
        identifier = self._engine.java_class("org.apache.spark.sql.connector.catalog.Identifier").of(
            namespace, entry.name
        )
        table = self._v2.loadTable(identifier)
        snapshot_schema = t.StructType.fromJson(json.loads(table.schema().json()))
        properties = self._engine.texts(table.properties())
        comment = properties.get("comment") or None
        partitions = self._engine.items(entry.java.partitionColumnNames())
        if not partitions:
            partitions = [str(one.describe()) for one in table.partitioning() if one.name() == "identity"]
        text = entry.relation.query if entry.relation else None
        return TableDetail(entry, snapshot_schema, comment, properties, partitions, text)

    def _from_metastore(self, entry: TableEntry) -> TableDetail:
        java = entry.java
        schema = t.StructType.fromJson(json.loads(java.schema().json()))
        properties = self._engine.texts(self._engine.java_class(CONVERTERS).asJava(java.properties()))
        text = entry.relation.query if entry.relation else _option(java.viewText())
        partitions = self._engine.items(java.partitionColumnNames())
        return TableDetail(entry, schema, _option(java.comment()) or None, properties, partitions, text)

    def _scala_list(self, items: list[str]) -> Any:
        return self._engine.java_class(CONVERTERS).asScala(items).toSeq()


def _entry(table: Any, relations: dict[tuple[str, str], Relation], clones: set[tuple[str, str]]) -> TableEntry:
    kind = str(table.tableType().name())
    location = None
    if kind != "VIEW":
        uri = _option(table.storage().locationUri())
        location = uri.toString() if uri is not None else None
    schema, name = str(table.database()), str(table.identifier().table())
    relation = relations.get((schema, name))
    if (schema, name) in clones:
        kind += SHALLOW_CLONE
    return TableEntry(
        schema=schema,
        name=name,
        kind=relation.kind if relation else kind,
        provider=None if kind == "VIEW" else _option(table.provider()),
        # Of the one user there is; Spark notes the operating system's.
        owner=USER_NAME,
        created_at=datetime.fromtimestamp(table.createTime() / 1000, UTC),
        created_by=str(table.createVersion()),
        location=location,
        java=table,
        relation=relation,
    )


def _option(value: Any) -> Any:
    return value.get() if value.isDefined() else None


def path_of(location: str) -> Path:
    """The local path of a table's location, which Spark writes as a URI."""
    parsed = urlparse(location)
    return Path(unquote(parsed.path)) if parsed.scheme == "file" else Path(location)


def _newest_commit(location: str) -> datetime | None:
    log = path_of(location) / "_delta_log"
    try:
        times = [entry.stat().st_mtime for entry in log.iterdir() if entry.suffix == ".json"]
    except OSError:
        return None
    return datetime.fromtimestamp(max(times), UTC) if times else None
