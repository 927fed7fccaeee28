"""Checks of a contract that need more than one of its parts, and checks between contracts.

Each check yields problems as (path in the yaml, what was found, what was expected).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from rwe.feeds.contract import Column, Contract, Entity, Format
from rwe.feeds.headers import match_header, normalise
from rwe.feeds.patterns import problem_of

Location = tuple[str | int, ...]
Problem = tuple[Location, str, str]

ROW_REASONS = (
    "FIELD_COUNT",
    "MISSING_REQUIRED",
    "BAD_TYPE",
    "NOT_ACCEPTED",
    "BAD_PATTERN",
    "DUPLICATE_KEY",
)
"""Reason codes that staging gives by itself; a rule may not reuse them."""


def check_contract(contract: Contract) -> Iterator[Problem]:
    """Yield every problem of one contract that its schema could not see."""
    yield from _check_format(contract.format, ("format",))
    for name, entity in contract.entities.items():
        if entity.format is not None:
            yield from _check_format(entity.format, ("entities", name, "format"))
    if "" not in contract.null_tokens:
        yield (
            ("null_tokens",),
            repr(list(contract.null_tokens)),
            "an empty text among the tokens",
        )
    yield from _repeated(contract.null_tokens, ("null_tokens",))
    columns = {c.name for entity in contract.entities.values() for c in entity.columns}
    for name in contract.price_bases:
        if name not in columns:
            yield ("price_bases", name), repr(name), "the name of a column of the feed"
    if contract.price_bases and contract.currency is None:
        yield (
            ("currency",),
            "null",
            "an ISO 4217 code, because price_bases names amounts",
        )
    yield from _check_globs(contract)
    for name, entity in contract.entities.items():
        for location, found, expected in _check_entity(entity, contract.null_tokens):
            yield ("entities", name, *location), found, expected
    yield from _check_jinja(contract.model_dump(), ())


def _check_format(file_format: Format, at: Location) -> Iterator[Problem]:
    quote, escape = file_format.quote, file_format.escape
    if quote is None and escape is not None:
        yield (*at, "escape"), repr(escape), "null, because the quote is null: without quotes nothing is escaped"
    if quote is not None and escape != quote:
        yield (*at, "escape"), repr(escape), f"the quote {quote!r}, doubled inside a field; no other escape is known"
    if file_format.multiline and quote is None:
        yield (*at, "multiline"), "true", "false, because the quote is null: without quotes a record is a line"
    if file_format.multiline and not file_format.header:
        yield (*at, "multiline"), "true", "false, because there is no header: records are told by lines"
    if quote is not None and file_format.delimiter == quote:
        yield (*at, "quote"), repr(quote), "another one than the delimiter"
    if file_format.delimiter is None and (quote is not None or file_format.header):
        yield (*at, "delimiter"), "null", "no quote and no header beside it: a record is the whole line"


def _check_globs(contract: Contract) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for name, entity in contract.entities.items():
        for index, glob in enumerate(entity.files):
            location = ("entities", name, "files", index)
            if "/" in glob or glob.lower().endswith(".gz"):
                yield (
                    location,
                    repr(glob),
                    "a glob on the base name, without folders and .gz",
                )
            owner = owners.setdefault(glob.lower(), name)
            if owner != name:
                yield (
                    location,
                    repr(glob),
                    f"a glob that entity {owner} does not use already",
                )


def _check_entity(entity: Entity, null_tokens: tuple[str, ...]) -> Iterator[Problem]:
    names = [column.name for column in entity.columns]
    yield from _repeated(names, ("columns",))
    for index, column in enumerate(entity.columns):
        location = ("columns", index)
        yield from _repeated([normalise(s) for s in column.synonyms], (*location, "synonyms"))
        yield from _check_origin(column, location)
        yield from _repeated(column.accepted or (), (*location, "accepted"))
        for token in sorted(set(column.accepted or ()) & set(null_tokens)):
            yield (
                (*location, "accepted"),
                repr(token),
                "no null token among the accepted values",
            )
        if column.pattern is not None and (why := problem_of(column.pattern)):
            yield (
                (*location, "pattern"),
                repr(column.pattern),
                f"a pattern for Java and Python alike, but {why}",
            )
    yield from _check_generations(entity)
    for index, name in enumerate(entity.key):
        if name not in names:
            yield (
                ("key", index),
                repr(name),
                "the canonical name of a column of the entity",
            )
    yield from _repeated(entity.key, ("key",))
    yield from _check_superseding(entity)
    yield from _repeated([column.staged_as or column.name for column in entity.columns], ("columns",))
    yield from _check_rules(entity, names)
    yield from _repeated([total.kind for total in entity.totals], ("totals",))
    for index, total in enumerate(entity.totals):
        yield from _check_expression(total.when, ("totals", index, "when"), names)
    if entity.suppression is not None:
        yield from _check_expression(entity.suppression.when, ("suppression", "when"), names)


def _check_superseding(entity: Entity) -> Iterator[Problem]:
    """What a newer file restates is part of a key that holds within a file."""
    if entity.superseded_by and entity.key_within != "file":
        yield ("key_within",), repr(entity.key_within), "'file', because rows of older files are superseded"
    for index, name in enumerate(entity.superseded_by):
        if name not in entity.key:
            yield ("superseded_by", index), repr(name), "a column of the key"
    yield from _repeated(entity.superseded_by, ("superseded_by",))
    if entity.each_file_is_whole:
        yield from _check_whole_files(entity)


def _check_whole_files(entity: Entity) -> Iterator[Problem]:
    """Files that replace each other as a whole: no row depends on another file, and the base model is the generated one."""
    if entity.key and entity.key_within != "file":
        yield ("key_within",), repr(entity.key_within), "'file', because each file holds every row anew"
    if entity.superseded_by:
        found = ", ".join(entity.superseded_by)
        yield ("superseded_by",), repr(found), "nothing, because a newer file replaces older ones as a whole"
    if entity.staging != "generated":
        yield ("staging",), repr(entity.staging), "'generated', because its base model is what supersedes older files"


def _check_origin(column: Column, location: Location) -> Iterator[Problem]:
    """A column comes from a header or from the file's name."""
    if bool(column.synonyms) == (column.from_file_name is not None):
        yield location, repr(column.name), "synonyms or from_file_name, one of the two"
    if column.from_file_name is not None:
        at = (*location, "from_file_name")
        if why := problem_of(f"^{column.from_file_name}$"):
            yield at, repr(column.from_file_name), f"a pattern for Java and Python alike, but {why}"
        elif re.compile(column.from_file_name).groups != 1:
            yield at, repr(column.from_file_name), "one group, which is what is read"


