"""The project as its users have it: a home folder of its own, the commands `rwe` and `dbt`, and queries."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import imported_dbt
import pandas as pd
import psutil

from localbricks.client import connect
from localbricks.home import Home
from rwe.demo.report import read_report

ROOT = Path(__file__).parents[3]
BIN = Path(sys.executable).parent
LATE = {
    "au_pbs": "dos_*",
    "br_sngpc": "EDA_*",
    "dk_medstat": "20*",
    "fr_open_medic": "OPEN_MEDIC_*",
    "us_sdud": "*_202?????.csv",
}
"""Files of sales by feed, of which some come late to the second build."""
LATE_BRITISH = "EPD_201503.csv"
"""Of the British ones all that have a month's records have a malformed one too, so this is one of the bad files."""
MONTHS = {"month": 1, "quarter": 3, "year": 12}
"""Months of a period by its grain."""
PATIENTS = (
    *("path:models/staging/synthea", "path:models/intermediate/omop", "person", "death", "row_accounts"),
    *("--exclude", "path:models/staging/synthea/quarantine_*", "int_omop__*_merged"),
)
"""Selects what leads to the events of patients, and what shows people: the other tables are projections of them."""
LOAD_METADATA = {"_loaded_at", "_file_modified_at", "loaded_at", "ingested_at", "file_modified_at", "source_version"}
"""Columns that say when and from which load a row came: they differ between loads of the same records."""
PLACE = frozenset({"_row_position"})
"""What shuffling the records of a file changes by itself."""


def late_sales(landing: Path) -> list[Path]:
    """Two files of every market, one of the British, without malformed records: those concern the rows of all feeds."""
    report = read_report(landing).files
    well_formed = {(file.feed, file.file_path) for file in report if file.count_clean and not file.count_malformed}
    late = [landing / "uk_epd" / LATE_BRITISH]
    for feed, pattern in LATE.items():
        late += [path for path in sorted((landing / feed).glob(pattern)) if (feed, path.name) in well_formed][-2:]
    return late


@dataclass
class ProjectInUse:
    """Commands on one home folder."""

    home: Path
    said: str = ""
    """What the first build printed."""
    said_again: str = ""
    """What the second build printed."""
    fewer_sales: dict[str, int] = field(default_factory=dict)
    """Rows of the fact by feed after the first build."""

    @property
    def environment(self) -> dict[str, str]:
        """What a shell has after `source <home>/env`."""
        script = f'set -a; source "{self.home}/env"; env -0' if (self.home / "env").exists() else "env -0"
        text = subprocess.run(
            ["bash", "-c", script],
            env={**os.environ, "RWE_HOME": str(self.home), "LOCALBRICKS_HOME": str(self.home / "localbricks")},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        pairs = (entry.split("=", 1) for entry in text.split("\0") if "=" in entry)
        return {key: value for key, value in pairs if key not in ("RWE_LANDING", "PYTEST_CURRENT_TEST")}

    def command(self, *arguments: str) -> list[str]:
        """A command of the project's own environment."""
        return [str(BIN / arguments[0]), *arguments[1:]]

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the project's folder, for example `run("dbt", "build")`."""
        environment = {**self.environment, "NO_COLOR": "1", "DBT_USE_COLORS": "false", **variables}
        if arguments[0] == "dbt":
            return imported_dbt.run(arguments[1:], ROOT, environment)
        command = self.command(*arguments)
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    def good(self, *arguments: str, **variables: str) -> str:
        """Run a command that must end well; all that it printed."""
        done = self.run(*arguments, **variables)
        assert done.returncode == 0, f"{arguments}: {done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        return done.stdout + done.stderr

    def rows(self, statement: str) -> list[dict[str, Any]]:
        """The rows of a query."""
        with connect(Home(self.home / "localbricks")) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return [row.asDict() for row in cursor.fetchall()]

    def row(self, statement: str) -> dict[str, Any]:
        """The only row of a query."""
        (only,) = self.rows(statement)
        return only

    def count_sales(self) -> dict[str, int]:
        """Rows of the fact by feed."""
        found = self.rows("select source_feed, count(*) as n from market.fct_sales group by source_feed")
        return {row["source_feed"]: row["n"] for row in found}

    def frame(self, statement: str) -> pd.DataFrame:
        """The rows of a query, decimals as floats."""
        found = pd.DataFrame(self.rows(statement))
        for name in found.columns:
            if found[name].map(lambda value: isinstance(value, Decimal)).any():
                found[name] = found[name].astype(float)
        return found

    def hashes(
        self, *schemas: str, like: str = "%", without: frozenset[str] = frozenset()
    ) -> dict[str, tuple[int, str]]:
        """Rows and an order-free hash of every table and view of a name in some schemas, load metadata left out."""
        names = ", ".join(f"'{schema}'" for schema in schemas)
        columns: dict[str, list[str]] = {}
        for row in self.rows(
            "select table_schema, table_name, column_name from system.information_schema.columns "
            f"where table_schema in ({names}) and table_name like '{like}' order by table_schema, table_name, ordinal_position"
        ):
            if row["column_name"] not in LOAD_METADATA | without:
                columns.setdefault(f"{row['table_schema']}.{row['table_name']}", []).append(f"`{row['column_name']}`")
        assert columns
        parts = [
            f"select '{table}' as name, count(*) as n, "
            f"cast(sum(cast(xxhash64({', '.join(found)}) as decimal(38, 0))) as string) as h from {table}"
            for table, found in columns.items()
        ]
        return {row["name"]: (row["n"], row["h"]) for row in self.rows(" union all ".join(parts))}

    def status(self) -> dict[str, Any]:
        """Port and process ids of the local workspace."""
        return json.loads(self.good("rwe", "status").splitlines()[0])

    def kill_during(self, arguments: tuple[str, ...], victim: str, moment: Callable[[str], bool]) -> None:
        """Start a command, and `kill -9` the server, the JVM or the command when a line of its output says so."""
        status = self.status()
        process = subprocess.Popen(
            self.command(*arguments),
            cwd=ROOT,
            env={**self.environment, "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None
        pid = {"server": status["pid"], "jvm": status["jvm_pid"], "command": process.pid}[victim]
        said = []
        for line in process.stdout:
            said.append(line)
            if moment(line):
                break
        else:
            raise AssertionError(f"{arguments} ended before its moment came: {''.join(said)[-3000:]}")
        assert process.poll() is None, "the command had ended already"
        children = psutil.Process(process.pid).children(recursive=True)
        os.kill(pid, signal.SIGKILL)
        process.stdout.read()
        assert process.wait() != 0, "nothing was in the way of the command"
        psutil.wait_procs(children, timeout=30)
