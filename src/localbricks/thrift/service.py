"""The handler behind TCLIService: sessions, statements, metadata calls and paging, over the warehouse."""

from __future__ import annotations

from typing import Any

from databricks.sql.thrift_api.TCLIService import ttypes

from localbricks.engine.results import Form, Result
from localbricks.errors import DatabricksError
from localbricks.sql.parameters import Parameter
from localbricks.sql.query_tags import QUERY_TAGS, read_query_tags
from localbricks.sql.warehouse import Execution, State, Warehouse
from localbricks.thrift import metadata
from localbricks.thrift.types import table_schema

# How long an answer is held back for a statement to end. Short, because a client that wants to cancel waits for it.
FIRST_WAIT = 1.0
POLL_WAIT = 0.3
PAGE_BYTES = 16 * 1024 * 1024
"""Of a page, whatever a client asks for: it is several times in memory until it is sent."""

_OK = ttypes.TStatus(ttypes.TStatusCode.SUCCESS_STATUS)
_STATES = {
    State.PENDING: ttypes.TOperationState.PENDING_STATE,
    State.RUNNING: ttypes.TOperationState.RUNNING_STATE,
    State.SUCCEEDED: ttypes.TOperationState.FINISHED_STATE,
    State.FAILED: ttypes.TOperationState.ERROR_STATE,
    State.CANCELED: ttypes.TOperationState.CANCELED_STATE,
    State.CLOSED: ttypes.TOperationState.CLOSED_STATE,
}


