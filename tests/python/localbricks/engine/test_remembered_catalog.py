"""The catalog remembers what it has read: whatever is done to tables and views, every session sees what is there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random

import pytest
from sql_client import Client, Server, connect

pytestmark = pytest.mark.server
NAMES = ("a", "b", "c")
Relations = dict[str, tuple[bool, list[str], str]]
"""By name: whether it is a view, its columns, its comment."""


@pytest.fixture
def other(server: Server, session: Client) -> Iterator[Client]:
    """A second session in the same schema."""
    with connect(server.home, server.state.port) as connection:
        client = Client(connection)
        client.run(f"use schema {session.value('select current_schema()')}")
        yield client


def change(chance: Random, there: Relations) -> tuple[str, Relations]:
    """A statement that changes a relation, and what is there after it."""
    name, word = chance.choice(NAMES), f"w{chance.randrange(1_000_000)}"
    found = there.get(name)
    rest = {key: value for key, value in there.items() if key != name}
    if found is None:
        free = {**rest, name: (False, ["id"], word)}
        return chance.choice(
            [
                (f"create table {name} (id int) comment '{word}'", free),
                (f"create view {name} comment '{word}' as select 1 as id", {**rest, name: (True, ["id"], word)}),
                (f"create table if not exists {name} (id int) comment '{word}'", free),
            ]
        )
    is_view, columns, comment = found
    kind, target = "view" if is_view else "table", chance.choice(NAMES)
    choices = [
        (f"drop {kind} {name}", rest),
        (f"comment on table {name} is '{word}'", {**rest, name: (is_view, columns, word)}),
    ]
    if target not in there:
        choices.append((f"alter {kind} {name} rename to {target}", {**rest, target: found}))
    if is_view:
        replaced = {**rest, name: (True, ["id", word], comment)}
        choices.append((f"create or replace view {name} comment '{comment}' as select 1 as id, 2 as {word}", replaced))
        choices.append((f"alter view {name} as select 1 as {word}", {**rest, name: (True, [word], comment)}))
    else:
        added = {**rest, name: (False, [*columns, word], comment)}
        replaced = {**rest, name: (False, ["id", word], comment)}
        choices.append((f"alter table {name} add column {word} int", added))
        choices.append((f"create or replace table {name} (id int, {word} int) comment '{comment}'", replaced))
    return chance.choice(choices)


def seen(client: Client, name: str) -> tuple[bool, list[str], str]:
    """A relation as a session describes and reads it."""
    described = json.loads(client.value(f"describe table extended {name} as json"))
    client.rows(f"select * from {name}")
    columns = [column["name"] for column in described["columns"]]
    assert client.columns == columns
    return described["type"] == "VIEW", columns, described.get("comment", "")


def listed(client: Client) -> dict[str, tuple[bool, str]]:
    """The relations of the current schema as a session lists them: whether it is a view, the comment."""
    columns = "table_name, table_type = 'VIEW', coalesce(comment, '')"
    rows = client.rows(f"select {columns} from information_schema.tables where table_schema = current_schema()")
    return {name: (is_view, comment) for name, is_view, comment in rows}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_both_sessions_see_what_either_has_done(session: Client, other: Client, seed: int) -> None:
    there: Relations = {}
    chance, told = Random(seed), []
    for _ in range(25):
        statement, there = change(chance, there)
        told.append(statement)
        one, two = chance.sample([session, other], 2)
        one.run(statement)
        assert listed(two) == {name: (is_view, comment) for name, (is_view, _, comment) in there.items()}, told
        for name in NAMES:
            if name in there:
                assert seen(two, name) == there[name], told
            else:
                two.fails(f"select * from {name}", "TABLE_OR_VIEW_NOT_FOUND", "42P01")
    for name, (is_view, _, _) in there.items():
        session.run(f"drop {'view' if is_view else 'table'} {name}")


def test_a_schema_of_the_same_name_is_a_new_one(session: Client, other: Client) -> None:
    session.run("create schema twice comment 'first'", "create table twice.t as select 1 as id")
    assert other.value("select id from twice.t") == 1
    session.run("drop schema twice cascade")
    other.fails("select id from twice.t", "TABLE_OR_VIEW_NOT_FOUND", "42P01")
    other.run("create schema twice comment 'second'")
    session.fails("select id from twice.t", "TABLE_OR_VIEW_NOT_FOUND", "42P01")
    assert session.pairs("describe schema twice")["Comment"] == "second"
    other.run("comment on schema twice is 'third'")
    assert session.pairs("describe schema twice")["Comment"] == "third"
    other.run("drop schema twice")
