"""The tables of Unity Catalog's information schema: their columns, and their rows as of now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pyspark.sql import types as t

from localbricks.catalog.facts import schema_comment
from localbricks.catalog.spark_catalog import CATALOG, SparkCatalog, TableDetail, TableEntry
from localbricks.catalog.store import CatalogStore, KeyConstraint
from localbricks.engine.types import declared_type
from localbricks.home import USER_NAME


@dataclass(frozen=True)
class Scope:
    """What a statement can see at most.

    Attributes:
        schemas: schemas in lower case, None for all.
        tables: tables in lower case, None for all.
        columns: names that the statement mentions, None for all: a costly column is not computed for nobody.
    """

    schemas: frozenset[str] | None = None
    tables: frozenset[str] | None = None
    columns: frozenset[str] | None = None

    def wants(self, *columns: str) -> bool:
        """Whether one of these columns is mentioned."""
        return self.columns is None or bool(self.columns.intersection(columns))


Rows = Iterator[tuple[Any, ...]]


@dataclass(frozen=True)
class TableDefinition:
    """A table: columns with their types, and what computes its rows."""

    columns: tuple[tuple[str, str], ...]
    rows: Callable[[SparkCatalog, CatalogStore, Scope], Rows]

    @property
    def names(self) -> list[str]:
        """The columns' names."""
        return [name for name, _ in self.columns]


def _entries(catalog: SparkCatalog, scope: Scope) -> list[TableEntry]:
    return catalog.tables(scope.schemas, set(scope.tables) if scope.tables is not None else None)


def _time(value: Any) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _tables(catalog: SparkCatalog, store: CatalogStore, scope: Scope) -> Rows:
    for entry in _entries(catalog, scope):
        comment = catalog.detail(entry).comment if scope.wants("comment") else None
        altered = _time(entry.altered_at()) if scope.wants("last_altered") else None
        source = "UNKNOWN_DATA_SOURCE_FORMAT" if entry.is_view else (entry.provider or "unknown").upper()
        insertable = "NO" if entry.is_view else "YES"
        created = _time(entry.created_at)
        head = (CATALOG, entry.schema, entry.name, entry.kind, insertable, "PRESERVE", USER_NAME, comment)
        yield (*head, created, USER_NAME, altered, USER_NAME, source, None, entry.location)


def _views(catalog: SparkCatalog, store: CatalogStore, scope: Scope) -> Rows:
    for entry in _entries(catalog, scope):
        if entry.is_view:
            text = catalog.detail(entry).view_text
            yield (CATALOG, entry.schema, entry.name, text, "NONE", "NO", "NO", None, "false")


def _details(catalog: SparkCatalog, scope: Scope) -> Iterator[TableDetail]:
    for entry in _entries(catalog, scope):
        yield catalog.detail(entry)


def _columns(catalog: SparkCatalog, store: CatalogStore, scope: Scope) -> Rows:
    for detail in _details(catalog, scope):
        partitions = {name: index for index, name in enumerate(detail.partition_columns, start=1)}
        for position, field in enumerate(detail.columns.fields, start=1):
            kind = declared_type(field)
            full = kind.simpleString()
            metadata = field.metadata or {}
            head = (CATALOG, detail.entry.schema, detail.entry.name, field.name, position)
            declared = (metadata.get("CURRENT_DEFAULT"), "YES" if field.nullable else "NO", full)
            simple = full.split("(")[0].split("<")[0].split(" ")[0].upper()
            updatable = "NO" if detail.entry.is_view else "YES"
            tail = ("NO", "NO", None, updatable, partitions.get(field.name), metadata.get("comment"))
            # Lengths of text are reserved, and NULL.
            yield (*head, *declared, simple, None, None, *_numeric(kind), _datetime_precision(kind), *tail)


def _numeric(kind: t.DataType) -> tuple[int | None, int | None, int | None]:
    """Precision, its radix and the scale of a number: digits of a decimal, bits of the others."""
    if isinstance(kind, t.DecimalType):
        return kind.precision, 10, kind.scale
    if type(kind) in _BITS:
        return _BITS[type(kind)], 2, 0 if isinstance(kind, t.IntegralType) else None
    return None, None, None


_BITS: dict[type[t.DataType], int] = {
    t.ByteType: 8,
    t.ShortType: 16,
    t.IntegerType: 32,
    t.LongType: 64,
    t.FloatType: 24,
    t.DoubleType: 53,
}


def _datetime_precision(kind: t.DataType) -> int | None:
    if isinstance(kind, t.DateType | t.YearMonthIntervalType):
        return 0
    return 3 if isinstance(kind, t.TimestampType | t.TimestampNTZType | t.DayTimeIntervalType) else None


