"""Malformed messages: good ones, changed at random in ways that readers of bytes, of JSON and of paths trip over."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from databricks.sql.thrift_api.TCLIService import TCLIService, ttypes
from thrift.protocol.TBinaryProtocol import TBinaryProtocol
from thrift.transport.TTransport import TMemoryBuffer

_NUMBERS = (b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\x80\x00\x00\x00", b"\x00\x00\x00\x00", b"\x00\x0f\x42\x40")
_VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    2**63,
    1e308,
    "",
    "\0",
    "\ud800",
    "../../token",
    "/Volumes/spark_catalog/fuzz/files/../../../token",
    "'; drop schema fuzz cascade; --",
    "` or 1=1 --",
    "x" * 5000,
    "%00%2e%2e",
    [],
    {},
    [[[[]]]],
    {"a": {"b": {"c": None}}},
    ["a", 1],
)
_SEGMENTS = ("..", "%2e%2e", "%2f", "", ".", "%00", "a" * 3000, "%", "%zz", "\\..\\", ";", "?", "#", "%252e", "é", "*")


def thrift_messages(session: bytes, operation: bytes) -> list[bytes]:
    """One good message of each call that the server has, as the connector writes them."""
    handle = ttypes.TSessionHandle(ttypes.THandleIdentifier(session, session))
    running = ttypes.TOperationHandle(
        ttypes.THandleIdentifier(operation, operation), ttypes.TOperationType.EXECUTE_STATEMENT, hasResultSet=True
    )
    direct = ttypes.TSparkGetDirectResults(maxRows=100, maxBytes=1_000_000)
    parameter = ttypes.TSparkParameter(name="p", type="INT", value=ttypes.TSparkParameterValue(stringValue="1"))
    namespace = ttypes.TNamespace(catalogName="spark_catalog", schemaName="fuzz")
    calls: dict[str, Any] = {
        "OpenSession": ttypes.TOpenSessionReq(
            client_protocol_i64=42247, configuration={"ansi_mode": "true"}, initialNamespace=namespace
        ),
        "ExecuteStatement": ttypes.TExecuteStatementReq(
            sessionHandle=handle, statement="select :p as x", getDirectResults=direct, parameters=[parameter]
        ),
        "GetOperationStatus": ttypes.TGetOperationStatusReq(operationHandle=running),
        "FetchResults": ttypes.TFetchResultsReq(operationHandle=running, maxRows=10, maxBytes=1000),
        "GetResultSetMetadata": ttypes.TGetResultSetMetadataReq(operationHandle=running),
        "CancelOperation": ttypes.TCancelOperationReq(operationHandle=running),
        "CloseOperation": ttypes.TCloseOperationReq(operationHandle=running),
        "GetInfo": ttypes.TGetInfoReq(sessionHandle=handle, infoType=ttypes.TGetInfoType.CLI_DBMS_NAME),
        "GetCatalogs": ttypes.TGetCatalogsReq(sessionHandle=handle, getDirectResults=direct),
        "GetSchemas": ttypes.TGetSchemasReq(sessionHandle=handle, schemaName="fu%", getDirectResults=direct),
        "GetTables": ttypes.TGetTablesReq(
            sessionHandle=handle, schemaName="fuzz", tableName="%", getDirectResults=direct
        ),
        "GetColumns": ttypes.TGetColumnsReq(sessionHandle=handle, schemaName="fuzz", getDirectResults=direct),
        "CloseSession": ttypes.TCloseSessionReq(
            sessionHandle=ttypes.TSessionHandle(ttypes.THandleIdentifier(b"\0" * 16, b"\0" * 16))
        ),
    }
    return [_written(name, request) for name, request in calls.items()]


def _written(name: str, request: Any) -> bytes:
    buffer = TMemoryBuffer()
    client = TCLIService.Client(TBinaryProtocol(buffer))
    getattr(client, f"send_{name}")(request)
    return bytes(buffer.getvalue())


def mutated(random: Random, message: bytes, others: list[bytes]) -> bytes:
    """A message with one to four changes."""
    changed = bytearray(message)
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(changed) + 1)
        end = min(len(changed), at + random.randint(1, 16))
        match random.randrange(9):
            case 0 if at < len(changed):
                changed[at] ^= 1 << random.randrange(8)
            case 1 if at < len(changed):
                changed[at] = random.choice((0, 1, 11, 12, 13, 15, 127, 128, 255))
            case 2:
                del changed[at:end]
            case 3:
                changed[at:at] = changed[at:end] * random.randint(1, 20)
            case 4:
                changed[at:at] = random.randbytes(random.randint(1, 64))
            case 5:
                del changed[at:]
            case 6:
                other = random.choice(others)
                changed[at:] = other[random.randrange(len(other)) :]
            case 7:
                changed[at : at + 4] = random.choice(_NUMBERS)
            case _:
                # A struct in a struct in a struct …, or a list of lists, without an end.
                changed[at:at] = random.choice((b"\x0c\x00\x01", b"\x0f\x00\x00\x00\x01")) * random.randint(10, 3000)
    return bytes(changed)


def mutated_json(random: Random, value: Any) -> Any:
    """A JSON value with one value in it replaced, removed or put elsewhere."""
    if isinstance(value, dict) and value and random.random() < 0.9:
        key = random.choice(list(value))
        rest = {name: one for name, one in value.items() if name != key}
        match random.randrange(4):
            case 0:
                return rest
            case 1:
                return rest | {random.choice(["", "\0", "__class__", key.upper()]): value[key]}
            case _:
                return rest | {key: mutated_json(random, value[key])}
    if isinstance(value, list) and value and random.random() < 0.7:
        index = random.randrange(len(value))
        return [*value[:index], mutated_json(random, value[index]), *value[index + 1 :]]
    return random.choice(_VALUES)


def mutated_path(random: Random, path: str) -> str:
    """A path with a segment replaced, added or removed."""
    parts = path.split("/")
    at = random.randrange(1, len(parts) + 1)
    end = random.choice((at, min(at + 1, len(parts))))
    parts[at:end] = [random.choice(_SEGMENTS) for _ in range(random.randint(0, 3))]
    return "/".join(parts) or "/"


REST: tuple[tuple[str, str, Any], ...] = (
    ("GET", "/api/2.0/clusters/list", None),
    ("GET", "/api/2.1/clusters/get?cluster_id=0000-000000-localbricks", None),
    ("GET", "/api/2.0/libraries/cluster-status?cluster_id=0000-000000-localbricks", None),
    ("GET", "/api/2.0/sql/warehouses/localbricks", None),
    ("GET", "/api/2.0/sql/history/queries?max_results=5&include_metrics=true&page_token=1", None),
    ("GET", "/api/2.0/preview/scim/v2/Me", None),
    ("GET", "/api/2.0/preview/scim/v2/Users?startIndex=1", None),
    ("POST", "/api/2.0/workspace/mkdirs", {"path": "/Shared/fuzz"}),
    (
        "POST",
        "/api/2.0/workspace/import",
        {"path": "/Shared/fuzz", "format": "SOURCE", "language": "PYTHON", "content": "eD0x", "overwrite": True},
    ),
    ("GET", "/api/2.0/workspace/export?path=/Shared/fuzz&format=SOURCE&direct_download=true", None),
    ("GET", "/api/2.0/workspace/list?path=/Shared", None),
    ("POST", "/api/2.0/workspace/delete", {"path": "/Shared/fuzz", "recursive": True}),
    ("POST", "/api/1.2/contexts/create", {"clusterId": "none", "language": "python"}),
    ("GET", "/api/1.2/contexts/status?clusterId=0000-000000-localbricks&contextId=1", None),
    ("POST", "/api/1.2/contexts/destroy", {"clusterId": "0000-000000-localbricks", "contextId": "1"}),
    (
        "POST",
        "/api/1.2/commands/execute",
        {"clusterId": "0000-000000-localbricks", "contextId": "1", "language": "python", "command": "x = 1"},
    ),
    ("GET", "/api/1.2/commands/status?clusterId=0000-000000-localbricks&contextId=1&commandId=2", None),
    ("GET", "/api/2.1/jobs/list?limit=5", None),
    ("GET", "/api/2.1/jobs/get?job_id=1", None),
    ("GET", "/api/2.1/jobs/runs/get?run_id=1", None),
    ("GET", "/api/2.1/jobs/runs/get-output?run_id=1", None),
    ("POST", "/api/2.1/jobs/runs/cancel", {"run_id": 1}),
    ("POST", "/api/2.1/jobs/run-now", {"job_id": 1}),
    (
        "PATCH",
        "/api/2.0/permissions/jobs/1",
        {"access_control_list": [{"user_name": "x", "permission_level": "CAN_VIEW"}]},
    ),
    ("PUT", "/api/2.0/fs/files/Volumes/spark_catalog/fuzz/files/a/b.csv?overwrite=true", "x,y"),
    ("GET", "/api/2.0/fs/files/Volumes/spark_catalog/fuzz/files/a/b.csv", None),
    ("HEAD", "/api/2.0/fs/files/Volumes/spark_catalog/fuzz/files/a/b.csv", None),
    ("PUT", "/api/2.0/fs/directories/Volumes/spark_catalog/fuzz/files/d", None),
    ("GET", "/api/2.0/fs/directories/Volumes/spark_catalog/fuzz/files?page_size=2&page_token=0", None),
    ("DELETE", "/api/2.0/fs/files/Volumes/spark_catalog/fuzz/files/a/b.csv", None),
    ("GET", "/metrics", None),
    ("GET", "/status", None),
)


def http_message(random: Random, token: str, port: int) -> bytes:
    """A request of the REST API, its path, its JSON or its very bytes changed."""
    method, target, body = random.choice(REST)
    path, mark, query = target.partition("?")
    kind = random.randrange(4)
    if kind == 0:
        path = mutated_path(random, path)
    elif kind == 1 and query:
        query = "&".join(
            f"{pair.partition('=')[0]}={random.choice(_SEGMENTS)}" if random.random() < 0.5 else pair
            for pair in query.split("&")
        )
    content = body.encode() if isinstance(body, str) else b""
    if isinstance(body, dict):
        content = json.dumps(mutated_json(random, body) if kind == 2 else body).encode()
    head = (
        f"{method} {path}{mark}{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Length: {len(content)}\r\nConnection: close\r\n\r\n"
    ).encode("utf-8", "surrogatepass")
    message = head + content
    return mutated(random, message, [message]) if kind == 3 else message
