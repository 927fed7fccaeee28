"""doctor: what it finds on a home that is not up, one fault at a time; and on one that is."""

from __future__ import annotations

import json
import os
import socket
import time
from pathlib import Path

import pytest
from sql_client import Server
from typer.testing import CliRunner

from localbricks.cli import app
from localbricks.home import Home
from localbricks.lifecycle.state import ServerState, start_time, write_state
from localbricks.operation import doctor
from localbricks.operation.doctor import Finding, Verdict, examine, is_healthy


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A prepared home, not up."""
    made = Home(tmp_path / "home")
    made.prepare()
    return made


def found(home: Home, check: str) -> Finding:
    """The finding that is not ok, of a check; otherwise the first one."""
    listed = [finding for finding in examine(home) if finding.check == check]
    return next((finding for finding in listed if finding.verdict is not Verdict.OK), listed[0])


def test_a_good_home(home: Home) -> None:
    findings = examine(home)
    assert is_healthy(findings), findings
    checks = {finding.check for finding in findings}
    assert {"java", "memory", "warm-up", "pyspark", "jars", "disk", "home", "token", "server", "port"} <= checks


def test_a_home_that_is_not_there_yet_stays_so(tmp_path: Path) -> None:
    assert is_healthy(examine(Home(tmp_path / "none")))
    assert not (tmp_path / "none").exists()


def test_java(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert found(home, "java").verdict is Verdict.PROBLEM
    assert f"JAVA_HOME={tmp_path} has no bin/java" in found(home, "java").found
    old = tmp_path / "bin" / "java"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho 'openjdk version \"1.8.0_392\"' >&2\n")
    old.chmod(0o755)
    assert "is Java 8" in found(home, "java").found


@pytest.mark.parametrize(
    ("name", "value", "check"),
    [
        ("LOCALBRICKS_MEMORY", "3", "memory"),
        ("LOCALBRICKS_MEMORY", "900000g", "memory"),
        ("LOCALBRICKS_CORES", "many", "memory"),
        ("LOCALBRICKS_WARM_UP", "yes", "memory"),
    ],
)
def test_a_setting_that_makes_no_sense(
    home: Home, name: str, value: str, check: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    finding = found(home, check)
    assert finding.verdict is Verdict.PROBLEM and name in finding.found and value in finding.found


def test_jars_that_are_missing_or_others(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCALBRICKS_CACHE", str(tmp_path))
    finding = found(home, "jars")
    assert finding.verdict is Verdict.WARNING and finding.found.count(".jar missing") == 5
    jars = tmp_path / "jars"
    jars.mkdir()
    (jars / "delta-storage-4.3.1.jar").write_bytes(b"other")
    finding = found(home, "jars")
    assert (
        "delta-storage-4.3.1.jar has another SHA-256" in finding.found and "LOCALBRICKS_JARS_FOLDER" in finding.advice
    )


@pytest.mark.parametrize(("free", "verdict"), [(0.5, Verdict.PROBLEM), (2, Verdict.WARNING), (50, Verdict.OK)])
def test_disk(home: Home, free: float, verdict: Verdict, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"total": 100 * doctor.GIB, "free": int(free * doctor.GIB)})
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: usage)
    assert found(home, "disk").verdict is verdict


def test_a_home_that_others_may_read(home: Home) -> None:
    home.root.chmod(0o755)
    finding = found(home, "home")
    assert (finding.verdict, finding.advice) == (Verdict.WARNING, f"chmod 700 {home.root}")


def test_tokens(home: Home) -> None:
    home.token_file.chmod(0o644)
    finding = found(home, "token")
    assert finding.verdict is Verdict.PROBLEM and "0644" in finding.found and "chmod 600" in finding.advice
    home.token_file.chmod(0o600)
    home.token_file.write_text("cut o")
    assert "damaged" in found(home, "token").found
    assert home.token_file.read_text() == "cut o", "it only looks"


def test_what_a_crash_left(home: Home) -> None:
    home.settings_file.write_text('{"port":')
    finding = found(home, "state")
    assert finding.verdict is Verdict.PROBLEM and finding.advice == f"rm {home.settings_file}"
    home.settings_file.unlink()
    home.metastore.mkdir()
    assert "was never finished" in found(home, "state").found
    home.metastore.rmdir()
    left = home.root / ".settings.json.4711"
    left.write_text("{")
    os.utime(left, (time.time() - 7200,) * 2)
    assert found(home, "state").advice == f"rm {left}"


def test_a_port_that_is_taken(home: Home) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        home.save_settings({"port": port})
        finding = found(home, "port")
        assert finding.verdict is Verdict.PROBLEM and f"127.0.0.1:{port}" in finding.found
    assert found(home, "port").verdict is Verdict.OK


def test_a_server_that_was_killed_and_one_that_does_not_answer(home: Home) -> None:
    write_state(home, ServerState(999_999_999, 1.0, 999_999_999, 1.0, 1, "0"))
    assert found(home, "server").verdict is Verdict.OK
    assert "was killed" in found(home, "server").found
    me, started = os.getpid(), start_time(os.getpid())
    write_state(home, ServerState(me, started, me, started, 1, "0"))
    home.lock_file.write_text(f"{me} {started}")
    finding = found(home, "server")
    assert finding.verdict is Verdict.PROBLEM and "does not answer" in finding.found


def test_a_proxy(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", "http://proxy:3128")
    assert found(home, "proxy").verdict is Verdict.WARNING
    monkeypatch.setenv("NO_PROXY", "localhost, 127.0.0.1,.corp")
    assert not [finding for finding in examine(home) if finding.check == "proxy"]


def test_a_check_that_breaks_is_a_finding(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: 1 / 0)
    finding = found(home, "disk")
    assert finding.verdict is Verdict.WARNING and "ZeroDivisionError" in finding.found


def test_the_command(home: Home) -> None:
    good = CliRunner().invoke(app, ["doctor", "--home", str(home.root), "--format", "json"])
    assert good.exit_code == 0
    report = json.loads(good.stdout)
    assert report["healthy"] is True
    assert {"check", "verdict", "found", "advice"} == set(report["findings"][0])
    home.token_file.write_text("cut o")
    bad = CliRunner().invoke(app, ["doctor", "--home", str(home.root)])
    assert bad.exit_code == 1
    assert "PROBLEM token" in bad.stdout and "Delete it" in bad.stdout


@pytest.mark.server
def test_a_server_that_runs(server: Server) -> None:
    findings = examine(server.home)
    assert is_healthy(findings)
    found = {finding.check: finding.found for finding in findings}
    assert found["server"].startswith(f"runs on port {server.state.port} (process {server.state.pid}")
    assert "SHA-256 as pinned" in found["jars"]
    assert server.home.token() not in doctor.as_json(findings)