def _schemata(catalog: SparkCatalog, store: CatalogStore, scope: Scope) -> Rows:
    for schema in catalog.schemas():
        comment = schema_comment(catalog, store, schema) if scope.wants("comment") else None
        yield (CATALOG, schema, USER_NAME, comment, None, USER_NAME, None, USER_NAME)
    yield (CATALOG, "information_schema", USER_NAME, None, None, USER_NAME, None, USER_NAME)


def _catalogs(catalog: SparkCatalog, store: CatalogStore, scope: Scope) -> Rows:
    for name in (CATALOG, "system"):
        yield (name, USER_NAME, None, None, USER_NAME, None, USER_NAME)


def _in_scope(schema: str, table: str, scope: Scope) -> bool:
    return (scope.schemas is None or schema in scope.schemas) and (scope.tables is None or table in scope.tables)


def _keys(store: CatalogStore, scope: Scope) -> Iterator[KeyConstraint]:
    # A foreign key's rows are joined with its parent's, which may be in a schema that the statement does not name.
    yield from store.key_constraints()


def _table_constraints(catalog: SparkCatalog, store: CatalogStore, scope: Scope) -> Rows:
    for key in _keys(store, scope):
        names = (CATALOG, key.schema, key.name, CATALOG, key.schema, key.table)
        yield (*names, key.kind, "NO", "NO", "NO")
    for detail in _details(catalog, scope) if scope.wants("constraint_type", "constraint_name") else ():
        for name, _ in _checks(detail):
            schema, table = detail.entry.schema, detail.entry.name
            yield (CATALOG, schema, name, CATALOG, schema, table, "CHECK", "NO", "NO", "YES")


def _checks(detail: TableDetail) -> Iterator[tuple[str, str]]:
    for key, value in detail.properties.items():
        if key.startswith("delta.constraints."):
            yield key.removeprefix("delta.constraints."), value


def _check_constraints(catalog: SparkCatalog, store: CatalogStore, scope: Scope) -> Rows:
    for detail in _details(catalog, scope):
        for name, clause in _checks(detail):
            yield (CATALOG, detail.entry.schema, name, clause, "NONE", None)


def _key_column_usage(catalog: SparkCatalog, store: CatalogStore, scope: Scope) -> Rows:
    for key in _keys(store, scope):
        for position, column in enumerate(key.columns, start=1):
            names = (CATALOG, key.schema, key.name, CATALOG, key.schema, key.table, column, position)
            yield (*names, position if key.kind == "FOREIGN KEY" else None)


def _referential_constraints(catalog: SparkCatalog, store: CatalogStore, scope: Scope) -> Rows:
    primary = {(key.schema, key.table): key for key in store.key_constraints() if key.kind == "PRIMARY KEY"}
    for key in store.key_constraints():
        if key.kind != "FOREIGN KEY":
            continue
        parent = primary.get((key.parent_schema or "", key.parent_table or ""))
        unique = parent.name if parent else None
        yield (CATALOG, key.schema, key.name, CATALOG, key.parent_schema, unique, "NONE", "NO ACTION", "NO ACTION")


def _constraint_column_usage(catalog: SparkCatalog, store: CatalogStore, scope: Scope) -> Rows:
    for key in _keys(store, scope):
        if key.kind == "FOREIGN KEY":
            table, columns = (key.parent_schema, key.parent_table), key.parent_columns
        else:
            table, columns = (key.schema, key.table), key.columns
        for column in columns:
            yield (CATALOG, *table, column, CATALOG, key.schema, key.name)


def _constraint_table_usage(catalog: SparkCatalog, store: CatalogStore, scope: Scope) -> Rows:
    for key in _keys(store, scope):
        table = (key.parent_schema, key.parent_table) if key.kind == "FOREIGN KEY" else (key.schema, key.table)
        yield (CATALOG, *table, CATALOG, key.schema, key.name)


def _table_tags(catalog: SparkCatalog, store: CatalogStore, scope: Scope) -> Rows:
    for tag in store.tags():
        if tag.table and not tag.column and _in_scope(tag.schema, tag.table, scope):
            yield (CATALOG, tag.schema, tag.table, tag.name, tag.value)


def _column_tags(catalog: SparkCatalog, store: CatalogStore, scope: Scope) -> Rows:
    for tag in store.tags():
        if tag.column and _in_scope(tag.schema, tag.table, scope):
            yield (CATALOG, tag.schema, tag.table, tag.column, tag.name, tag.value)


def _schema_tags(catalog: SparkCatalog, store: CatalogStore, scope: Scope) -> Rows:
    for tag in store.tags():
        if not tag.table:
            yield (CATALOG, tag.schema, tag.name, tag.value)


def _none(catalog: SparkCatalog, store: CatalogStore, scope: Scope) -> Rows:
    return iter(())


