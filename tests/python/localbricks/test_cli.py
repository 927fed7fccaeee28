"""The command `localbricks` against a server that runs, and against none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sql_client import Server
from typer.testing import CliRunner, Result

from localbricks.cli import app


def run(home: Path, *arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, [arguments[0], "--home", str(home), *arguments[1:]], input=stdin)


class TestUp:
    pytestmark = pytest.mark.server

    def test_status(self, server: Server) -> None:
        done = run(server.home.root, "status")
        assert done.exit_code == 0
        assert json.loads(done.stdout) == {
            "port": server.state.port,
            "pid": server.state.pid,
            "jvm_pid": server.state.jvm_pid,
            "http_path": "/sql/1.0/warehouses/localbricks",
        }

    def test_up_again(self, server: Server) -> None:
        done = run(server.home.root, "up")
        assert done.exit_code == 0
        assert f"http://127.0.0.1:{server.state.port}" in "".join(done.stderr.split())
        assert json.loads(run(server.home.root, "status").stdout)["pid"] == server.state.pid

    def test_up_on_another_port(self, server: Server) -> None:
        done = run(server.home.root, "up", "--port", "1")
        assert done.exit_code == 1
        assert "asked for 1" in " ".join(done.stderr.split())

    @pytest.mark.parametrize(
        ("form", "expected"),
        [
            ("csv", 'id,name\n1,"a,b"\n2,\n'),
            ("json", '[{"id": 1, "name": "a,b"}, {"id": 2, "name": null}]\n'),
        ],
    )
    def test_sql(self, server: Server, form: str, expected: str) -> None:
        statement = "select * from values (1, 'a,b'), (2, null) as t (id, name) order by id"
        done = run(server.home.root, "sql", statement, "--format", form)
        assert (done.exit_code, done.stdout) == (0, expected)
        assert run(server.home.root, "sql", "-", "--format", form, stdin=statement + ";\n").stdout == expected

    def test_sql_as_a_table(self, server: Server) -> None:
        done = run(server.home.root, "sql", "select 'seen' as `a [b]`, null as c")
        assert done.exit_code == 0 and "seen" in done.stdout and "a [b]" in done.stdout and "NULL" in done.stdout
        assert run(server.home.root, "sql", "create or replace temporary view v as select 1 as x").stdout == ""

    def test_types_in_json(self, server: Server) -> None:
        statement = "select array(1,2) as a, date'2020-01-02' as d, 1.50bd as n, map('k', 1) as m"
        assert json.loads(run(server.home.root, "sql", statement, "--format", "json").stdout) == [
            {"a": [1, 2], "d": "2020-01-02", "n": "1.50", "m": [["k", 1]]}
        ]

    def test_a_failing_statement(self, server: Server) -> None:
        done = run(server.home.root, "sql", "select 1/0")
        assert done.exit_code == 1
        assert done.stderr.startswith("[DIVIDE_BY_ZERO]") and done.stdout == ""

    def test_logs(self, server: Server) -> None:
        done = run(server.home.root, "logs", "--lines", "1000000")
        assert done.exit_code == 0 and "ready on port" in done.stdout


class TestDown:
    def test_status(self, tmp_path: Path) -> None:
        done = run(tmp_path / "home", "status")
        assert done.exit_code == 3 and "is down" in done.stderr

    def test_down(self, tmp_path: Path) -> None:
        done = run(tmp_path / "home", "down")
        assert done.exit_code == 0 and "was not up" in done.stderr
        assert not (tmp_path / "home").exists()

    def test_sql(self, tmp_path: Path) -> None:
        done = run(tmp_path / "home", "sql", "select 1")
        assert done.exit_code == 1 and "run `localbricks up`" in " ".join(done.stderr.split())
