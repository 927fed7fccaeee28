"""COPY INTO: parses the statement, picks the files that are new, and hands them to the loader."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass, field
from pathlib import Path

from localbricks.engine.results import AFFECTED_ROWS, Result
from localbricks.errors import DatabricksError
from localbricks.limits import refusal
from localbricks.sql.lexer import Reader, Statement
from localbricks.sql.outcome import Answered, Outcome, Rule
from localbricks.sql.session import SqlSession, TableName
from localbricks.volumes.loader import Load, SourceFile, load
from localbricks.volumes.paths import local_path

MAX_FILES = 1000
_FORMATS = ("csv", "json", "parquet", "text", "orc", "avro")


@dataclass(frozen=True)
class _Source:
    """Where the files are.

    Attributes:
        folder: the local folder.
        public: the folder as Databricks names it, spelt in one way only: by it a file is known as loaded.
        file: the name of the file, where the source is one.
    """

    folder: Path
    public: str
    file: str | None = None


@dataclass
class CopyInto:
    """A parsed statement."""

    target: TableName
    source: str = ""
    select: str | None = None
    file_format: str = ""
    files: list[str] | None = None
    pattern: str | None = None
    format_options: dict[str, str] = field(default_factory=dict)
    copy_options: dict[str, str] = field(default_factory=dict)


def copy_into(statement: Statement, session: SqlSession) -> Outcome | None:
    """`COPY INTO t FROM {path | (SELECT … FROM path)} FILEFORMAT = f [FILES|PATTERN] [FORMAT_OPTIONS] [COPY_OPTIONS]`."""
    if not statement.starts("copy", "into"):
        return None
    parsed = _parse(statement, session)
    entry = session.catalog.require(parsed.target.schema, parsed.target.table)
    if entry.provider != "delta":
        raise DatabricksError("COPY_INTO_NON_DELTA_TARGET", f"{parsed.target.sql} is no Delta table.", "42809")
    source = _source(session, parsed.source)
    files = _candidates(parsed, source)
    request = Load(
        schema=parsed.target.schema,
        table=parsed.target.table,
        location=entry.location or "",
        root=source.folder,
        public_root=source.public,
        files=files,
        file_format=parsed.file_format,
        format_options=parsed.format_options,
        select=parsed.select,
        force=parsed.copy_options.get("force", "false").lower() == "true",
        merge_schema=parsed.copy_options.get("mergeschema", "false").lower() == "true",
    )
    inserted = load(session.spark, request)
    columns = f"{AFFECTED_ROWS} bigint, num_inserted_rows bigint, num_skipped_corrupt_files bigint"
    return Answered(Result.from_rows(columns, [(inserted, inserted, 0)], session.home.tmp))


def _parse(statement: Statement, session: SqlSession) -> CopyInto:
    reader = statement.reader()
    reader.expect("copy", "into")
    parsed = CopyInto(session.table_name(reader.name()))
    if reader.peek("by", "position") or reader.peek("("):
        raise refusal("copy into by position")
    reader.expect("from")
    if reader.take("("):
        parsed.select, parsed.source = _select(reader, statement)
    else:
        parsed.source = _path(reader)
    while not reader.done:
        _clause(reader, parsed)
    if parsed.file_format not in _FORMATS:
        found = parsed.file_format or "none"
        raise DatabricksError("COPY_INTO_SOURCE_FILE_FORMAT_NOT_SUPPORTED", f"FILEFORMAT is {found}.", "0A000")
    _check_options(parsed)
    return parsed


def _check_options(parsed: CopyInto) -> None:
    if "rescueddatacolumn" in parsed.format_options and parsed.file_format != "csv":
        raise refusal("copy into with rescued data")
    if parsed.format_options.get("inferschema", "false").lower() == "true":
        raise refusal("copy into with inferSchema")


def _clause(reader: Reader, parsed: CopyInto) -> None:
    if reader.take("fileformat"):
        reader.expect("=")
        parsed.file_format = reader.next().value.lower()
    elif reader.take("files"):
        reader.expect("=")
        parsed.files = reader.listed(reader.string)
        if len(parsed.files) > MAX_FILES:
            raise DatabricksError(
                "INVALID_PARAMETER_VALUE", f"FILES names {len(parsed.files)}, at most {MAX_FILES}.", "22023"
            )
    elif reader.take("pattern"):
        reader.expect("=")
        parsed.pattern = reader.string()
    elif reader.take("format_options"):
        parsed.format_options = {key.lower(): value for key, value in _options(reader).items()}
    elif reader.take("copy_options"):
        parsed.copy_options = {key.lower(): value for key, value in _options(reader).items()}
    elif reader.peek("validate"):
        raise refusal("copy into validate")
    else:
        raise reader.error("Expected FILEFORMAT, FILES, PATTERN, FORMAT_OPTIONS or COPY_OPTIONS.")


def _select(reader: Reader, statement: Statement) -> tuple[str, str]:
    reader.expect("select")
    first = reader.token
    depth = 0
    while (token := reader.token) is not None and not (depth == 0 and token.lower == "from"):
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        reader.next()
    if first is None or reader.token is None:
        raise reader.error("Expected SELECT … FROM path.")
    expressions = statement.text[first.start : reader.token.start]
    reader.expect("from")
    source = _path(reader)
    reader.expect(")")
    return expressions, source


def _path(reader: Reader) -> str:
    token = reader.next()
    if reader.peek("with"):
        raise refusal("copy into with a credential")
    return token.value


def _options(reader: Reader) -> dict[str, str]:
    return dict(reader.listed(lambda: _option(reader)))


def _option(reader: Reader) -> tuple[str, str]:
    key = reader.next().value
    reader.expect("=")
    return key, reader.next().value


def _source(session: SqlSession, path: str) -> _Source:
    if session.volumes.is_volume_path(path):
        local, public = session.volumes.resolve(path), session.volumes.canonical(path)
    else:
        local = local_path(path)
        public = f"file://{local}"
    if not local.exists():
        raise DatabricksError("PATH_NOT_FOUND", f"Path does not exist: {path}.", "42K03")
    if local.is_file():
        return _Source(local.parent, public.rpartition("/")[0], local.name)
    return _Source(local, public)


def _candidates(parsed: CopyInto, source: _Source) -> list[SourceFile]:
    root = source.folder
    if source.file is not None:
        return [SourceFile(source.file, root / source.file)]
    if parsed.files is not None:
        return [_named(root, name) for name in parsed.files]
    recursive = parsed.format_options.get("recursivefilelookup", "false").lower() == "true"
    recursive = recursive or "/" in (parsed.pattern or "")
    found = root.rglob("*") if recursive else root.iterdir()
    relative = sorted(path.relative_to(root).as_posix() for path in found if path.is_file())
    visible = [name for name in relative if not any(part.startswith(("_", ".")) for part in name.split("/"))]
    if parsed.pattern:
        visible = [name for name in visible if _matches(name, parsed.pattern)]
    return [SourceFile(name, root / name) for name in visible]


def _named(root: Path, name: str) -> SourceFile:
    path = root / name
    if not path.resolve().is_relative_to(root.resolve()):
        raise DatabricksError(
            "INVALID_PARAMETER_VALUE", f"FILES names {name!r}, which is not below the source.", "22023"
        )
    if not path.is_file():
        raise DatabricksError("PATH_NOT_FOUND", f"Path does not exist: {name}.", "42K03")
    return SourceFile(name, path)


def _matches(name: str, pattern: str) -> bool:
    """A glob with `{a,b}` alternatives and `[^a]`."""
    start = pattern.find("{")
    end = pattern.find("}", start)
    if start >= 0 and end > start:
        alternatives = pattern[start + 1 : end].split(",")
        return any(_matches(name, pattern[:start] + one + pattern[end + 1 :]) for one in alternatives)
    return fnmatch.fnmatchcase(name, pattern.replace("[^", "[!"))


RULES: list[tuple[tuple[str, ...], Rule]] = [(("copy",), copy_into)]
