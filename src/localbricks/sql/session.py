"""A SQL session as a client has one: current catalog and schema, settings, and the rooms that its statements need."""

from __future__ import annotations

from dataclasses import dataclass, field

from localbricks.catalog.functions import FunctionCatalog
from localbricks.catalog.spark_catalog import CATALOG, SparkCatalog
from localbricks.catalog.store import CatalogStore
from localbricks.engine.session import EngineSession
from localbricks.errors import DatabricksError, no_such_catalog
from localbricks.home import Home
from localbricks.sql.lexer import quoted
from localbricks.volumes.paths import Volumes


@dataclass(frozen=True)
class TableName:
    """A table's full name, in lower case as the catalog keeps it."""

    schema: str
    table: str
    catalog: str = CATALOG

    @property
    def sql(self) -> str:
        """As an identifier."""
        return quoted(self.catalog, self.schema, self.table)

    @property
    def dotted(self) -> str:
        """`schema.table`."""
        return f"{self.schema}.{self.table}"


@dataclass
class SqlSession:
    """What a rule may use. `tag` names the running statement to the engine, so that it can be cancelled."""

    home: Home
    spark: EngineSession
    catalog: SparkCatalog
    functions: FunctionCatalog
    store: CatalogStore
    volumes: Volumes
    user: str
    tag: str = ""
    query_tags: dict[str, str | None] = field(default_factory=dict)
    """Of the statements to come. One for all views of the session."""

    def current_schema(self) -> str:
        """Name of the current schema."""
        return str(self.spark.java.catalog().currentDatabase())

    def table_name(self, parts: list[str]) -> TableName:
        """The full name of a table that was written with one to three parts.

        Raises:
            DatabricksError: for another catalog than the one there is, or more than three parts.
        """
        if len(parts) > 3:
            raise DatabricksError(
                "IDENTIFIER_TOO_MANY_NAME_PARTS", f"{quoted(*parts)} has {len(parts)} parts.", "42601"
            )
        if len(parts) == 3:
            self.check_catalog(parts[0])
        schema = parts[-2] if len(parts) > 1 else self.current_schema()
        return TableName(schema.lower(), parts[-1].lower())

    def schema_name(self, parts: list[str]) -> str:
        """The name of a schema that was written with one or two parts."""
        if len(parts) > 2:
            raise DatabricksError(
                "IDENTIFIER_TOO_MANY_NAME_PARTS", f"{quoted(*parts)} has {len(parts)} parts.", "42601"
            )
        if len(parts) == 2:
            self.check_catalog(parts[0])
        return parts[-1].lower()

    def require_schema(self, schema: str) -> None:
        """A schema that must exist.

        Raises:
            DatabricksError: SCHEMA_NOT_FOUND.
        """
        if not self.catalog.has_schema(schema):
            raise DatabricksError(
                "SCHEMA_NOT_FOUND",
                f"The schema {quoted(CATALOG, schema)} cannot be found. "
                "Verify the spelling and correctness of the schema and catalog.",
                "42704",
            )

    def require_column(self, name: TableName, column: str) -> None:
        """A column that a table or view must have.

        Raises:
            DatabricksError: TABLE_OR_VIEW_NOT_FOUND, COLUMN_NOT_FOUND_IN_TABLE.
        """
        detail = self.catalog.detail(self.catalog.require(name.schema, name.table))
        if column.lower() not in {field.name.lower() for field in detail.columns.fields}:
            raise DatabricksError("COLUMN_NOT_FOUND_IN_TABLE", f"Column {column} is not found in {name.sql}.", "42703")

    def table_replaced(self, name: TableName) -> None:
        """A table was replaced: what was kept of it, and does not hold for the new one, goes.

        That is its keys and, with the columns that are gone, their tags and masks.
        """
        self.store.forget_table(name.schema, name.table, replaced=True)
        if kept := self.store.columns_kept(name.schema, name.table):
            detail = self.catalog.detail(self.catalog.require(name.schema, name.table))
            gone = kept - {field.name.lower() for field in detail.columns.fields}
            self.store.forget_columns(name.schema, name.table, gone)

    @staticmethod
    def check_catalog(name: str) -> None:
        """There is one catalog.

        Raises:
            DatabricksError: NO_SUCH_CATALOG_EXCEPTION.
        """
        if name.lower() != CATALOG:
            raise no_such_catalog(name, CATALOG)
