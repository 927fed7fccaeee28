"""The tables of Unity Catalog's information schema: their columns, and their rows as of now."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from localbricks.catalog.facts import plain_list, schema_comment
from localbricks.catalog.information_schema_base import (
    ALTERED,
    Rows,
    Scope,
    Sources,
    TableDefinition,
    datetime_precision,
    define,
    in_scope,
    numeric,
    time_text,
)
from localbricks.catalog.information_schema_routines import ROUTINE_TABLES
from localbricks.catalog.spark_catalog import CATALOG, TableDetail, TableEntry
from localbricks.catalog.store import KeyConstraint, Privilege
from localbricks.engine.types import declared_type
from localbricks.home import USER_NAME


def _entries(of: Sources, scope: Scope) -> list[TableEntry]:
    return of.catalog.tables(scope.schemas, set(scope.tables) if scope.tables is not None else None)


def _tables(of: Sources, scope: Scope) -> Rows:
    for entry in _entries(of, scope):
        comment = of.catalog.detail(entry).comment if scope.wants("comment") else None
        altered = time_text(entry.altered_at()) if scope.wants("last_altered") else None
        source = "UNKNOWN_DATA_SOURCE_FORMAT" if entry.is_view else (entry.provider or "unknown").upper()
        insertable = "NO" if entry.is_view or entry.relation else "YES"
        created = time_text(entry.created_at)
        head = (CATALOG, entry.schema, entry.name, entry.kind, insertable, "PRESERVE", USER_NAME, comment)
        yield (*head, created, USER_NAME, altered, USER_NAME, source, None, entry.location)


def _views(of: Sources, scope: Scope) -> Rows:
    for entry in _entries(of, scope):
        if entry.is_view or entry.kind == "MATERIALIZED_VIEW":
            text = of.catalog.detail(entry).view_text
            is_materialized = str(not entry.is_view).upper()
            yield (CATALOG, entry.schema, entry.name, text, "NONE", "NO", "NO", None, is_materialized)


def _details(of: Sources, scope: Scope) -> Iterator[TableDetail]:
    for entry in _entries(of, scope):
        yield of.catalog.detail(entry)


def _columns(of: Sources, scope: Scope) -> Rows:
    for detail in _details(of, scope):
        partitions = {name: index for index, name in enumerate(detail.partition_columns, start=1)}
        for position, field in enumerate(detail.columns.fields, start=1):
            kind = declared_type(field)
            full = kind.simpleString()
            metadata = field.metadata or {}
            head = (CATALOG, detail.entry.schema, detail.entry.name, field.name, position)
            declared = (metadata.get("CURRENT_DEFAULT"), "YES" if field.nullable else "NO", full)
            simple = full.split("(")[0].split("<")[0].split(" ")[0].upper()
            updatable = "NO" if detail.entry.is_view or detail.entry.relation else "YES"
            tail = ("NO", "NO", None, updatable, partitions.get(field.name), metadata.get("comment"))
            # Lengths of text are reserved, and NULL.
            yield (*head, *declared, simple, None, None, *numeric(kind), datetime_precision(kind), *tail)


def _schemata(of: Sources, scope: Scope) -> Rows:
    for schema in of.catalog.schemas():
        comment = schema_comment(of.catalog, of.store, schema) if scope.wants("comment") else None
        yield (CATALOG, schema, USER_NAME, comment, None, USER_NAME, None, USER_NAME)
    yield (CATALOG, "information_schema", USER_NAME, None, None, USER_NAME, None, USER_NAME)


def _catalogs(of: Sources, scope: Scope) -> Rows:
    comments = {CATALOG: of.store.schema_comments().get("")}
    for name in (CATALOG, "system"):
        yield (name, USER_NAME, comments.get(name), None, USER_NAME, None, USER_NAME)


def _keys(of: Sources, scope: Scope) -> Iterator[KeyConstraint]:
    """Keys of the tables in scope: for the views whose table is the one that has the key."""
    for key in of.store.key_constraints():
        if in_scope(key.schema, key.table, scope):
            yield key


def _table_constraints(of: Sources, scope: Scope) -> Rows:
    for key in _keys(of, scope):
        names = (CATALOG, key.schema, key.name, CATALOG, key.schema, key.table)
        yield (*names, key.kind, "NO", "NO", "NO")
    for detail in _details(of, scope) if scope.wants("constraint_type", "constraint_name") else ():
        for name, _ in _checks(detail):
            schema, table = detail.entry.schema, detail.entry.name
            yield (CATALOG, schema, name, CATALOG, schema, table, "CHECK", "NO", "NO", "YES")


def _checks(detail: TableDetail) -> Iterator[tuple[str, str]]:
    for key, value in detail.properties.items():
        if key.startswith("delta.constraints."):
            yield key.removeprefix("delta.constraints."), value


def _check_constraints(of: Sources, scope: Scope) -> Rows:
    for detail in _details(of, scope):
        for name, clause in _checks(detail):
            yield (CATALOG, detail.entry.schema, name, clause, "NONE", None)


def _key_column_usage(of: Sources, scope: Scope) -> Rows:
    for key in _keys(of, scope):
        for position, column in enumerate(key.columns, start=1):
            names = (CATALOG, key.schema, key.name, CATALOG, key.schema, key.table, column, position)
            yield (*names, position if key.kind == "FOREIGN KEY" else None)


def _referential_constraints(of: Sources, scope: Scope) -> Rows:
    primary = {(key.schema, key.table): key for key in of.store.key_constraints() if key.kind == "PRIMARY KEY"}
    for key in of.store.key_constraints():
        if key.kind != "FOREIGN KEY":
            continue
        parent = primary.get((key.parent_schema or "", key.parent_table or ""))
        unique = parent.name if parent else None
        yield (CATALOG, key.schema, key.name, CATALOG, key.parent_schema, unique, "NONE", "NO ACTION", "NO ACTION")


def _constraint_column_usage(of: Sources, scope: Scope) -> Rows:
    for key in of.store.key_constraints():
        if key.kind == "FOREIGN KEY":
            table, columns = (key.parent_schema, key.parent_table), key.parent_columns
        else:
            table, columns = (key.schema, key.table), key.columns
        for column in columns:
            yield (CATALOG, *table, column, CATALOG, key.schema, key.name)


def _constraint_table_usage(of: Sources, scope: Scope) -> Rows:
    for key in of.store.key_constraints():
        table = (key.parent_schema, key.parent_table) if key.kind == "FOREIGN KEY" else (key.schema, key.table)
        yield (CATALOG, *table, CATALOG, key.schema, key.name)


def _table_tags(of: Sources, scope: Scope) -> Rows:
    for tag in of.store.tags():
        if tag.table and not tag.column and in_scope(tag.schema, tag.table, scope):
            yield (CATALOG, tag.schema, tag.table, tag.name, tag.value)


def _column_tags(of: Sources, scope: Scope) -> Rows:
    for tag in of.store.tags():
        if tag.column and in_scope(tag.schema, tag.table, scope):
            yield (CATALOG, tag.schema, tag.table, tag.column, tag.name, tag.value)


def _schema_tags(of: Sources, scope: Scope) -> Rows:
    for tag in of.store.tags():
        if tag.schema and not tag.table:
            yield (CATALOG, tag.schema, tag.name, tag.value)


def _catalog_tags(of: Sources, scope: Scope) -> Rows:
    for tag in of.store.tags():
        if not tag.schema:
            yield (CATALOG, tag.name, tag.value)


def _volume_tags(of: Sources, scope: Scope) -> Rows:
    for schema, volume, name, value in of.store.volume_tags():
        yield (CATALOG, schema, volume, name, value)


def _column_masks(of: Sources, scope: Scope) -> Rows:
    for one in of.store.policies():
        if one.column and in_scope(one.schema, one.table, scope):
            schema, name = one.function
            using = plain_list(one.arguments) or None
            full = f"{CATALOG}.{schema}.{name}"
            yield (CATALOG, one.schema, one.table, one.column, CATALOG, schema, full, None, using, None)


def _row_filters(of: Sources, scope: Scope) -> Rows:
    for one in of.store.policies():
        if not one.column and in_scope(one.schema, one.table, scope):
            schema, name = one.function
            full = f"{CATALOG}.{schema}.{name}"
            columns = plain_list(one.arguments)
            yield (CATALOG, one.schema, one.table, CATALOG, schema, full, None, columns, None)


def _volumes(of: Sources, scope: Scope) -> Rows:
    for one in of.store.volumes():
        head = (CATALOG, one.schema, one.name, one.kind, USER_NAME, one.comment, one.location)
        yield (*head, one.created_at, USER_NAME, one.created_at, USER_NAME)


def _privileges(kind: str, *, doubled: bool = False) -> Callable[[Sources, Scope], Rows]:
    """Rows of a view of grants; the names of a routine stand there twice."""

    def rows(of: Sources, scope: Scope) -> Rows:
        for one in of.store.privileges(kind):
            names = _securable(one)
            yield (USER_NAME, one.principal, *names, *(names if doubled else ()), one.privilege, "NO", "NONE")

    return rows


def _securable(privilege: Privilege) -> tuple[str, ...]:
    if privilege.kind == "CATALOG":
        return (CATALOG,)
    return (CATALOG, *privilege.name.split(".", 1))


_GRANT = "privilege_type, is_grantable, inherited_from"

TABLES: dict[str, TableDefinition] = {
    "tables": define(
        "table_catalog, table_schema, table_name, table_type, is_insertable_into, commit_action, table_owner, comment, "
        f"{ALTERED}, data_source_format, storage_sub_directory, storage_path",
        _tables,
    ),
    "views": define(
        "table_catalog, table_schema, table_name, view_definition, check_option, is_updatable, is_insertable_into, "
        "sql_path, is_materialized",
        _views,
    ),
    "columns": define(
        "table_catalog, table_schema, table_name, column_name, ordinal_position int, column_default, is_nullable, "
        "full_data_type, data_type, character_maximum_length bigint, character_octet_length bigint, "
        "numeric_precision int, numeric_precision_radix int, numeric_scale int, datetime_precision int, is_identity, "
        "is_generated, generation_expression, is_updatable, partition_index int, comment",
        _columns,
    ),
    "schemata": define(f"catalog_name, schema_name, schema_owner, comment, {ALTERED}", _schemata),
    "catalogs": define(f"catalog_name, catalog_owner, comment, {ALTERED}", _catalogs),
    "table_constraints": define(
        "constraint_catalog, constraint_schema, constraint_name, table_catalog, table_schema, table_name, "
        "constraint_type, is_deferrable, initially_deferred, enforced",
        _table_constraints,
    ),
    "check_constraints": define(
        "constraint_catalog, constraint_schema, constraint_name, check_clause, sql_path, comment", _check_constraints
    ),
    "key_column_usage": define(
        "constraint_catalog, constraint_schema, constraint_name, table_catalog, table_schema, table_name, column_name, "
        "ordinal_position int, position_in_unique_constraint int",
        _key_column_usage,
    ),
    "referential_constraints": define(
        "constraint_catalog, constraint_schema, constraint_name, unique_constraint_catalog, unique_constraint_schema, "
        "unique_constraint_name, match_option, update_rule, delete_rule",
        _referential_constraints,
    ),
    "constraint_column_usage": define(
        "table_catalog, table_schema, table_name, column_name, constraint_catalog, constraint_schema, constraint_name",
        _constraint_column_usage,
    ),
    "constraint_table_usage": define(
        "table_catalog, table_schema, table_name, constraint_catalog, constraint_schema, constraint_name",
        _constraint_table_usage,
    ),
    "table_tags": define("catalog_name, schema_name, table_name, tag_name, tag_value", _table_tags),
    "column_tags": define("catalog_name, schema_name, table_name, column_name, tag_name, tag_value", _column_tags),
    "schema_tags": define("catalog_name, schema_name, tag_name, tag_value", _schema_tags),
    "column_masks": define(
        "table_catalog, table_schema, table_name, column_name, mask_catalog, mask_schema, mask_name, mask_col_usage, "
        "using_columns, mask_mod_type",
        _column_masks,
    ),
    "row_filters": define(
        "table_catalog, table_schema, table_name, filter_catalog, filter_schema, filter_name, filter_col_usage, "
        "target_columns, filter_mod_type",
        _row_filters,
    ),
    "volumes": define(
        f"volume_catalog, volume_schema, volume_name, volume_type, volume_owner, comment, storage_location, {ALTERED}",
        _volumes,
    ),
    "catalog_tags": define("catalog_name, tag_name, tag_value", _catalog_tags),
    "volume_tags": define("catalog_name, schema_name, volume_name, tag_name, tag_value", _volume_tags),
    "catalog_privileges": define(f"grantor, grantee, catalog_name, {_GRANT}", _privileges("CATALOG")),
    "schema_privileges": define(f"grantor, grantee, catalog_name, schema_name, {_GRANT}", _privileges("SCHEMA")),
    "table_privileges": define(
        f"grantor, grantee, table_catalog, table_schema, table_name, {_GRANT}", _privileges("TABLE")
    ),
    "volume_privileges": define(
        f"grantor, grantee, volume_catalog, volume_schema, volume_name, {_GRANT}", _privileges("VOLUME")
    ),
    "routine_privileges": define(
        "grantor, grantee, specific_catalog, specific_schema, specific_name, routine_catalog, routine_schema, "
        f"routine_name, {_GRANT}",
        _privileges("FUNCTION", doubled=True),
    ),
    **ROUTINE_TABLES,
}
