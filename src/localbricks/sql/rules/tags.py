"""SET TAGS and UNSET TAGS, SET TAG ON and UNSET TAG ON: the catalog, schemas, tables, views, columns and volumes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from localbricks.engine.results import Result
from localbricks.errors import DatabricksError
from localbricks.sql.lexer import Reader, Statement
from localbricks.sql.outcome import Answered, Outcome, Rule
from localbricks.sql.session import SqlSession, TableName

_RELATIONS = (("table",), ("view",), ("materialized", "view"), ("streaming", "table"))


@dataclass(frozen=True)
class _Tagged:
    """What bears tags: the catalog where nothing is named."""

    schema: str = ""
    name: str = ""
    column: str = ""
    is_volume: bool = False

    def require(self, session: SqlSession) -> None:
        """It must be there."""
        if self.is_volume:
            session.volumes.require(self.schema, self.name)
        elif self.column:
            session.require_column(TableName(self.schema, self.name), self.column)
        elif self.name:
            session.catalog.require(self.schema, self.name)
        elif self.schema:
            session.require_schema(self.schema)

    def names(self, session: SqlSession) -> set[str]:
        """Names of its tags."""
        if self.is_volume:
            volume = (self.schema, self.name)
            return {name for *place, name, _ in session.store.volume_tags() if tuple(place) == volume}
        place = (self.schema, self.name, self.column)
        return {tag.name for tag in session.store.tags() if (tag.schema, tag.table, tag.column) == place}

    def set(self, session: SqlSession, tags: dict[str, str]) -> None:
        """Set some tags; the others stay."""
        if self.is_volume:
            session.store.set_volume_tags(self.schema, self.name, tags)
        else:
            session.store.set_tags(self.schema, self.name, self.column, tags)

    def unset(self, session: SqlSession, names: Sequence[str]) -> None:
        """Remove some tags."""
        if self.is_volume:
            session.store.unset_volume_tags(self.schema, self.name, names)
        else:
            session.store.unset_tags(self.schema, self.name, self.column, names)


def alter_tags(statement: Statement, session: SqlSession) -> Outcome | None:
    """`ALTER TABLE t [ALTER COLUMN c] SET TAGS ('k' = 'v')`, `UNSET TAGS ('k')`."""
    if not any(token.lower == "tags" for token in statement.tokens):
        return None
    reader = statement.reader()
    reader.expect("alter")
    tagged = _tagged(reader, session)
    if tagged is None:
        return None
    if tagged.name and not tagged.is_volume and (reader.take("alter") or reader.take("change")):
        reader.take("column")
        tagged = replace(tagged, column=reader.name()[-1].lower())
    if reader.take("set", "tags"):
        tags = dict(reader.listed(lambda: _pair(reader)))
        reader.end()
        tagged.require(session)
        tagged.set(session, tags)
    elif reader.take("unset", "tags"):
        names = reader.listed(lambda: reader.next().value)
        reader.end()
        tagged.require(session)
        tagged.unset(session, names)
    else:
        return None
    return Answered(Result.empty(session.home.tmp))


def tag_on(statement: Statement, session: SqlSession) -> Outcome | None:
    """`SET TAG ON TABLE t k [= v]`, `UNSET TAG ON COLUMN t.c k`: names and values are identifiers."""
    if not statement.starts("set", "tag", "on") and not statement.starts("unset", "tag", "on"):
        return None
    reader = statement.reader()
    is_set = reader.next().lower == "set"
    reader.expect("tag", "on")
    tagged = _column(reader, session) if reader.take("column") else _tagged(reader, session)
    if tagged is None:
        raise reader.error("Expected CATALOG, COLUMN, SCHEMA, TABLE, VIEW or VOLUME.")
    name = _single(reader)
    value = _single(reader) if is_set and reader.take("=") else ""
    reader.end()
    tagged.require(session)
    if not is_set:
        tagged.unset(session, [name])
    elif name in tagged.names(session):
        raise DatabricksError("RESOURCE_ALREADY_EXISTS", f"The tag assignment '{name}' already exists.", "42710")
    else:
        tagged.set(session, {name: value})
    return Answered(Result.empty(session.home.tmp))


def _tagged(reader: Reader, session: SqlSession) -> _Tagged | None:
    if reader.take("catalog"):
        session.check_catalog(reader.name()[0])
        return _Tagged()
    if reader.take("schema") or reader.take("database"):
        return _Tagged(session.schema_name(reader.name()))
    is_volume = reader.take("volume")
    if not is_volume and not any(reader.take(*words) for words in _RELATIONS):
        return None
    name = session.table_name(reader.name())
    return _Tagged(name.schema, name.table, is_volume=is_volume)


def _column(reader: Reader, session: SqlSession) -> _Tagged:
    *relation, column = reader.name()
    if not relation:
        raise reader.error("Expected a column behind the name of its table or view.")
    name = session.table_name(relation)
    return _Tagged(name.schema, name.table, column.lower())


def _single(reader: Reader) -> str:
    name, *more = reader.name()
    if more:
        raise reader.error("Expected a single identifier.")
    return name


def _pair(reader: Reader) -> tuple[str, str]:
    name = reader.next().value
    return name, reader.next().value if reader.take("=") else ""


RULES: list[tuple[tuple[str, ...], Rule]] = [(("alter",), alter_tags), (("set", "unset"), tag_on)]
