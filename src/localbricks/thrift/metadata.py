"""The metadata calls of JDBC-like clients: catalogs, schemas, tables, columns, in JDBC's columns."""

from __future__ import annotations

import re
from typing import Any

from pyspark.sql import types as t

from localbricks.catalog.spark_catalog import CATALOG
from localbricks.engine.results import Result
from localbricks.engine.types import declared_type
from localbricks.sql.session import SqlSession

_TABLES = (
    "TABLE_CAT string, TABLE_SCHEM string, TABLE_NAME string, TABLE_TYPE string, REMARKS string, TYPE_CAT string, "
    "TYPE_SCHEM string, TYPE_NAME string, SELF_REFERENCING_COL_NAME string, REF_GENERATION string"
)
_COLUMNS = (
    "TABLE_CAT string, TABLE_SCHEM string, TABLE_NAME string, COLUMN_NAME string, DATA_TYPE int, TYPE_NAME string, "
    "COLUMN_SIZE int, BUFFER_LENGTH tinyint, DECIMAL_DIGITS int, NUM_PREC_RADIX int, NULLABLE int, REMARKS string, "
    "COLUMN_DEF string, SQL_DATA_TYPE int, SQL_DATETIME_SUB int, CHAR_OCTET_LENGTH int, ORDINAL_POSITION int, "
    "IS_NULLABLE string, SCOPE_CATALOG string, SCOPE_SCHEMA string, SCOPE_TABLE string, SOURCE_DATA_TYPE smallint, "
    "IS_AUTO_INCREMENT string"
)
# java.sql.Types and, where JDBC asks for it, the size and the decimal digits.
_JDBC: dict[type[t.DataType], tuple[int, int | None, int | None]] = {
    t.BooleanType: (16, 1, None),
    t.ByteType: (-6, 1, 0),
    t.ShortType: (5, 2, 0),
    t.IntegerType: (4, 4, 0),
    t.LongType: (-5, 8, 0),
    t.FloatType: (6, 4, 7),
    t.DoubleType: (8, 8, 15),
    t.DateType: (91, 4, None),
    t.TimestampType: (93, 8, None),
    t.TimestampNTZType: (93, 8, None),
    t.StringType: (12, None, None),
    t.BinaryType: (-2, None, None),
    t.ArrayType: (2003, None, None),
    t.MapType: (2000, None, None),
    t.StructType: (2002, None, None),
    t.NullType: (0, 1, None),
}


def catalogs(session: SqlSession, req: Any) -> Result:
    """The one catalog and `system`."""
    return Result.from_rows("TABLE_CAT string", [(CATALOG,), ("system",)], session.home.tmp)


def schemas(session: SqlSession, req: Any) -> Result:
    """Schemas whose names match a pattern."""
    matches = _pattern(req.schemaName)
    rows = [(name, CATALOG) for name in session.catalog.schemas() if matches(name)]
    if not _is_ours(req.catalogName):
        rows = []
    return Result.from_rows("TABLE_SCHEM string, TABLE_CATALOG string", rows, session.home.tmp)


def tables(session: SqlSession, req: Any) -> Result:
    """Tables and views whose names match patterns, of the types asked for."""
    wanted = {kind.upper() for kind in req.tableTypes or []}
    rows = []
    for entry in _entries(session, req):
        kind = "VIEW" if entry.is_view else "TABLE"
        if not wanted or kind in wanted:
            comment = session.catalog.detail(entry).comment or ""
            rows.append((CATALOG, entry.schema, entry.name, kind, comment, None, None, None, None, None))
    return Result.from_rows(_TABLES, rows, session.home.tmp)


def columns(session: SqlSession, req: Any) -> Result:
    """Columns whose names match patterns."""
    matches = _pattern(req.columnName)
    rows = []
    for entry in _entries(session, req):
        for position, field in enumerate(session.catalog.detail(entry).columns.fields, start=1):
            if matches(field.name):
                rows.append(_column(entry.schema, entry.name, position, field))
    return Result.from_rows(_COLUMNS, rows, session.home.tmp)


def table_types(session: SqlSession, req: Any) -> Result:
    """The types of tables."""
    return Result.from_rows("TABLE_TYPE string", [("TABLE",), ("VIEW",)], session.home.tmp)


def type_info(session: SqlSession, req: Any) -> Result:
    """Names of the types and their JDBC codes."""
    rows = [(kind().simpleString().upper(), code) for kind, (code, _, _) in _JDBC.items() if _is_plain(kind)]
    return Result.from_rows("TYPE_NAME string, DATA_TYPE int", rows, session.home.tmp)


def _is_plain(kind: type[t.DataType]) -> bool:
    return kind not in (t.ArrayType, t.MapType, t.StructType)


def _entries(session: SqlSession, req: Any) -> list[Any]:
    if not _is_ours(req.catalogName):
        return []
    schema_matches, table_matches = _pattern(req.schemaName), _pattern(req.tableName)
    wanted = [schema for schema in session.catalog.schemas() if schema_matches(schema)]
    return [entry for entry in session.catalog.tables(wanted) if table_matches(entry.name)]


def _column(schema: str, table: str, position: int, field: t.StructField) -> tuple[Any, ...]:
    kind = declared_type(field)
    code, size, digits = _JDBC.get(type(kind), (1111, None, None))
    if isinstance(kind, t.CharType):
        code, size = 1, kind.length
    elif isinstance(kind, t.VarcharType):
        code, size = 12, kind.length
    elif isinstance(kind, t.DecimalType):
        code, size, digits = 3, kind.precision, kind.scale
    radix = 10 if digits is not None else None
    comment = (field.metadata or {}).get("comment", "")
    nullable = 1 if field.nullable else 0
    yes_no = "YES" if field.nullable else "NO"
    name = kind.simpleString().upper()
    head = (CATALOG, schema, table, field.name, code, name, size, None, digits, radix, nullable, comment)
    return (*head, None, None, None, None, position, yes_no, None, None, None, None, "NO")


def _is_ours(catalog: str | None) -> bool:
    return catalog is None or _pattern(catalog)(CATALOG)


def _pattern(pattern: str | None) -> Any:
    """A JDBC pattern (`%`, `_`, `*`) as a test of a name; an absent or empty one takes all."""
    if not pattern:
        return lambda name: True
    translated = "".join(".*" if c in "%*" else "." if c == "_" else re.escape(c) for c in pattern)
    compiled = re.compile(translated, re.IGNORECASE)
    return lambda name: compiled.fullmatch(name) is not None
