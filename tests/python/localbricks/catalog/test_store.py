"""The store: what it keeps survives reopening, follows a rename, goes with its table."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from localbricks.catalog.store import CatalogStore, KeyConstraint, Privilege, Tag, Volume
from localbricks.errors import LocalbricksError

PRIMARY = KeyConstraint("s", "parent", "pk", "PRIMARY KEY", ("a", "b"))
FOREIGN = KeyConstraint("s", "child", "fk", "FOREIGN KEY", ("x", "y"), "s", "parent", ("a", "b"))
VOLUME = Volume("s", "v", "EXTERNAL", "file:///landing", "a comment", "2024-01-01T00:00:00+00:00")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CatalogStore]:
    """A store with a bit of everything."""
    made = CatalogStore(tmp_path / "catalog.sqlite")
    made.add_key(PRIMARY)
    made.add_key(FOREIGN)
    made.set_tags("s", "parent", "", {"owner": "me", "flag": ""})
    made.set_tags("s", "parent", "a", {"pii": "yes"})
    made.set_tags("s", "", "", {"area": "x"})
    made.grant([Privilege("TABLE", "s.parent", "someone", "SELECT"), Privilege("SCHEMA", "s", "all", "USE SCHEMA")])
    made.add_volume(VOLUME)
    yield made
    made.close()


def test_all_survives_reopening(store: CatalogStore, tmp_path: Path) -> None:
    store.close()
    again = CatalogStore(tmp_path / "catalog.sqlite")
    assert again.key_constraints() == [FOREIGN, PRIMARY]
    assert again.keys_of("s", "parent") == [PRIMARY]
    assert Tag("s", "parent", "", "flag", "") in again.tags() and len(again.tags()) == 4
    assert [one.principal for one in again.privileges()] == ["all", "someone"]
    assert again.volumes() == [VOLUME]
    assert again.volume("S", "V") == VOLUME
    again.close()


def test_keys_are_dropped(store: CatalogStore) -> None:
    store.drop_keys([FOREIGN])
    assert store.key_constraints() == [PRIMARY]


def test_tags_are_replaced_and_unset(store: CatalogStore) -> None:
    store.set_tags("s", "parent", "", {"owner": "you"})
    store.unset_tags("s", "parent", "", ["flag", "never there"])
    assert [tag for tag in store.tags() if tag.table and not tag.column] == [Tag("s", "parent", "", "owner", "you")]


def test_privileges_are_revoked(store: CatalogStore) -> None:
    store.revoke([Privilege("TABLE", "s.parent", "someone", "SELECT")])
    assert store.privileges("TABLE", "s.parent") == []
    assert len(store.privileges("SCHEMA", "s")) == 1


def test_a_volume_that_is_there_stays(store: CatalogStore) -> None:
    store.add_volume(Volume("s", "v", "MANAGED", "", None, "later"))
    assert store.volume("s", "v") == VOLUME


def test_a_volume_takes_its_grants_along(store: CatalogStore) -> None:
    grants = [Privilege("VOLUME", "s.v", "someone", "READ VOLUME"), Privilege("TABLE", "s.v", "someone", "SELECT")]
    store.grant(grants)
    store.drop_volume("s", "v")
    assert store.volumes() == []
    assert [one.kind for one in store.privileges(name="s.v")] == ["TABLE"]


class TestLifeOfTables:
    def test_drop(self, store: CatalogStore) -> None:
        store.forget_table("s", "parent")
        assert store.key_constraints() == [], "a foreign key to nothing"
        assert [tag.table for tag in store.tags()] == [""]
        assert [one.kind for one in store.privileges()] == ["SCHEMA"]

    def test_replace_keeps_tags_and_grants(self, store: CatalogStore) -> None:
        store.forget_table("s", "parent", replaced=True)
        assert store.key_constraints() == [FOREIGN]
        assert len(store.tags()) == 4
        assert len(store.privileges()) == 2

    def test_rename(self, store: CatalogStore) -> None:
        store.rename_table("s", "parent", "t", "other")
        assert store.keys_of("t", "other")[0].columns == ("a", "b")
        child = store.keys_of("s", "child")[0]
        assert (child.parent_schema, child.parent_table) == ("t", "other")
        assert {tag.table for tag in store.tags() if tag.schema == "t"} == {"other"}
        assert store.privileges("TABLE", "t.other") and not store.privileges("TABLE", "s.parent")

    def test_rename_over_what_a_former_table_left(self, store: CatalogStore) -> None:
        store.set_tags("s", "child", "", {"owner": "old"})
        store.rename_table("s", "parent", "s", "child")
        assert [tag.value for tag in store.tags() if (tag.table, tag.name) == ("child", "owner")] == ["me"]

    def test_drop_schema(self, store: CatalogStore) -> None:
        store.forget_schema("s")
        assert not (store.key_constraints() or store.tags() or store.privileges() or store.volumes())

    def test_an_underscore_is_no_wildcard(self, store: CatalogStore) -> None:
        store.grant([Privilege("TABLE", "raw_x.t", "a", "SELECT"), Privilege("TABLE", "rawyx.t", "a", "SELECT")])
        store.forget_schema("raw_x")
        assert store.privileges("TABLE", "rawyx.t") and not store.privileges("TABLE", "raw_x.t")


def test_many_threads(store: CatalogStore) -> None:
    def work(number: int) -> None:
        store.set_tags("s", f"t{number}", "", {str(index): "v" for index in range(20)})
        store.tags()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(24)))
    assert sum(tag.table.startswith("t") for tag in store.tags()) == 24 * 20


def test_a_failed_write_leaves_nothing(store: CatalogStore) -> None:
    with pytest.raises(Exception, match="NOT NULL"):
        store.set_tags("s", "parent", "", {"first": "v", "second": None})  # type: ignore[dict-item]
    assert not any(tag.name == "first" for tag in store.tags())


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    path.write_bytes(b"this is not a database at all" * 100)
    with pytest.raises(LocalbricksError, match=r"catalog\.sqlite is damaged .* delete it to go on without them"):
        CatalogStore(path)
