"""`/status` and `/metrics`: a page for people and the numbers for Prometheus.

The page is one document without a script and without anything from elsewhere; it shows statements shortened, as the
log does, and renews itself.
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from localbricks import __version__
from localbricks.operation.log import shortened
from localbricks.operation.metrics import CONTENT_TYPE, Counters, Usage, exposition, usage
from localbricks.sql.warehouse import Execution, State, Warehouse

RECENT = 50
REFRESH_SECONDS = 5
_STYLE = """
:root { color-scheme: light dark; --line: #8884; --bad: #c0392b; --good: #1e8449; }
body { font: 14px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 78rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1.05rem; margin: 1.8rem 0 .5rem; }
p { margin: .2rem 0; color: GrayText; }
dl { display: flex; flex-wrap: wrap; gap: .6rem 2.2rem; margin: 1.2rem 0 0; }
dt { color: GrayText; font-size: .85rem; } dd { margin: 0; font-size: 1.1rem; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; font-size: .85rem; white-space: nowrap; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.text { font-family: ui-monospace, monospace; font-size: .85rem; overflow-wrap: anywhere; min-width: 22rem; }
td.time { white-space: nowrap; }
td.succeeded { color: var(--good); } td.failed { color: var(--bad); }
""".strip()
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "content-security-policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-ancestors 'none'",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
_COLUMNS = (
    ("State", ""),
    ("Started (UTC)", ""),
    ("User", ""),
    ("Time, s", "number"),
    ("Engine, s", "number"),
    ("Rows", "number"),
    ("Error class", ""),
    ("Statement", ""),
)


def routes(warehouse: Warehouse, counters: Counters, jvm_pid: int, home: Path) -> list[Route]:
    """Both routes. They must be behind the token."""

    def measure() -> Usage:
        return usage(jvm_pid, home)

    async def metrics(_: Request) -> Response:
        text = await anyio.to_thread.run_sync(exposition, counters, warehouse.counts(), measure)
        return PlainTextResponse(text, headers={"content-type": CONTENT_TYPE, "cache-control": "no-store"})

    async def status(_: Request) -> Response:
        text = await anyio.to_thread.run_sync(page, warehouse.history(), warehouse.counts(), counters.started, measure)
        return HTMLResponse(text, headers=_HEADERS)

    return [Route("/metrics", metrics), Route("/status", status)]


def page(history: list[Execution], counts: dict[str, int], started: float, measure: Callable[[], Usage]) -> str:
    """The page.

    Args:
        history: statements, the newest first.
        counts: open sessions and running statements.
        started: when the server started, seconds since 1970.
    """
    now = measure()
    running = [one for one in history if not one.state.done]
    ended = [one for one in history if one.state.done][:RECENT]
    known = {
        "Sessions": str(counts["sessions"]),
        "Running": str(counts["running"]),
        "Server memory": _size(now.server_memory),
        "JVM memory": _size(now.jvm_memory),
        "Python models' memory": _size(now.python_memory),
        "Free disk": _size(now.disk_free),
        "Up since (UTC)": _moment(started),
    }
    listed = "".join(f"<div><dt>{escape(key)}</dt><dd>{escape(value)}</dd></div>" for key, value in known.items())
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>localbricks</title>'
        f'<meta http-equiv="refresh" content="{REFRESH_SECONDS}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body>"
        f"<h1>localbricks {escape(__version__)}</h1><p>As of {_moment(time.time())} UTC, renewed every "
        f"{REFRESH_SECONDS} s. The same for Prometheus: /metrics</p><dl>{listed}</dl>"
        f"<h2>Running</h2>{_table(running)}<h2>Recent</h2>{_table(ended)}</body></html>\n"
    )


def _table(executions: list[Execution]) -> str:
    if not executions:
        return "<p>None.</p>"
    head = "".join(f'<th class="{kind}">{name}</th>' if kind else f"<th>{name}</th>" for name, kind in _COLUMNS)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(map(_row, executions))}</tbody></table>"


def _row(one: Execution) -> str:
    state = one.state.value.lower()
    cells = (
        (state, state if one.state is not State.RUNNING else ""),
        (_moment(one.started), "time"),
        (one.user, ""),
        (f"{one.seconds:.2f}", "number"),
        (f"{one.engine_seconds:.2f}" if one.state.done else "", "number"),
        ("" if one.rows is None else f"{one.rows:,}", "number"),
        (one.error_class or "", "failed" if one.error_class else ""),
        (shortened(one.text), "text"),
    )
    return (
        "<tr>"
        + "".join(
            f'<td class="{kind}">{escape(text)}</td>' if kind else f"<td>{escape(text)}</td>" for text, kind in cells
        )
        + "</tr>"
    )


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _size(count: float) -> str:
    for unit in ("B", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.0f} {unit}"
        count /= 1024
    return f"{count:.1f} GiB"
