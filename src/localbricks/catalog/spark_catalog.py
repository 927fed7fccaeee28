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
from localbricks.engine.classes import CATALOG_FACTS
from localbricks.engine.jvm import Engine
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
        listed: the JVM's list that it is in, and its place there, for what is seldom asked.
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
    listed: tuple[Any, int]
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

    def stored(self) -> dict[str, Any]:
        """Columns, comment, a view's text, partitions and properties, as the metastore has them."""
        tables, place = self.listed
        found: dict[str, Any] = json.loads(tables.stored(place))
        return found

    def loaded(self, catalog: Any) -> dict[str, Any]:
        """The same of a Delta table, as its log has them.

        Raises:
            Py4JJavaError, AnalysisException: there is no log, or one that cannot be read.
        """
        tables, place = self.listed
        found: dict[str, Any] = json.loads(tables.loaded(place, catalog))
        return found

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
        self._facts = engine.java_class(CATALOG_FACTS)

    def schemas(self) -> list[str]:
        """Names of all schemas."""
        return sorted(json.loads(self._facts.schemas(self._external)))

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
        wanted = None if names is None else json.dumps(sorted(names))
        for schema in sorted(schemas) if schemas is not None else self.schemas():
            listed = self._facts.of(self._external, schema, wanted)
            found += [
                _entry(facts, (listed, place), relations, clones)
                for place, facts in enumerate(json.loads(listed.all()))
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
            return _detail(entry, entry.stored())
        try:
            facts = entry.loaded(self._v2)
        except (Py4JJavaError, AnalysisException):
            # The data folder is gone or damaged: the catalog's own entry is all there is.
            facts = entry.stored()
        return _detail(entry, facts)

    def comment_view_column(self, entry: TableEntry, column: str, comment: str | None) -> None:
        """Set or remove the comment of a view's column; all else of the view stays.

        Raises:
            DatabricksError: COLUMN_NOT_FOUND_IN_TABLE.
        """
        schema = json.loads(entry.stored()["columns"])
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


def _entry(
    facts: dict[str, Any],
    listed: tuple[Any, int],
    relations: dict[tuple[str, str], Relation],
    clones: set[tuple[str, str]],
) -> TableEntry:
    kind, schema, name = facts["kind"], facts["schema"], facts["name"]
    is_view = kind == "VIEW"
    relation = relations.get((schema, name))
    if (schema, name) in clones:
        kind += SHALLOW_CLONE
    return TableEntry(
        schema=schema,
        name=name,
        kind=relation.kind if relation else kind,
        provider=None if is_view else facts["provider"],
        # Of the one user there is; Spark notes the operating system's.
        owner=USER_NAME,
        created_at=datetime.fromtimestamp(facts["created"] / 1000, UTC),
        created_by=facts["created_by"],
        location=None if is_view else facts["location"],
        listed=listed,
        relation=relation,
    )


def _detail(entry: TableEntry, facts: dict[str, Any]) -> TableDetail:
    return TableDetail(
        entry=entry,
        columns=t.StructType.fromJson(json.loads(facts["columns"])),
        comment=facts["comment"] or None,
        properties=facts["properties"],
        partition_columns=facts["partitions"],
        view_text=entry.relation.query if entry.relation else facts["view_text"],
    )


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
