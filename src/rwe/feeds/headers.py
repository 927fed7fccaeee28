"""Recognise a file's header: which field is which column, and which generation it is.

A publisher may reuse a name with another meaning (`BNF_CHEMICAL_SUBSTANCE` was a code and became a
name). So a header name may be a synonym of two columns, as long as the rest of the header decides:
a column that is already taken by a name of its own is no candidate any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rwe.feeds.contract import Entity


@dataclass(frozen=True)
class HeaderMatch:
    """A header laid over an entity's columns."""

    positions: dict[str, int]
    """Canonical column name to the field's position in the header, from 0."""
    unknown: tuple[int, ...]
    """Positions of fields the contract does not know."""
    missing: tuple[str, ...]
    """Canonical columns that every generation has and this header has not, in contract order."""
    repeated: tuple[str, ...]
    """Canonical columns that more than one field claims, in contract order."""
    ambiguous: tuple[str, ...]
    """Header names that could be more than one column, and nothing decides which."""
    generation: str | None
    """Id of the newest generation with exactly these names, in whatever order, else None."""


def normalise(header_name: str) -> str:
    """Header names compare trimmed, in capitals, with inner blanks as underscores."""
    return "_".join(header_name.strip().upper().split())


def expected_columns(entity: Entity) -> tuple[str, ...]:
    """Canonical columns that stand in every generation, in contract order."""
    in_all = set.intersection(*(set(_assign(entity, generation.columns)[0]) for generation in entity.generations))
    return tuple(column.name for column in entity.columns if column.name in in_all)


def match_position(entity: Entity, count_fields: int) -> tuple[tuple[str, ...], HeaderMatch]:
    """The columns of a file without a header and how they lie over the entity's, by the number of its fields.

    The newest generation with as many fields decides. No column where there is none.
    """
    for generation in reversed(entity.generations):
        if len(generation.columns) == count_fields:
            return generation.columns, match_header(entity, generation.columns)
    return ("",) * count_fields, HeaderMatch({}, (), expected_columns(entity), (), (), None)


def match_header(entity: Entity, header: Sequence[str]) -> HeaderMatch:
    """Lay a header (field texts in file order) over the columns of an entity."""
    positions, unknown, repeated, ambiguous = _assign(entity, header)
    names = sorted(normalise(name) for name in header)
    generation = next(
        (g.id for g in reversed(entity.generations) if sorted(map(normalise, g.columns)) == names),
        None,
    )
    return HeaderMatch(
        positions=positions,
        unknown=unknown,
        missing=tuple(name for name in expected_columns(entity) if name not in positions),
        repeated=repeated,
        ambiguous=ambiguous,
        generation=generation,
    )


def _assign(
    entity: Entity, header: Sequence[str]
) -> tuple[dict[str, int], tuple[int, ...], tuple[str, ...], tuple[str, ...]]:
    """Give each field its column: positions, unknown positions, repeated columns, ambiguous."""
    synonyms: dict[str, set[str]] = {}
    for column in entity.columns:
        for synonym in column.synonyms:
            synonyms.setdefault(normalise(synonym), set()).add(column.name)

    open_fields: dict[int, set[str]] = {}
    unknown: list[int] = []
    for position, name in enumerate(header):
        candidates = synonyms.get(normalise(name))
        if candidates:
            open_fields[position] = set(candidates)
        else:
            unknown.append(position)

    positions: dict[str, int] = {}
    repeated: set[str] = set()
    while True:
        decided = {p: next(iter(c)) for p, c in open_fields.items() if len(c) == 1}
        if not decided:
            break
        for position, name in decided.items():
            if name in positions:
                repeated.add(name)
            else:
                positions[name] = position
            del open_fields[position]
        for candidates in open_fields.values():
            if len(candidates) > 1:
                candidates.difference_update(decided.values())
        for position in [p for p, c in open_fields.items() if not c]:
            repeated.update(synonyms[normalise(header[position])])
            del open_fields[position]

    return (
        positions,
        tuple(unknown),
        tuple(column.name for column in entity.columns if column.name in repeated),
        tuple(header[position] for position in open_fields),
    )
