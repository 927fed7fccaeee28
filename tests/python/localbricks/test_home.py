"""The home folder: its token, its settings, what is said when they are damaged."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from localbricks.errors import LocalbricksError
from localbricks.home import Home, read_json, write_private


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A prepared home."""
    made = Home(tmp_path / "home")
    made.prepare()
    return made


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_only_the_owner_may_look(home: Home) -> None:
    assert mode(home.root) == 0o700
    assert mode(home.token_file) == 0o600
    assert {mode(path) for path in (home.logs, home.tmp, home.volumes, home.warehouse, home.workspace)} == {0o700}


def test_the_token_stays(home: Home) -> None:
    token = home.token()
    home.prepare()
    assert home.token() == token
    assert token.isalnum() and len(token) >= 40
    assert Home(home.root).token() == token


def test_two_homes_have_two_tokens(home: Home, tmp_path: Path) -> None:
    other = Home(tmp_path / "other")
    other.prepare()
    assert other.token() != home.token()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "0 characters"),
        (b"short", "5 characters"),
        (b"a" * 30 + b" b", "32 characters"),
        (b"lb\xff\xfe" * 10, "can't decode"),
        (b"a" * 30 + b"\nInjected: header", "characters that are not a token"),
    ],
)
def test_a_damaged_token_is_told(home: Home, content: bytes, found: str) -> None:
    home.token_file.write_bytes(content)
    with pytest.raises(LocalbricksError, match=f"token is damaged .*{found}.*Delete it"):
        home.token()


def test_a_token_that_others_can_read_is_refused(home: Home) -> None:
    home.token_file.chmod(0o644)
    with pytest.raises(LocalbricksError, match="mode is 0644, expected 0600"):
        home.token()


def test_no_token(tmp_path: Path) -> None:
    with pytest.raises(LocalbricksError, match="run `localbricks up` first"):
        Home(tmp_path / "nowhere").token()


def test_the_default_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LOCALBRICKS_HOME", str(tmp_path / "a" / ".." / "b"))
    assert Home.default().root == tmp_path / "b"
    monkeypatch.delenv("LOCALBRICKS_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Home.default().root == tmp_path / ".localbricks"


def test_settings(home: Home) -> None:
    assert home.settings() == {}
    home.save_settings({"port": 1})
    assert home.settings() == {"port": 1}
    assert mode(home.settings_file) == 0o600


@pytest.mark.parametrize(("content", "found"), [("{", "damaged"), ("[1]", "holds list"), ("", "damaged")])
def test_damaged_settings_are_told(home: Home, content: str, found: str) -> None:
    home.settings_file.write_text(content, encoding="utf-8")
    with pytest.raises(LocalbricksError, match=f"{found}.*Delete it"):
        home.settings()


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_private(path, json.dumps({"a": 1}))
    path.chmod(0o644)
    write_private(path, json.dumps({"a": 2}))
    assert read_json(path) == {"a": 2}
    assert mode(path) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["a.json"]
