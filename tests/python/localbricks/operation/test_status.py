"""The metrics and the status page, of a server that runs."""

from __future__ import annotations

import base64
import http.client
import re
from html.parser import HTMLParser

import psutil
import pytest
from sql_client import Server, connect

pytestmark = pytest.mark.server


def get(server: Server, path: str, authorization: str | None) -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection("127.0.0.1", server.state.port, timeout=60)
    try:
        connection.request("GET", path, headers={"Authorization": authorization} if authorization else {})
        answer = connection.getresponse()
        return answer.status, {key.lower(): value for key, value in answer.getheaders()}, answer.read().decode()
    finally:
        connection.close()


def bearer(server: Server) -> str:
    return f"Bearer {server.home.token()}"


def password(server: Server, token: str | None = None) -> str:
    return "Basic " + base64.b64encode(f"me:{token or server.home.token()}".encode()).decode()


def samples(server: Server) -> dict[str, float]:
    """Every sample by its name with labels."""
    _, headers, text = get(server, "/metrics", bearer(server))
    assert headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    listed = [line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")]
    assert len({name for name, _ in listed}) == len(listed), "a sample is told once"
    return {name: float(value) for name, value in listed}


@pytest.mark.parametrize("path", ["/metrics", "/status"])
def test_the_token_is_required(server: Server, path: str) -> None:
    for wrong in (None, "Bearer x", password(server, "wrong"), "Basic !", "Basic " + server.home.token()):
        status, headers, _ = get(server, path, wrong)
        assert status == 401 and headers["www-authenticate"].startswith("Basic realm=")
    assert get(server, path, bearer(server))[0] == get(server, path, password(server))[0] == 200


def test_a_password_opens_nothing_else(server: Server) -> None:
    for path in ("/api/2.0/clusters/list", "/status/", "/sql/1.0/warehouses/localbricks"):
        assert get(server, path, password(server))[0] == 401


def test_what_is_counted(server: Server) -> None:
    before = samples(server)
    with connect(server.home, server.state.port) as connection, connection.cursor() as cursor:
        cursor.execute("select id from range(7)").fetchall()
        with pytest.raises(Exception, match="DIVIDE_BY_ZERO"):
            cursor.execute("select 1/0")
        during = samples(server)
    risen = {name: during[name] - before.get(name, 0) for name in during}
    assert risen['localbricks_statements_total{state="succeeded"}'] >= 1
    assert risen['localbricks_statements_total{state="failed"}'] == 1
    assert risen['localbricks_statement_errors_total{error_class="DIVIDE_BY_ZERO"}'] == 1
    assert risen["localbricks_rows_total"] >= 7
    assert risen["localbricks_statement_seconds_count"] >= 2
    assert during['localbricks_statement_seconds_bucket{le="+Inf"}'] == during["localbricks_statement_seconds_count"]
    assert during["localbricks_sessions_open"] >= 1
    assert risen['localbricks_http_requests_total{status="200"}'] >= 3


def test_memory_is_that_of_the_processes(server: Server) -> None:
    told = samples(server)
    for process, pid in (("server", server.state.pid), ("jvm", server.state.jvm_pid)):
        real = psutil.Process(pid).memory_info().rss
        assert told[f'localbricks_resident_memory_bytes{{process="{process}"}}'] == pytest.approx(real, rel=0.2)


class Page(HTMLParser):
    """Cells of each row, and what would load something."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.loads: list[str] = []
        self.tags: set[str] = set()
        self._in_cell = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.loads += [f"{tag} {key}" for key, _ in attrs if key in ("src", "href", "action", "style", "onclick")]
        if tag == "tr":
            self.rows.append([])
        self._in_cell = tag == "td"
        if self._in_cell:
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.rows[-1][-1] += data


def test_the_page(server: Server) -> None:
    attack = "select '<script>alert(1)</script>' as seen_on_page"
    with connect(server.home, server.state.port) as connection, connection.cursor() as cursor:
        cursor.execute(attack).fetchall()
        cursor.execute(f"select {' + '.join(['1'] * 500)} as also_seen").fetchall()
        with pytest.raises(Exception, match="DIVIDE_BY_ZERO"):
            cursor.execute("select 1/0 as seen_to_fail")
        cursor.execute_async("select count(*) as seen_running from range(1000000000000) where hash(id) % 7 = 3")
        status, headers, text = get(server, "/status", password(server))
        cursor.cancel()
    assert status == 200
    page = Page(text)
    assert not page.loads and "script" not in page.tags
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-") and "unsafe" not in policy
    assert headers["cache-control"] == "no-store"
    rows = {row[-1]: row for row in page.rows if row}
    assert attack in rows
    running = next(row for text, row in rows.items() if "seen_running" in text)
    assert running[0] in ("running", "pending")
    failed = next(row for text, row in rows.items() if "seen_to_fail" in text)
    assert (failed[0], failed[6]) == ("failed", "DIVIDE_BY_ZERO")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", failed[1]) and failed[2] == "localbricks@localhost"
    assert all(len(row[-1]) <= 300 for row in page.rows if row)
    assert server.home.token() not in text
