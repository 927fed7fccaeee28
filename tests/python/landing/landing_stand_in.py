"""A stand-in for the warehouse: the statements of the landing on DuckDB, COPY INTO by hand.

It knows what `rwe.landing.ingest` sends and nothing else. What the SQL means on Spark is tested
elsewhere, against Spark.
"""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import duckdb
import sqlglot

from rwe.feeds import Contract
from rwe.landing.ingest import IngestReport, ingest
from rwe.landing.inspect import split_record

CATALOG = "spark_catalog"


class StandIn:
    """A DB-API connection. `statements` are all that were sent."""

    def __init__(self) -> None:
        self.db = duckdb.connect()
        self.db.execute(f"attach ':memory:' as {CATALOG}")
        self.volumes: dict[str, str] = {}
        self.copied: set[tuple[str, str]] = set()
        self.statements: list[str] = []
        self.stop_before: str | None = None
        """A run is stopped before the first statement that contains this text."""
        self.refused_files: set[str] = set()
        """COPY INTO fails when it names one of these."""
        self.lost_rows = 0
        """So many rows are lost by each COPY INTO."""

    def cursor(self) -> Cursor:
        return Cursor(self)

    def rows(self, statement: str) -> list[tuple]:
        """Rows of a query in DuckDB's own SQL. Names need the catalog and the schema."""
        return self.db.execute(statement).fetchall()

    def sent(self, text: str) -> int:
        """Number of statements that contain a text."""
        return sum(text in statement for statement in self.statements)


class Stopped(BaseException):
    """The run was killed."""


class Cursor:
    def __init__(self, stand_in: StandIn) -> None:
        self.stand_in = stand_in
        self.result: list[tuple] = []

    def execute(self, statement: str) -> None:
        stand_in = self.stand_in
        if stand_in.stop_before and stand_in.stop_before in statement:
            raise Stopped
        stand_in.statements.append(statement)
        words = statement.split()
        name = words[-1] if words[0] in ("show", "describe") else ""
        if words[:2] == ["create", "schema"]:
            stand_in.db.execute(f"create schema if not exists {_quotes(words[5])}")
        elif words[:3] == ["create", "external", "volume"]:
            stand_in.volumes.setdefault(words[6], words[8].strip("'"))
        elif words[:2] == ["describe", "volume"]:
            self.result = [("landing", CATALOG, "raw", "me", stand_in.volumes[name], "EXTERNAL")]
        elif words[:2] == ["drop", "volume"]:
            stand_in.volumes.pop(words[-1], None)
        elif words[:2] == ["show", "tables"]:
            schema = name.split(".")[1].strip("`")
            self.result = stand_in.rows(
                f"select schema_name, table_name, false from duckdb_tables() "
                f"where database_name = '{CATALOG}' and schema_name = '{schema}'"
            )
        elif words[:2] == ["describe", "table"]:
            self.result = stand_in.rows(f"describe {_quotes(name)}")
        elif words[:2] == ["copy", "into"]:
            self._copy(statement)
        else:
            if words[0] == "drop":
                table = words[-1]
                stand_in.copied = {pair for pair in stand_in.copied if pair[0] != table}
            self.result = stand_in.db.execute(_duckdb_sql(statement)).fetchall()

    def fetchall(self) -> list[tuple]:
        return self.result

    def close(self) -> None:
        pass

    def _copy(self, statement: str) -> None:
        stand_in = self.stand_in
        table = statement.split()[2]
        volume = ".".join([*table.split(".")[:2], "`landing`"])
        folder = Path(unquote(stand_in.volumes[volume]).removeprefix("file://"))
        files = re.search(r"^files = \((.*)\)$", statement, re.MULTILINE)[1]
        paths = [f.replace("\\'", "'") for f in re.findall(r"'((?:[^'\\]|\\.)*)'", files)]
        if refused := stand_in.refused_files & set(paths):
            raise RuntimeError(f"[FAILED_READ_FILE] {sorted(refused)}")
        selected = re.findall(r"^        (.*?) as `(\w+)`,?$", statement, re.MULTILINE)
        delimiter = re.search(r"'delimiter' = '(.*?)'", statement)[1].replace("\\u0009", "\t")
        quote = re.search(r"'quote' = '(.*?)'", statement)[1].replace("\\uffff", "\uffff")
        for path in paths:
            if (table, path) in stand_in.copied:
                continue
            stand_in.copied.add((table, path))
            records = list(_records(folder / path, delimiter, quote))
            header = records.pop(0)
            for position, record in enumerate(records[stand_in.lost_rows :], 1):
                row = dict(zip(header, record, strict=False))
                values = [_value(source, target, row, path, position) for source, target in selected]
                marks = ", ".join("?" * len(values))
                columns = ", ".join(f'"{target}"' for _, target in selected)
                stand_in.db.execute(f"insert into {_quotes(table)} ({columns}) values ({marks})", values)


