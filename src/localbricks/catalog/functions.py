"""SQL functions as Spark's catalog keeps them: parameters, what they return, their body."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import types as t

from localbricks.catalog.spark_catalog import CATALOG
from localbricks.engine.jvm import Engine
from localbricks.errors import DatabricksError
from localbricks.home import USER_NAME

_CREATED = re.compile(r'"sqlFunction\.createTime":"(\d+)"')
_SQL_FUNCTION = "org.apache.spark.sql.catalyst.catalog.SQLFunction"


@dataclass(frozen=True)
class FunctionEntry:
    """A SQL function.

    Attributes:
        parameters: names, types, comments and defaults, in order.
        returns: a type, or the columns of a table function.
        body: the expression or the query behind RETURN.
        reads_data: whether the body reads relations.
    """

    schema: str
    name: str
    parameters: t.StructType
    returns: t.DataType
    is_table: bool
    body: str
    comment: str | None
    deterministic: bool
    reads_data: bool
    created_at: datetime
    owner: str = USER_NAME


class FunctionCatalog:
    """The functions that the workspace's schemas have."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        session = engine.root_session
        self._external = session.sharedState().externalCatalog()
        self._parser = session.sessionState().sqlParser()

    def names(self, schema: str) -> list[str]:
        """Names of a schema's functions."""
        listed = self._engine.items(self._external.listFunctions(schema, "*"))
        return sorted(str(one.funcName()) if hasattr(one, "funcName") else str(one) for one in listed)

    def functions(self, schemas: Iterable[str]) -> list[FunctionEntry]:
        """The SQL functions of schemas that exist."""
        found = [(schema, name) for schema in sorted(schemas) for name in self.names(schema)]
        return [entry for one in found if (entry := self.function(*one)) is not None]

    def function(self, schema: str, name: str) -> FunctionEntry | None:
        """One SQL function, None where there is none of that name."""
        if not (self._external.databaseExists(schema) and self._external.functionExists(schema, name)):
            return None
        java = self._external.getFunction(schema, name)
        if not bool(java.isUserDefinedFunction()):
            return None
        companion = self._engine.scala_object(_SQL_FUNCTION)
        # The time is in what the catalog keeps, and lost in the function that is made of it.
        kept = "".join(str(resource.uri()) for resource in self._engine.items(java.resources()))
        created = _CREATED.search(kept)
        entry = self._entry(schema, name, companion.fromCatalogFunction(java, self._parser))
        return replace(entry, created_at=_time(int(created.group(1)))) if created else entry

    def require(self, schema: str, name: str) -> FunctionEntry:
        """One SQL function that must exist.

        Raises:
            DatabricksError: ROUTINE_NOT_FOUND.
        """
        entry = self.function(schema, name)
        if entry is None:
            raise DatabricksError(
                "ROUTINE_NOT_FOUND",
                f"The routine `{CATALOG}`.`{schema}`.`{name}` cannot be found. Verify the spelling and correctness of "
                "the schema and catalog.",
                "42883",
            )
        return entry

    def _entry(self, schema: str, name: str, java: Any) -> FunctionEntry:
        is_table = bool(java.isTableFunc())
        returned = java.getTableFuncReturnCols() if is_table else java.getScalarFuncReturnType()
        parameters = _option(java.inputParam())
        expression = _option(java.exprText())
        return FunctionEntry(
            schema=schema,
            name=name,
            parameters=_struct(parameters) if parameters is not None else t.StructType([]),
            returns=_type(returned),
            is_table=is_table,
            body=str(expression if expression is not None else _option(java.queryText())),
            comment=_option(java.comment()),
            deterministic=_option(java.deterministic()) is not False,
            reads_data=_option(java.containsSQL()) is False or expression is None,
            created_at=_time(int(java.createTimeMs())),
        )


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _struct(java: Any) -> t.StructType:
    return t.StructType.fromJson(json.loads(java.json()))


def _type(java: Any) -> t.DataType:
    return t._parse_datatype_json_string(java.json())


def _option(value: Any) -> Any:
    return value.get() if value.isDefined() else None
