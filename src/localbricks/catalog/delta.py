"""What Delta Lake's library can do and its SQL cannot: declare a column NOT NULL, tell an application's last transaction."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from localbricks.engine.session import EngineSession
from localbricks.errors import DatabricksError
from localbricks.sql.lexer import quoted


def set_not_null(session: EngineSession, schema: str, table: str, column: str) -> None:
    """Make a column NOT NULL, in one transaction that fails when rows are added meanwhile.

    Raises:
        DatabricksError: DELTA_NEW_NOT_NULL_VIOLATION when it has NULLs.
    """
    log = delta_log(session, schema, table)
    transaction = log.startTransaction(session.scala_option(), session.scala_option())
    metadata = transaction.metadata()
    declared = json.loads(metadata.schemaString())
    field = next((one for one in declared["fields"] if one["name"].lower() == column.lower()), None)
    if field is None:
        raise DatabricksError(
            "COLUMN_NOT_FOUND_IN_TABLE", f"Column {column} is not found in {schema}.{table}.", "42703"
        )
    if not field["nullable"]:
        return
    transaction.readWholeTable()
    _require_no_nulls(session, log, f"{schema}.{table}", field["name"])
    field["nullable"] = False
    transaction.updateMetadata(_with_schema(metadata, json.dumps(declared)), False)
    operation = session.scala_object("org.apache.spark.sql.delta.DeltaOperations$ManualUpdate")
    transaction.commit(session.scala_object("scala.collection.immutable.Nil"), operation)


def declare(
    session: EngineSession, schema: str, table: str, comments: Mapping[str, str], not_null: Collection[str]
) -> None:
    """Set columns' comments and declare columns NOT NULL, by name in lower case, in one transaction.

    Raises:
        DatabricksError: DELTA_NEW_NOT_NULL_VIOLATION.
    """
    if not comments and not not_null:
        return
    log = delta_log(session, schema, table)
    transaction = log.startTransaction(session.scala_option(), session.scala_option())
    metadata = transaction.metadata()
    declared = json.loads(metadata.schemaString())
    for field in declared["fields"]:
        if comment := comments.get(field["name"].lower()):
            field["metadata"]["comment"] = comment
        if field["name"].lower() in not_null and field["nullable"]:
            _require_no_nulls(session, log, f"{schema}.{table}", field["name"])
            field["nullable"] = False
    transaction.readWholeTable()
    transaction.updateMetadata(_with_schema(metadata, json.dumps(declared)), False)
    operation = session.scala_object("org.apache.spark.sql.delta.DeltaOperations$ManualUpdate")
    transaction.commit(session.scala_object("scala.collection.immutable.Nil"), operation)


def _require_no_nulls(session: EngineSession, log: Any, table: str, column: str) -> None:
    # By its path: a row filter hides no NULL from the table itself.
    rows = f"delta.{quoted(str(log.dataPath()))}"
    (nulls,) = session.rows(f"select count(*) from {rows} where {quoted(column)} is null")[0]
    if nulls:
        raise DatabricksError(
            "DELTA_NEW_NOT_NULL_VIOLATION",
            f"{nulls} rows in {table} violate the new NOT NULL constraint on {column}.",
            "23512",
        )


def last_transaction(session: EngineSession, schema: str, table: str, application: str) -> tuple[str, int]:
    """Identifier of a table, a new one when it is replaced, and an application's last transaction in it, -1 for none."""
    snapshot = delta_log(session, schema, table).unsafeVolatileSnapshot()
    value = snapshot.transactions().get(application)
    return str(snapshot.metadata().id()), int(value.get()) if value.isDefined() else -1


def delta_log(session: EngineSession, schema: str, table: str) -> Any:
    """The JVM's DeltaLog of a table, up to date."""
    companion = session.scala_object("org.apache.spark.sql.catalyst.TableIdentifier")
    name = companion.apply(table, session.scala_option(schema))
    log = session.java_class("org.apache.spark.sql.delta.DeltaLog").forTable(session.java, name)
    log.update(False, session.scala_option(), session.scala_option())
    return log


def _with_schema(metadata: Any, schema: str) -> Any:
    return metadata.copy(
        metadata.id(),
        metadata.name(),
        metadata.description(),
        metadata.format(),
        schema,
        metadata.partitionColumns(),
        metadata.configuration(),
        metadata.createdTime(),
    )