def _check_generations(entity: Entity) -> Iterator[Problem]:
    yield from _repeated([generation.id for generation in entity.generations], ("generations",))
    headers: dict[tuple[str, ...], str] = {}
    used: set[str] = set()
    for index, generation in enumerate(entity.generations):
        location: Location = ("generations", index, "columns")
        match = match_header(entity, generation.columns)
        for position in match.unknown:
            yield (
                (*location, position),
                repr(generation.columns[position]),
                "a name that is a synonym of one of the entity's columns",
            )
        for name in match.repeated:
            yield (
                location,
                f"more than one name for column {name}",
                "one name for each column",
            )
        for name in match.ambiguous:
            yield (
                location,
                f"{name!r}, a synonym of more than one column",
                "names that leave one column for each",
            )
        header = tuple(sorted(normalise(name) for name in generation.columns))
        twin = headers.setdefault(header, generation.id)
        if twin != generation.id:
            yield location, f"the header of generation {twin}", "a header of its own"
        used.update(header)
    for index, column in enumerate(entity.columns):
        for position, synonym in enumerate(column.synonyms):
            if normalise(synonym) not in used:
                yield (
                    ("columns", index, "synonyms", position),
                    repr(synonym),
                    "a name that stands in at least one generation",
                )


def _check_rules(entity: Entity, names: list[str]) -> Iterator[Problem]:
    yield from _repeated([rule.reason for rule in entity.rules], ("rules",))
    for index, rule in enumerate(entity.rules):
        location: Location = ("rules", index)
        if rule.reason in ROW_REASONS:
            yield (
                (*location, "reason"),
                repr(rule.reason),
                "a code that staging does not use",
            )
        yield from _check_expression(rule.expect, (*location, "expect"), names)


def _check_expression(text: str, location: Location, names: list[str]) -> Iterator[Problem]:
    """A SQL expression on the typed columns of one row."""
    try:
        tree = sqlglot.parse_one(text, read="databricks")
    except SqlglotError as error:
        first_line = str(error).splitlines()[0]
        yield location, repr(text), f"a SQL expression ({first_line})"
        return
    if not isinstance(tree, exp.Condition):
        yield location, repr(text), "an expression, not a statement"
        return
    for part in tree.find_all(exp.Query, exp.AggFunc, exp.Window):
        found = repr(part.sql(dialect="databricks"))
        yield location, found, "an expression on one row, without subquery, aggregate or window"
    columns = list(tree.find_all(exp.Column))
    if not columns:
        yield location, repr(text), "a condition on at least one column"
    for column in columns:
        if column.table or column.name not in names:
            found = repr(column.sql(dialect="databricks"))
            yield location, found, "the canonical name of a column of the entity"


def _repeated(values: Iterable[str], location: Location) -> Iterator[Problem]:
    for value, count in Counter(values).items():
        if count > 1:
            yield location, f"{value!r} {count} times", "each once"


def _check_jinja(value: object, location: Location) -> Iterator[Problem]:
    """Refuse text that dbt would read as a template: it goes into yaml that dbt renders."""
    if isinstance(value, str):
        if any(mark in value for mark in ("{{", "{%", "{#")):
            yield location, repr(value), "no {{, {% or {#, which dbt would evaluate"
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _check_jinja(item, (*location, key))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _check_jinja(item, (*location, index))