def _records(path: Path, delimiter: str, quote: str) -> Iterator[list[str]]:
    content = path.read_bytes()
    if path.name.endswith(".gz"):
        content = gzip.decompress(content)
    for line in content.decode("utf-8-sig").splitlines():
        if line.strip():
            yield split_record(line, delimiter, quote)


def _value(source: str, target: str, row: dict[str, str], path: str, position: int) -> object:
    if target == "_file_path":
        return path
    if target == "_row_position":
        return position
    if target == "_rescued_data" and "named_struct" in source:
        names = re.findall(r", `(.*?)`", source)
        return str({name: row.get(name) for name in names})
    if target == "_header_generation":
        found = re.search(r"'(.*)'", source)
        return found[1] if found else None
    if source.startswith("`"):
        return row.get(source.strip("`")) or None
    return None


def _quotes(name: str) -> str:
    return name.replace("`", '"')


def _duckdb_sql(statement: str) -> str:
    if statement.startswith("create table"):
        statement = re.sub(r" comment '(?:[^'\\]|\\.)*'", "", statement)
        statement = re.sub(r"\nusing delta\ncomment .*", "", statement)
        return _quotes(statement).replace(" string", " varchar")
    if statement.startswith("alter table"):
        columns = re.findall(r"(`\w+`) (\w+) comment '(?:[^'\\]|\\.)*' (?:after `\w+`|first)", statement)
        table = statement.split()[2]
        assert len(columns) == 1, "the stand-in adds one column at a time"
        return f"alter table {_quotes(table)} add column {_quotes(columns[0][0])} varchar"
    statement = statement.replace("unix_micros(", "epoch_us(")
    statement = statement.replace("timestamp_micros(", "make_timestamp(")
    text = sqlglot.transpile(statement, read="databricks", write="duckdb")[0]
    return text.replace("CURRENT_TIMESTAMP", "CAST(CURRENT_TIMESTAMP AS TIMESTAMP)")


class Landing:
    """A landing folder with a stand-in warehouse to load it into."""

    def __init__(self, folder: Path, contract: Contract) -> None:
        self.folder = folder
        self.contract = contract
        self.warehouse = StandIn()
        (folder / contract.feed).mkdir(parents=True)

    def put(self, name: str, content: str | bytes, seconds: int = 1_700_000_000) -> Path:
        """Write a file of the shop with a modification time of its own."""
        path = self.folder / self.contract.feed / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        os.utime(path, (seconds, seconds))
        return path

    def run(self, *, reset: bool = False) -> IngestReport:
        """Run the ingest and forget the statements sent before."""
        self.warehouse.statements.clear()
        contracts = {self.contract.feed: self.contract}
        return ingest([self.warehouse], contracts, self.folder, CATALOG, reset=contracts if reset else ())

    def manifest(self) -> list[tuple]:
        """Rows of raw_landing.files: path, status, records, in order."""
        return self.warehouse.rows(
            f"select file_path, status, count_records from {CATALOG}.raw_landing.files order by all"
        )

    def sales(self) -> list[tuple]:
        """Rows of the raw table: path, position, id, in order."""
        return self.warehouse.rows(
            f"select _file_path, _row_position, sale_id from {CATALOG}.raw_shop.sale order by all"
        )
