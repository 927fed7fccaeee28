"""Resident memory of a workspace: the server and its JVM after the start, under load, and at rest again.

The load is what a dbt build is to the engine: many small tables written and read by several clients, and results of some
size. Prints a table. Run it on a machine that does nothing else:

    .local/venv/bin/python benchmarks/memory.py
"""

from __future__ import annotations

import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import typer
from rich.console import Console
from rich.table import Table

from localbricks.client import connect
from localbricks.home import Home
from localbricks.lifecycle import daemon
from localbricks.lifecycle.state import ServerState

MIB = 1024**2


def main(clients: int = 4, statements: int = 150, rows: int = 500_000) -> None:
    """Let `clients` run `statements` small statements each, then fetch `rows` rows, and take the memory meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home")
        start = time.monotonic()
        state = daemon.up(home, 0)
        up = time.monotonic() - start
        try:
            first = _first_statement(home)
            told = [("after the first statement", *_memory(state)), ("a minute later, warmed up", *_after(60, state))]
            told.append(
                (f"{clients} clients, {statements} statements each: most", *_most(state, home, clients, statements))
            )
            told.append((f"a result of {rows:,} rows: most", *_most_of_fetch(state, home, rows)))
            told.append(("half a minute of rest", *_after(30, state)))
            handles = psutil.Process(state.pid).num_fds()
        finally:
            daemon.down(home)
    table = Table("moment", "server MiB", "JVM MiB", "Python models MiB")
    for name, *sizes in told:
        table.add_row(name, *(f"{size / MIB:.0f}" for size in sizes))
    console = Console()
    console.print(table)
    console.print(f"up in {up:.1f} s, first statement {first:.1f} s after that; {handles} open files at the end")


def _memory(state: ServerState) -> tuple[int, int, int]:
    server = psutil.Process(state.pid)
    jvm = python = 0
    for child in server.children(recursive=True):
        try:
            name, size = child.name(), child.memory_info().rss
        except psutil.NoSuchProcess:
            continue
        if child.pid == state.jvm_pid:
            jvm = size
        elif name.startswith("python"):
            # Not a copy of the JVM on its way to become another program, whose pages are the JVM's own.
            python += size
    return server.memory_info().rss, jvm, python


def _after(seconds: float, state: ServerState) -> tuple[int, int, int]:
    time.sleep(seconds)
    return _memory(state)


def _first_statement(home: Home) -> float:
    start = time.monotonic()
    with connect(home) as connection, connection.cursor() as cursor:
        cursor.execute("select 1").fetchall()
    return time.monotonic() - start


def _watched(state: ServerState, work: threading.Thread) -> tuple[int, int, int]:
    most = _memory(state)
    work.start()
    while work.is_alive():
        work.join(0.2)
        most = tuple(map(max, most, _memory(state)))  # type: ignore[assignment]
    return most


def _most(state: ServerState, home: Home, clients: int, statements: int) -> tuple[int, int, int]:
    def client(number: int) -> None:
        with connect(home) as connection, connection.cursor() as cursor:
            cursor.execute(f"create schema load_{number}")
            for count in range(statements // 3):
                table = f"load_{number}.t_{count % 20}"
                cursor.execute(f"create or replace table {table} as select id, id % 7 as part from range(1000)")
                cursor.execute(f"select part, count(*) from {table} group by part").fetchall()
                cursor.execute(f"describe table extended {table}").fetchall()

    def work() -> None:
        with ThreadPoolExecutor(clients) as pool:
            list(pool.map(client, range(clients)))

    return _watched(state, threading.Thread(target=work))


def _most_of_fetch(state: ServerState, home: Home, rows: int) -> tuple[int, int, int]:
    def work() -> None:
        with connect(home) as connection, connection.cursor() as cursor:
            cursor.execute(f"select id, uuid() as text, id * 1.5 as amount from range({rows})")
            cursor.fetchall_arrow()

    return _watched(state, threading.Thread(target=work))


if __name__ == "__main__":
    typer.run(main)