def _volumes(catalog: SparkCatalog, store: CatalogStore, scope: Scope) -> Rows:
    for one in store.volumes():
        head = (CATALOG, one.schema, one.name, one.kind, USER_NAME, one.comment, one.location)
        yield (*head, one.created_at, USER_NAME, one.created_at, USER_NAME)


def _table_privileges(catalog: SparkCatalog, store: CatalogStore, scope: Scope) -> Rows:
    for one in store.privileges("TABLE"):
        schema, _, table = one.name.partition(".")
        yield (USER_NAME, one.principal, CATALOG, schema, table, one.privilege, "NO", "NONE")


def _schema_privileges(catalog: SparkCatalog, store: CatalogStore, scope: Scope) -> Rows:
    for one in store.privileges("SCHEMA"):
        yield (USER_NAME, one.principal, CATALOG, one.name, one.privilege, "NO", "NONE")


def _define(columns: str, rows: Callable[[SparkCatalog, CatalogStore, Scope], Rows]) -> TableDefinition:
    pairs = [column.strip().split(" ") for column in columns.split(",")]
    return TableDefinition(tuple((pair[0], pair[1] if len(pair) > 1 else "string") for pair in pairs), rows)


_ALTERED = "created timestamp, created_by, last_altered timestamp, last_altered_by"

TABLES: dict[str, TableDefinition] = {
    "tables": _define(
        "table_catalog, table_schema, table_name, table_type, is_insertable_into, commit_action, table_owner, comment, "
        f"{_ALTERED}, data_source_format, storage_sub_directory, storage_path",
        _tables,
    ),
    "views": _define(
        "table_catalog, table_schema, table_name, view_definition, check_option, is_updatable, is_insertable_into, "
        "sql_path, is_materialized",
        _views,
    ),
    "columns": _define(
        "table_catalog, table_schema, table_name, column_name, ordinal_position int, column_default, is_nullable, "
        "full_data_type, data_type, character_maximum_length bigint, character_octet_length bigint, "
        "numeric_precision int, numeric_precision_radix int, numeric_scale int, datetime_precision int, is_identity, "
        "is_generated, generation_expression, is_updatable, partition_index int, comment",
        _columns,
    ),
    "schemata": _define(f"catalog_name, schema_name, schema_owner, comment, {_ALTERED}", _schemata),
    "catalogs": _define(f"catalog_name, catalog_owner, comment, {_ALTERED}", _catalogs),
    "table_constraints": _define(
        "constraint_catalog, constraint_schema, constraint_name, table_catalog, table_schema, table_name, "
        "constraint_type, is_deferrable, initially_deferred, enforced",
        _table_constraints,
    ),
    "check_constraints": _define(
        "constraint_catalog, constraint_schema, constraint_name, check_clause, sql_path, comment", _check_constraints
    ),
    "key_column_usage": _define(
        "constraint_catalog, constraint_schema, constraint_name, table_catalog, table_schema, table_name, column_name, "
        "ordinal_position int, position_in_unique_constraint int",
        _key_column_usage,
    ),
    "referential_constraints": _define(
        "constraint_catalog, constraint_schema, constraint_name, unique_constraint_catalog, unique_constraint_schema, "
        "unique_constraint_name, match_option, update_rule, delete_rule",
        _referential_constraints,
    ),
    "constraint_column_usage": _define(
        "table_catalog, table_schema, table_name, column_name, constraint_catalog, constraint_schema, constraint_name",
        _constraint_column_usage,
    ),
    "constraint_table_usage": _define(
        "table_catalog, table_schema, table_name, constraint_catalog, constraint_schema, constraint_name",
        _constraint_table_usage,
    ),
    "table_tags": _define("catalog_name, schema_name, table_name, tag_name, tag_value", _table_tags),
    "column_tags": _define("catalog_name, schema_name, table_name, column_name, tag_name, tag_value", _column_tags),
    "schema_tags": _define("catalog_name, schema_name, tag_name, tag_value", _schema_tags),
    "column_masks": _define(
        "table_catalog, table_schema, table_name, column_name, mask_catalog, mask_schema, mask_name, mask_col_usage, "
        "using_columns, mask_mod_type",
        _none,
    ),
    "row_filters": _define(
        "table_catalog, table_schema, table_name, filter_catalog, filter_schema, filter_name, filter_col_usage, "
        "target_columns, filter_mod_type",
        _none,
    ),
    "volumes": _define(
        f"volume_catalog, volume_schema, volume_name, volume_type, volume_owner, comment, storage_location, {_ALTERED}",
        _volumes,
    ),
    "table_privileges": _define(
        "grantor, grantee, table_catalog, table_schema, table_name, privilege_type, is_grantable, inherited_from",
        _table_privileges,
    ),
    "schema_privileges": _define(
        "grantor, grantee, catalog_name, schema_name, privilege_type, is_grantable, inherited_from", _schema_privileges
    ),
}
