"""`read_files(path, format => …, …)` in a query: the files of a volume as a temporary view, a stream where it says STREAM.

Columns go by name, or the files are refused: nothing slips. Without `schema` it is inferred from all files, and the
column `_rescued_data`, which Databricks adds then, is empty: what is inferred from a file fits it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from localbricks.engine.session import EngineSession
from localbricks.errors import DatabricksError
from localbricks.limits import refusal
from localbricks.sql.lexer import Edit, Kind, Reader, Statement, quoted, replaced
from localbricks.sql.outcome import READING, Outcome, Rewritten, Rule
from localbricks.sql.session import SqlSession

_FORMATS = {"csv", "json", "parquet", "orc", "text"}
# Options that Spark's readers have under the same name, or the name behind the colon.
_OPTIONS = {
    *("header", "sep", "delimiter", "quote", "escape", "multiline", "encoding", "charset", "dateformat", "nullvalue"),
    *("timestampformat", "timestampntzformat", "mode", "comment", "linesep", "wholetext", "locale", "emptyvalue"),
    *(
        "recursivefilelookup",
        "pathglobfilter",
        "ignoreleadingwhitespace",
        "ignoretrailingwhitespace",
        "primitivesasstring",
    ),
}
_NAMES = {"filenamepattern": "pathGlobFilter", "globfilter": "pathGlobFilter"}


@dataclass(frozen=True)
class _Call:
    """A call: tokens `start` to `end`, a stream or not."""

    start: int
    end: int
    is_stream: bool
    path: str
    options: dict[str, str]


def read_files(statement: Statement, session: SqlSession) -> Outcome | None:
    """A query that reads files."""
    if "read_files" not in statement.text.lower():
        return None
    text, views = expand(statement, session, session.spark)
    if not views:
        return None
    if statement.starts("create") and "view" in statement.head and "temporary" not in statement.head:
        raise refusal("read_files in a view")
    is_lasting = "temporary" in statement.head
    return Rewritten(text, temporary_views=() if is_lasting else tuple(views))


def expand(statement: Statement, session: SqlSession, spark: EngineSession) -> tuple[str, list[str]]:
    """The text with each call replaced by a view of the session that is to run it, and the views."""
    edits: list[Edit] = []
    views: list[str] = []
    for call in _calls(statement):
        view = f"__read_files_{session.tag[:12]}_{len(views)}"
        _register(session, spark, call, view)
        edits.append((statement.tokens[call.start].start, statement.tokens[call.end - 1].end, quoted(view)))
        views.append(view)
    return replaced(statement.text, edits), views


def _calls(statement: Statement) -> list[_Call]:
    found = statement.tokens
    calls = []
    for index, token in enumerate(found[:-1]):
        if token.lower != "read_files" or found[index + 1].text != "(":
            continue
        reader = Reader(statement)
        reader.position = index + 2
        path, options = _arguments(reader)
        start, end = index, reader.position
        before = found[index - 1].lower if index else ""
        is_stream = before == "stream"
        if before == "(" and index > 1 and found[index - 2].lower == "stream":
            reader.expect(")")
            start, end, is_stream = index - 2, reader.position, True
        elif is_stream:
            start = index - 1
        calls.append(_Call(start, end, is_stream, path, options))
    return calls


def _arguments(reader: Reader) -> tuple[str, dict[str, str]]:
    path = ""
    options: dict[str, str] = {}
    while True:
        if reader.token is not None and reader.token.kind is Kind.STRING:
            path = reader.string()
        else:
            name = reader.next().value.lower()
            reader.expect("=")
            reader.expect(">")
            value = reader.next().value
            if name == "path":
                path = value
            else:
                options[name] = value
        if reader.take(")"):
            return path, options
        reader.expect(",")


def _register(session: SqlSession, spark: EngineSession, call: _Call, view: str) -> None:
    if not session.volumes.is_volume_path(call.path):
        raise refusal("read_files outside volumes", call.path)
    path = session.volumes.resolve(call.path)
    if not path.exists():
        raise DatabricksError("PATH_NOT_FOUND", f"Path does not exist: {call.path}.", "42K03")
    options = dict(call.options)
    file_format = options.pop("format", "").lower()
    if file_format not in _FORMATS:
        raise refusal("read_files of other formats", f"format {file_format or 'not given'}")
    schema = options.pop("schema", None)
    unknown = [name for name in options if name not in _OPTIONS and name not in _NAMES]
    if unknown:
        raise refusal("read_files options", unknown[0])
    try:
        batch = _reader(spark.java.read(), file_format, options, schema).load(str(path))
        frame = batch
        if call.is_stream:
            streaming = _reader(spark.java.readStream(), file_format, options, None)
            frame = streaming.schema(batch.schema()).load(str(path))
        if schema is None and file_format != "text":
            frame = frame.selectExpr(spark.string_array(["*", "cast(null as string) as _rescued_data"]))
        frame.createOrReplaceTempView(view)
    except Exception as error:
        raise spark.error(error) from error


def _reader(reader: Any, file_format: str, options: dict[str, str], schema: str | None) -> Any:
    reader = reader.format(file_format)
    for name, value in options.items():
        reader = reader.option(_NAMES.get(name, name), value)
    if file_format == "csv":
        # A header that does not have the columns is an error.
        reader = reader.option("enforceSchema", "false")
        reader = reader.option("inferSchema", str(schema is None).lower())
    if file_format == "parquet":
        reader = reader.option("mergeSchema", "true")
    return reader.schema(schema) if schema is not None else reader


RULES: list[tuple[tuple[str, ...], Rule]] = [(READING, read_files)]
