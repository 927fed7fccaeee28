"""Query tags of sessions and of single statements, as the query history shows them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.service.sql import QueryTag
from hypothesis import given
from hypothesis import strategies as st
from sql_client import Client, Server, connect

from localbricks.home import WAREHOUSE_ID
from localbricks.sql.query_tags import read_query_tags

pytestmark = pytest.mark.server
WORDS = st.text(max_size=8).map(str.strip)


@given(st.dictionaries(WORDS.filter(bool), WORDS | st.none(), max_size=4))
def test_any_tags_are_read_as_they_were_meant(tags: dict[str, str | None]) -> None:
    def escaped(text: str) -> str:
        return text.replace("\\", r"\\").replace(",", r"\,").replace(":", r"\:")

    text = ",".join(escaped(key) + (f":{escaped(value)}" if value else "") for key, value in tags.items())
    assert read_query_tags(text) == {key: value or None for key, value in tags.items()}


@pytest.fixture(scope="module")
def sdk(server: Server) -> WorkspaceClient:
    """The SDK's client of the workspace."""
    return WorkspaceClient(host=server.url, token=server.home.token())


@pytest.fixture
def tagged(server: Server) -> Iterator[Client]:
    """A session that was opened with tags, as dbt opens it."""
    options = {"QUERY_TAGS": r"@@dbt_model_name:orders,note:a\:b\, c,urgent"}
    with connect(server.home, server.state.port, session_configuration=options) as connection:
        yield Client(connection)


OPENED = {"@@dbt_model_name": "orders", "note": "a:b, c", "urgent": None}


def shown(sdk: WorkspaceClient, text: str) -> dict[str, str | None]:
    """Tags of the statement with this text in the history."""
    (query,) = [one for one in sdk.query_history.list(max_results=1000).res if one.query_text == text]
    return {tag.key: tag.value for tag in query.query_tags or ()}


def test_of_the_connection(tagged: Client, sdk: WorkspaceClient, session: Client) -> None:
    mine, other = (f"select '{uuid.uuid4()}'" for _ in range(2))
    tagged.run(mine)
    session.run(other)
    assert shown(sdk, mine) == OPENED
    assert shown(sdk, other) == {}


def test_set_by_a_statement(tagged: Client, sdk: WorkspaceClient) -> None:
    tagged.run("set QUERY_TAGS['team'] = ' rwe ', QUERY_TAGS['note'] = UNSET, query_tags['urgent'] = 'yes'")
    tagged.run("SET QUERY_TAGS['alone'] = NULL", "set query_tags['gone'] = unset")
    expected = {"@@dbt_model_name": "orders", "urgent": "yes", "team": "rwe", "alone": None}
    assert tagged.pairs("set query_tags") == expected
    assert tagged.columns == ["key", "value"]
    text = f"select '{uuid.uuid4()}'"
    tagged.run(text)
    assert shown(sdk, text) == expected


@pytest.mark.parametrize(
    "change", ["['a'] = ", "['a'] = b", "[a] = 'b'", "[''] = 'b'", "['a'] 'b'", "['a'] = 'b' more"]
)
def test_refused(tagged: Client, change: str) -> None:
    tagged.fails(f"set query_tags{change}", "PARSE_SYNTAX_ERROR", "42601")
    assert tagged.pairs("set query_tags") == OPENED


def test_of_one_statement(sdk: WorkspaceClient) -> None:
    text = f"select '{uuid.uuid4()}'"
    tags = [QueryTag(key="team", value="rwe"), QueryTag(key="alone")]
    sdk.statement_execution.execute_statement(text, WAREHOUSE_ID, query_tags=tags)
    assert shown(sdk, text) == {"team": "rwe", "alone": None}
