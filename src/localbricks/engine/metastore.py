"""Columns of Hive's metastore that are too short for what Databricks takes.

The metastore keeps 256 characters of a column's comment and 32,700 of a view's text. When a view has longer ones the
metastore tries ten times in twenty seconds, while every other statement waits for its lock. Unity Catalog has room for
both, so the columns are made wider, once in the life of a home.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from localbricks.engine.jvm import Engine

COMMENT_LENGTH = 32672
"""The longest VARCHAR of Derby."""

VIEW_TEXTS = ("VIEW_ORIGINAL_TEXT", "VIEW_EXPANDED_TEXT")


def widen(engine: Engine, url: str) -> None:
    """Give long comments and long view texts room in the metastore of a home. Nothing to do at a second start.

    Args:
        engine: one that nobody uses yet, because the columns' tables are locked meanwhile.
        url: JDBC address of the metastore.
    """
    # Hive makes its tables at the first question that needs them.
    engine.root_session.catalog().tableExists("default", "none")
    connection = engine.java_class("java.sql.DriverManager").getConnection(url)
    try:
        # All or nothing: an end in the middle leaves the metastore as it was.
        connection.setAutoCommit(False)
        statement = connection.createStatement()
        for text in _wider_comments(connection):
            statement.executeUpdate(text)
        for column in VIEW_TEXTS:
            for text in _unbounded_text(connection, "TBLS", column):
                statement.executeUpdate(text)
        connection.commit()
    finally:
        # Derby closes no connection in the middle of a transaction, and its complaint would hide the cause.
        connection.rollback()
        connection.close()


def _wider_comments(connection: Any) -> list[str]:
    if _column(connection, "COLUMNS_V2", "COMMENT")[1] >= COMMENT_LENGTH:
        return []
    return [f'alter table COLUMNS_V2 alter column "COMMENT" set data type varchar({COMMENT_LENGTH})']


def _unbounded_text(connection: Any, table: str, column: str) -> list[str]:
    """Derby changes no LONG VARCHAR into a CLOB: the text moves to a new column of the old name."""
    if _column(connection, table, column)[0] == "CLOB":
        return []
    return [
        f"alter table {table} add column LOCALBRICKS_NEW clob",
        f"update {table} set LOCALBRICKS_NEW = cast({column} as clob)",
        f"alter table {table} drop column {column}",
        f"rename column {table}.LOCALBRICKS_NEW to {column}",
    ]


def _column(connection: Any, table: str, column: str) -> tuple[str, int]:
    """Type and length of a column."""
    found = connection.getMetaData().getColumns(None, "APP", table, column)
    try:
        if not found.next():
            raise LookupError(f"Found no column {table}.{column} in the metastore, expected one of Hive 2.3.")
        return str(found.getString("TYPE_NAME")), int(found.getInt("COLUMN_SIZE"))
    finally:
        found.close()
