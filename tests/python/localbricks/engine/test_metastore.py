"""A view's comments and its text have no length that the metastore would refuse."""

from __future__ import annotations

import pytest
from sql_client import Client, Server

pytestmark = pytest.mark.server


def test_long_comments_and_long_texts_of_views_are_kept(session: Client, server: Server) -> None:
    comment, text = "ä" * 5_000, "x" * 1_000
    terms = " + ".join([f"length('{text}')"] * 60)
    log = server.home.logs / "engine.log"
    size = log.stat().st_size
    session.run(
        f"create view explained (a comment '{comment}') as select 1 as a",
        f"create view lengthy as select {terms} as n",
    )
    assert session.value("select n from lengthy") == 60_000
    described = {row[0]: row[2] for row in session.rows("describe explained")}
    assert described == {"a": comment}
    assert b"RetryingHMSHandler" not in log.read_bytes()[size:]