class ThriftService:
    """One method a Thrift call; every failure is a status in the answer, never a broken connection."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    # sessions

    def OpenSession(self, req: ttypes.TOpenSessionReq) -> ttypes.TOpenSessionResp:
        try:
            namespace = req.initialNamespace
            session = self._warehouse.open_session(
                req.configuration,
                namespace.catalogName if namespace else None,
                namespace.schemaName if namespace else None,
            )
        except Exception as error:
            return ttypes.TOpenSessionResp(
                status=_failure(error), serverProtocolVersion=ttypes.TProtocolVersion.SPARK_CLI_SERVICE_PROTOCOL_V7
            )
        return ttypes.TOpenSessionResp(
            status=_OK,
            serverProtocolVersion=ttypes.TProtocolVersion.SPARK_CLI_SERVICE_PROTOCOL_V7,
            sessionHandle=ttypes.TSessionHandle(_handle(session.id)),
            configuration={},
            initialNamespace=namespace,
            canUseMultipleCatalogs=True,
        )

    def CloseSession(self, req: ttypes.TCloseSessionReq) -> ttypes.TCloseSessionResp:
        try:
            self._warehouse.close_session(req.sessionHandle.sessionId.guid)
        except Exception as error:
            return ttypes.TCloseSessionResp(_failure(error))
        return ttypes.TCloseSessionResp(_OK)

    def GetInfo(self, req: ttypes.TGetInfoReq) -> ttypes.TGetInfoResp:
        values = {
            ttypes.TGetInfoType.CLI_SERVER_NAME: "Spark SQL",
            ttypes.TGetInfoType.CLI_DBMS_NAME: "Spark SQL",
            ttypes.TGetInfoType.CLI_DBMS_VER: "4.1.1",
        }
        wanted = req.infoType if req else None
        value = values.get(wanted)
        if value is None:
            return ttypes.TGetInfoResp(
                _failure(DatabricksError("UNSUPPORTED_FEATURE.LOCALBRICKS", f"GetInfo {wanted}", "0A000")),
                ttypes.TGetInfoValue(stringValue=""),
            )
        return ttypes.TGetInfoResp(_OK, ttypes.TGetInfoValue(stringValue=value))

    # statements

    def ExecuteStatement(self, req: ttypes.TExecuteStatementReq) -> ttypes.TExecuteStatementResp:
        try:
            session = self._warehouse.session(req.sessionHandle.sessionId.guid)
            parameters = [_parameter(one) for one in req.parameters or []]
            tags = read_query_tags((req.confOverlay or {}).get(QUERY_TAGS) or "")
            execution = self._warehouse.submit(session, req.statement or "", _form(req), parameters, tags)
        except Exception as error:
            return ttypes.TExecuteStatementResp(_failure(error))
        return self._started(ttypes.TExecuteStatementResp, execution, req.getDirectResults)

    def GetOperationStatus(self, req: ttypes.TGetOperationStatusReq) -> ttypes.TGetOperationStatusResp:
        try:
            execution = self._execution(req)
        except Exception as error:
            return ttypes.TGetOperationStatusResp(_failure(error))
        execution.wait(POLL_WAIT)
        return _status(execution)

    def GetResultSetMetadata(self, req: ttypes.TGetResultSetMetadataReq) -> ttypes.TGetResultSetMetadataResp:
        try:
            return _metadata(_finished(self._execution(req)))
        except Exception as error:
            return ttypes.TGetResultSetMetadataResp(_failure(error))

    def FetchResults(self, req: ttypes.TFetchResultsReq) -> ttypes.TFetchResultsResp:
        try:
            execution = self._execution(req)
            return _page(execution, _finished(execution), req.maxRows, req.maxBytes, req.includeResultSetMetadata)
        except Exception as error:
            return ttypes.TFetchResultsResp(_failure(error))

    def CancelOperation(self, req: ttypes.TCancelOperationReq) -> ttypes.TCancelOperationResp:
        try:
            self._warehouse.cancel(self._execution(req))
        except Exception as error:
            return ttypes.TCancelOperationResp(_failure(error))
        return ttypes.TCancelOperationResp(_OK)

    def CloseOperation(self, req: ttypes.TCloseOperationReq) -> ttypes.TCloseOperationResp:
        try:
            self._warehouse.close_execution(self._execution(req))
        except Exception as error:
            return ttypes.TCloseOperationResp(_failure(error))
        return ttypes.TCloseOperationResp(_OK)

    # metadata

    def GetCatalogs(self, req: ttypes.TGetCatalogsReq) -> ttypes.TGetCatalogsResp:
        return self._metadata_call(ttypes.TGetCatalogsResp, req, metadata.catalogs)

    def GetSchemas(self, req: ttypes.TGetSchemasReq) -> ttypes.TGetSchemasResp:
        return self._metadata_call(ttypes.TGetSchemasResp, req, metadata.schemas)

    def GetTables(self, req: ttypes.TGetTablesReq) -> ttypes.TGetTablesResp:
        return self._metadata_call(ttypes.TGetTablesResp, req, metadata.tables)

    def GetTableTypes(self, req: ttypes.TGetTableTypesReq) -> ttypes.TGetTableTypesResp:
        return self._metadata_call(ttypes.TGetTableTypesResp, req, metadata.table_types)

    def GetTypeInfo(self, req: ttypes.TGetTypeInfoReq) -> ttypes.TGetTypeInfoResp:
        return self._metadata_call(ttypes.TGetTypeInfoResp, req, metadata.type_info)

    def GetColumns(self, req: ttypes.TGetColumnsReq) -> ttypes.TGetColumnsResp:
        return self._metadata_call(ttypes.TGetColumnsResp, req, metadata.columns)

    def _metadata_call(self, response: Any, req: Any, call: Any) -> Any:
        try:
            session = self._warehouse.session(req.sessionHandle.sessionId.guid)
            execution = self._warehouse.submit_work(session, call.__name__, lambda sql: call(sql, req))
        except Exception as error:
            return response(_failure(error))
        execution.wait()
        return self._started(response, execution, req.getDirectResults)

    def _execution(self, req: Any) -> Execution:
        return self._warehouse.execution(req.operationHandle.operationId.guid)

    def _started(self, response: Any, execution: Execution, direct: ttypes.TSparkGetDirectResults | None) -> Any:
        handle = ttypes.TOperationHandle(
            _handle(execution.id), ttypes.TOperationType.EXECUTE_STATEMENT, hasResultSet=True
        )
        answer = response(_OK, operationHandle=handle)
        if direct is None:
            return answer
        execution.wait(FIRST_WAIT)
        results = ttypes.TSparkDirectResults(operationStatus=_status(execution))
        if execution.state is State.SUCCEEDED and execution.result is not None:
            results.resultSetMetadata = _metadata(execution.result)
            results.resultSet = _page(execution, execution.result, direct.maxRows, direct.maxBytes, False)
            if not results.resultSet.hasMoreRows:
                # All is delivered: the client need not close what we close now.
                self._warehouse.close_execution(execution)
                results.closeOperation = ttypes.TCloseOperationResp(_OK)
        answer.directResults = results
        return answer


def _finished(execution: Execution) -> Result:
    execution.wait()
    if execution.result is None:
        raise execution.error or DatabricksError("INVALID_HANDLE", "The statement is closed.", "08003")
    return execution.result


def _page(
    execution: Execution, result: Result, max_rows: int | None, max_bytes: int | None, with_metadata: bool | None
) -> ttypes.TFetchResultsResp:
    batches: list[ttypes.TSparkArrowBatch] = []
    rows = size = 0
    limit = min(max_bytes or PAGE_BYTES, PAGE_BYTES)
    while execution.cursor < len(result.spool):
        next_size = result.spool.size(execution.cursor)
        if batches and (size + next_size > limit or (max_rows and rows >= max_rows)):
            break
        batch = result.spool.read(execution.cursor)
        batches.append(ttypes.TSparkArrowBatch(batch.data, batch.rows))
        rows, size = rows + batch.rows, size + next_size
        execution.cursor += 1
    row_set = ttypes.TRowSet(startRowOffset=execution.row_offset, rows=[], arrowBatches=batches)
    execution.row_offset += rows
    return ttypes.TFetchResultsResp(
        status=_OK,
        hasMoreRows=execution.cursor < len(result.spool),
        results=row_set,
        resultSetMetadata=_metadata(result) if with_metadata else None,
    )


def _metadata(result: Result) -> ttypes.TGetResultSetMetadataResp:
    return ttypes.TGetResultSetMetadataResp(
        status=_OK,
        schema=table_schema(result.schema),
        resultFormat=ttypes.TSparkRowSetType.ARROW_BASED_SET,
        lz4Compressed=result.is_lz4,
        arrowSchema=result.arrow_schema.serialize().to_pybytes(),
        isStagingOperation=False,
    )


def _status(execution: Execution) -> ttypes.TGetOperationStatusResp:
    answer = ttypes.TGetOperationStatusResp(
        status=_OK, operationState=_STATES[execution.state], numModifiedRows=execution.count_affected
    )
    error = execution.error
    if execution.state is State.FAILED and error is not None:
        answer.sqlState = getattr(error, "sqlstate", "XX000")
        answer.errorMessage = str(error)
        answer.displayMessage = str(error)
        answer.diagnosticInfo = type(error).__name__
    return answer


def _failure(error: BaseException) -> ttypes.TStatus:
    code = ttypes.TStatusCode.ERROR_STATUS
    if isinstance(error, DatabricksError) and error.error_class == "INVALID_HANDLE":
        code = ttypes.TStatusCode.INVALID_HANDLE_STATUS
    return ttypes.TStatus(
        statusCode=code, sqlState=getattr(error, "sqlstate", "XX000"), errorMessage=str(error), errorCode=0
    )


def _handle(identifier: bytes) -> ttypes.THandleIdentifier:
    return ttypes.THandleIdentifier(guid=identifier, secret=identifier)


def _form(req: ttypes.TExecuteStatementReq) -> Form:
    native = req.useArrowNativeTypes
    return Form(
        native_complex=bool(native and native.complexTypesAsArrow),
        native_interval=bool(native and native.intervalTypesAsArrow),
        lz4=bool(req.canDecompressLZ4Result),
    )


def _parameter(one: ttypes.TSparkParameter) -> Parameter:
    items = tuple(_item(item) for item in one.arguments or ())
    return Parameter(one.name, one.type or "STRING", one.value.stringValue if one.value else None, items)


def _item(one: ttypes.TSparkParameterValueArg) -> Parameter:
    return Parameter(None, one.type, one.value, tuple(_item(item) for item in one.arguments or ()))
