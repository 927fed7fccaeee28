"""What Unity Catalog keeps and Spark's catalog has no place for: keys, tags, grants, volumes, comments of schemas,
row filters and column masks, the definitions of materialized views, streaming tables and metric views.

One SQLite file, written through at every statement. Entries belong to a name; dropping or renaming a table goes
through here as well, so that a new table under an old name starts clean.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from localbricks.errors import LocalbricksError

_SCHEMA = """
create table if not exists key_constraint (
    schema_name text not null, table_name text not null, constraint_name text not null, kind text not null,
    columns text not null, parent_schema text, parent_table text, parent_columns text,
    primary key (schema_name, table_name, constraint_name)
);
create table if not exists tag (
    schema_name text not null, table_name text not null, column_name text not null, tag_name text not null,
    tag_value text not null, primary key (schema_name, table_name, column_name, tag_name)
);
create table if not exists privilege (
    kind text not null, name text not null, principal text not null, privilege text not null,
    primary key (kind, name, principal, privilege)
);
create table if not exists schema_comment (schema_name text primary key, comment text);
create table if not exists volume (
    schema_name text not null, volume_name text not null, kind text not null, location text not null,
    comment text, created_at text not null, primary key (schema_name, volume_name)
);
create table if not exists volume_tag (
    schema_name text not null, volume_name text not null, tag_name text not null, tag_value text not null,
    primary key (schema_name, volume_name, tag_name)
);
create table if not exists policy (
    schema_name text not null, table_name text not null, column_name text not null, function_schema text not null,
    function_name text not null, arguments text not null, primary key (schema_name, table_name, column_name)
);
create table if not exists relation (
    schema_name text not null, table_name text not null, kind text not null, query text not null,
    schedule text not null, current_schema text not null, refreshed_at text, primary key (schema_name, table_name)
);
create table if not exists shallow_clone (
    schema_name text not null, table_name text not null, primary key (schema_name, table_name)
);
"""


@dataclass(frozen=True)
class KeyConstraint:
    """A primary or foreign key. Informational, as on Databricks: not enforced."""

    schema: str
    table: str
    name: str
    kind: str
    columns: tuple[str, ...]
    parent_schema: str | None = None
    parent_table: str | None = None
    parent_columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tag:
    """A tag of the catalog (no schema), a schema (no table), a table (no column) or a column."""

    schema: str
    table: str
    column: str
    name: str
    value: str


@dataclass(frozen=True)
class Privilege:
    """A privilege on a securable: `kind` TABLE, SCHEMA, VOLUME …, `name` dotted in lower case."""

    kind: str
    name: str
    principal: str
    privilege: str


@dataclass(frozen=True)
class Volume:
    """A volume: MANAGED ones live in the home folder, EXTERNAL ones where `location` says."""

    schema: str
    name: str
    kind: str
    location: str
    comment: str | None
    created_at: str


@dataclass(frozen=True)
class Policy:
    """A row filter (no column) or a column mask: a SQL function and what it is called with.

    Attributes:
        function: schema and name.
        arguments: SQL of each argument; of a mask without the masked column, which comes first.
    """

    schema: str
    table: str
    column: str
    function: tuple[str, str]
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Relation:
    """What Spark's catalog holds as a table or a view, and Unity Catalog as something else.

    Attributes:
        kind: MATERIALIZED_VIEW, STREAMING_TABLE, METRIC_VIEW.
        query: the query, or a metric view's YAML, as it was written.
        schedule: MANUAL, `CRON '…' AT TIME ZONE '…'`, `EVERY 2 HOURS`, `TRIGGER ON UPDATE …`.
        current_schema: the schema that was current, where names of one part are looked up.
        refreshed_at: time of the last refresh, ISO, None before the first.
    """

    schema: str
    table: str
    kind: str
    query: str
    schedule: str
    current_schema: str
    refreshed_at: str | None = None


class CatalogStore:
    """The store. Names are kept in lower case; safe to use from many threads."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        try:
            self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._connection.execute("pragma journal_mode = wal")
            self._connection.executescript(_SCHEMA)
        except sqlite3.DatabaseError as error:
            raise LocalbricksError(
                f"{path} is damaged ({error}). It holds keys, tags, grants and volumes; delete it to go on without them."
            ) from None

        self._watchers: list[Callable[[], None]] = []

    def on_policies(self, told: Callable[[], None]) -> None:
        """Have a function called whenever policies or relations may have changed."""
        self._watchers.append(told)

    def tell(self) -> None:
        """Call who waits for changes of policies."""
        for told in self._watchers:
            told()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._connection.execute("begin immediate")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("rollback")
                raise
            self._connection.execute("commit")

    def _read(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    # keys

    def key_constraints(self) -> list[KeyConstraint]:
        """All primary and foreign keys."""
        rows = self._read("select * from key_constraint order by schema_name, table_name, constraint_name")
        return [
            KeyConstraint(s, t, n, k, tuple(json.loads(c)), ps, pt, tuple(json.loads(pc or "[]")))
            for s, t, n, k, c, ps, pt, pc in rows
        ]

    def keys_of(self, schema: str, table: str) -> list[KeyConstraint]:
        """Keys of one table."""
        return [key for key in self.key_constraints() if (key.schema, key.table) == (schema, table)]

    def add_key(self, key: KeyConstraint) -> None:
        """Add or replace a key."""
        values = (key.schema, key.table, key.name, key.kind, json.dumps(key.columns))
        parent = (key.parent_schema, key.parent_table, json.dumps(key.parent_columns))
        with self._write() as connection:
            connection.execute("insert or replace into key_constraint values (?,?,?,?,?,?,?,?)", values + parent)

    def drop_keys(self, keys: Sequence[KeyConstraint]) -> None:
        """Remove keys."""
        with self._write() as connection:
            connection.executemany(
                "delete from key_constraint where schema_name = ? and table_name = ? and constraint_name = ?",
                [(key.schema, key.table, key.name) for key in keys],
            )

    # tags

    def tags(self) -> list[Tag]:
        """All tags."""
        return [Tag(*row) for row in self._read("select * from tag order by 1, 2, 3, 4")]

    def set_tags(self, schema: str, table: str, column: str, tags: dict[str, str]) -> None:
        """Set tags of a schema, table or column; the others stay."""
        with self._write() as connection:
            for name, value in tags.items():
                connection.execute(
                    "insert or replace into tag values (?,?,?,?,?)", (schema, table, column, name, value)
                )

    def unset_tags(self, schema: str, table: str, column: str, names: Sequence[str]) -> None:
        """Remove tags."""
        with self._write() as connection:
            for name in names:
                connection.execute(
                    "delete from tag where schema_name = ? and table_name = ? and column_name = ? and tag_name = ?",
                    (schema, table, column, name),
                )

    # privileges

    def privileges(self, kind: str | None = None, name: str | None = None) -> list[Privilege]:
        """Privileges, of one securable when it is named."""
        rows = [
            Privilege(*row) for row in self._read("select * from privilege order by kind, name, principal, privilege")
        ]
        return [row for row in rows if (kind is None or row.kind == kind) and (name is None or row.name == name)]

    def grant(self, privileges: Sequence[Privilege]) -> None:
        """Add privileges."""
        with self._write() as connection:
            for one in privileges:
                values = (one.kind, one.name, one.principal, one.privilege)
                connection.execute("insert or replace into privilege values (?,?,?,?)", values)

    def revoke(self, privileges: Sequence[Privilege]) -> None:
        """Remove privileges."""
        with self._write() as connection:
            for one in privileges:
                connection.execute(
                    "delete from privilege where kind = ? and name = ? and principal = ? and privilege = ?",
                    (one.kind, one.name, one.principal, one.privilege),
                )

    # comments of schemas, which Hive's catalog does not change

    def schema_comments(self) -> dict[str, str | None]:
        """Comments by schema, of those whose comment was changed after their creation."""
        return dict(self._read("select schema_name, comment from schema_comment"))

    def comment_schema(self, schema: str, comment: str | None) -> None:
        """Change the comment of a schema."""
        with self._write() as connection:
            connection.execute("insert or replace into schema_comment values (?,?)", (schema, comment))

    # volumes

    def volumes(self) -> list[Volume]:
        """All volumes."""
        return [Volume(*row) for row in self._read("select * from volume order by 1, 2")]

    def volume(self, schema: str, name: str) -> Volume | None:
        """One volume."""
        rows = self._read(
            "select * from volume where schema_name = ? and volume_name = ?", (schema.lower(), name.lower())
        )
        return Volume(*rows[0]) if rows else None

    def add_volume(self, volume: Volume) -> None:
        """Add a volume; one that is there stays as it is."""
        with self._write() as connection:
            connection.execute(
                "insert or ignore into volume values (?,?,?,?,?,?)",
                (volume.schema, volume.name, volume.kind, volume.location, volume.comment, volume.created_at),
            )

    def drop_volume(self, schema: str, name: str) -> None:
        """Remove a volume's entry and grants; its files are another room's."""
        with self._write() as connection:
            for kept in ("volume", "volume_tag"):
                connection.execute(f"delete from {kept} where schema_name = ? and volume_name = ?", (schema, name))
            connection.execute("delete from privilege where kind = 'VOLUME' and name = ?", (f"{schema}.{name}",))

    def comment_volume(self, schema: str, name: str, comment: str | None) -> None:
        """Change a volume's comment."""
        with self._write() as connection:
            connection.execute(
                "update volume set comment = ? where schema_name = ? and volume_name = ?", (comment, schema, name)
            )

    def volume_tags(self) -> list[tuple[str, str, str, str]]:
        """All tags of volumes: schema, volume, name, value."""
        return [(s, v, n, x) for s, v, n, x in self._read("select * from volume_tag order by 1, 2, 3")]

    def set_volume_tags(self, schema: str, volume: str, tags: dict[str, str]) -> None:
        """Set tags of a volume; the others stay."""
        with self._write() as connection:
            connection.executemany(
                "insert or replace into volume_tag values (?,?,?,?)",
                [(schema, volume, name, value) for name, value in tags.items()],
            )

    def unset_volume_tags(self, schema: str, volume: str, names: Sequence[str]) -> None:
        """Remove tags of a volume."""
        with self._write() as connection:
            connection.executemany(
                "delete from volume_tag where schema_name = ? and volume_name = ? and tag_name = ?",
                [(schema, volume, name) for name in names],
            )

    # row filters and column masks

    def policies(self) -> list[Policy]:
        """All row filters and column masks."""
        rows = self._read("select * from policy order by schema_name, table_name, column_name")
        return [Policy(s, t, c, (fs, fn), tuple(json.loads(a))) for s, t, c, fs, fn, a in rows]

    def policies_of(self, schema: str, table: str) -> list[Policy]:
        """Row filter and masks of one table."""
        return [one for one in self.policies() if (one.schema, one.table) == (schema, table)]

    def set_policies(self, policies: Sequence[Policy]) -> None:
        """Add or replace row filters and masks."""
        with self._write() as connection:
            connection.executemany(
                "insert or replace into policy values (?,?,?,?,?,?)",
                [(one.schema, one.table, one.column, *one.function, json.dumps(one.arguments)) for one in policies],
            )
        self.tell()

    def drop_policies(self, policies: Sequence[Policy]) -> None:
        """Remove row filters and masks."""
        with self._write() as connection:
            connection.executemany(
                "delete from policy where schema_name = ? and table_name = ? and column_name = ?",
                [(one.schema, one.table, one.column) for one in policies],
            )
        self.tell()

    # materialized views, streaming tables, metric views

    def relations(self) -> dict[tuple[str, str], Relation]:
        """All of them, by schema and name."""
        return {(row[0], row[1]): Relation(*row) for row in self._read("select * from relation")}

    def relation(self, schema: str, table: str) -> Relation | None:
        """One of them."""
        rows = self._read("select * from relation where schema_name = ? and table_name = ?", (schema, table))
        return Relation(*rows[0]) if rows else None

    def set_relation(self, one: Relation) -> None:
        """Add or replace one."""
        values = (one.schema, one.table, one.kind, one.query, one.schedule, one.current_schema, one.refreshed_at)
        with self._write() as connection:
            connection.execute("insert or replace into relation values (?,?,?,?,?,?,?)", values)
        self.tell()

    def drop_relation(self, schema: str, table: str) -> None:
        """Remove one; its table or view is another room's."""
        with self._write() as connection:
            connection.execute("delete from relation where schema_name = ? and table_name = ?", (schema, table))
        self.tell()

    # shallow clones

    def shallow_clones(self) -> set[tuple[str, str]]:
        """Schema and name of the tables that are shallow clones."""
        return {(row[0], row[1]) for row in self._read("select * from shallow_clone")}

    def add_shallow_clone(self, schema: str, table: str) -> None:
        """A table is a shallow clone, until it is replaced or dropped."""
        with self._write() as connection:
            connection.execute("insert or replace into shallow_clone values (?, ?)", (schema, table))

    def forget_function(self, schema: str, name: str) -> None:
        """A function was dropped: its grants go. A policy that calls it stays, and says so when it is used."""
        with self._write() as connection:
            connection.execute("delete from privilege where kind = 'FUNCTION' and name = ?", (f"{schema}.{name}",))
        self.tell()

    # life of tables

    def forget_table(self, schema: str, table: str, *, replaced: bool = False) -> None:
        """A table was dropped: what was kept under its name goes. Of one that was replaced, the keys and its being a clone."""
        with self._write() as connection:
            for said in ("key_constraint", "shallow_clone"):
                connection.execute(f"delete from {said} where schema_name = ? and table_name = ?", (schema, table))
            if not replaced:
                connection.execute(
                    "delete from key_constraint where parent_schema = ? and parent_table = ?", (schema, table)
                )
                connection.execute("delete from tag where schema_name = ? and table_name = ?", (schema, table))
                for kept in ("policy", "relation"):
                    connection.execute(f"delete from {kept} where schema_name = ? and table_name = ?", (schema, table))
                connection.execute("delete from privilege where kind = 'TABLE' and name = ?", (f"{schema}.{table}",))
        self.tell()

    def rename_table(self, schema: str, table: str, new_schema: str, new_table: str) -> None:
        """A table was renamed: what was kept under its name follows."""
        with self._write() as connection:
            for name in ("key_constraint", "tag", "policy", "relation", "shallow_clone"):
                connection.execute(
                    f"update or replace {name} set schema_name = ?, table_name = ? where schema_name = ? and table_name = ?",
                    (new_schema, new_table, schema, table),
                )
            connection.execute(
                "update key_constraint set parent_schema = ?, parent_table = ? where parent_schema = ? and parent_table = ?",
                (new_schema, new_table, schema, table),
            )
            connection.execute(
                "update or replace privilege set name = ? where kind = 'TABLE' and name = ?",
                (f"{new_schema}.{new_table}", f"{schema}.{table}"),
            )
        self.tell()

    def is_replacement_noted(self, schema: str, table: str) -> bool:
        """Whether anything of a table goes when it is replaced, or may go: keys, its being a clone, what its columns have."""
        return bool(
            self.columns_kept(schema, table) or (schema, table) in self.shallow_clones() or self.keys_of(schema, table)
        )

    # life of columns

    def columns_kept(self, schema: str, table: str) -> set[str]:
        """Columns of a table that have tags or a mask, in lower case."""
        of_table = "schema_name = ? and table_name = ? and column_name != ''"
        rows = self._read(
            f"select column_name from tag where {of_table} union select column_name from policy where {of_table}",
            (schema, table, schema, table),
        )
        return {row[0] for row in rows}

    def rename_column(self, schema: str, table: str, old: str, new: str) -> None:
        """A column was renamed: its tags and its place in keys follow."""

        def renamed(columns: tuple[str, ...], is_own: bool) -> tuple[str, ...]:
            return tuple(new if is_own and column.lower() == old.lower() else column for column in columns)

        for key in self._keys_naming(schema, table, old):
            own = (key.schema, key.table) == (schema, table)
            parent = (key.parent_schema, key.parent_table) == (schema, table)
            columns, parents = renamed(key.columns, own), renamed(key.parent_columns, parent)
            self.add_key(replace(key, columns=columns, parent_columns=parents))
        with self._write() as connection:
            connection.execute(
                "update or replace tag set column_name = ? where schema_name = ? and table_name = ? and column_name = ?",
                (new.lower(), schema, table, old.lower()),
            )

    def forget_column(self, schema: str, table: str, column: str) -> None:
        """A column was dropped: what it had goes, and the keys that it was of."""
        self.drop_keys(self._keys_naming(schema, table, column))
        self.forget_columns(schema, table, [column.lower()])

    def forget_columns(self, schema: str, table: str, columns: Iterable[str]) -> None:
        """Columns are gone: their tags and masks go. Names in lower case."""
        rows = [(schema, table, column) for column in columns]
        with self._write() as connection:
            for kept in ("tag", "policy"):
                connection.executemany(
                    f"delete from {kept} where schema_name = ? and table_name = ? and column_name = ?", rows
                )
        self.tell()

    def _keys_naming(self, schema: str, table: str, column: str) -> list[KeyConstraint]:
        """Keys that a column is of, and those that refer to it."""

        def names(columns: tuple[str, ...]) -> bool:
            return column.lower() in {one.lower() for one in columns}

        return [
            key
            for key in self.key_constraints()
            if ((key.schema, key.table) == (schema, table) and names(key.columns))
            or ((key.parent_schema, key.parent_table) == (schema, table) and names(key.parent_columns))
        ]

    def forget_schema(self, schema: str) -> None:
        """A schema was dropped with all that was in it."""
        with self._write() as connection:
            kept = (
                "key_constraint",
                "tag",
                "volume",
                "volume_tag",
                "schema_comment",
                "policy",
                "relation",
                "shallow_clone",
            )
            for name in kept:
                connection.execute(f"delete from {name} where schema_name = ?", (schema,))
            connection.execute("delete from key_constraint where parent_schema = ?", (schema,))
            # Not by LIKE: the underscore of a name is a wildcard there.
            connection.execute(
                "delete from privilege where (kind = 'SCHEMA' and name = ?) or substr(name, 1, length(?) + 1) = ? || '.'",
                (schema, schema, schema),
            )
        self.tell()
