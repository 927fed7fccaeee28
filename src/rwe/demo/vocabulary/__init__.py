"""The miniature vocabulary: hand-made, in the layout of the OHDSI vocabularies' Athena download.

In this room: the typed tables (`*.tsv`), what follows from them (every standard concept maps to
itself, every relationship has its reverse, ancestors are the closure of `Is a` and of ingredients,
every domain, class, vocabulary and relationship is itself a concept) and the files. It covers the
codes of the demo files and no more. Names are the project's own words. Concept 2000000001 and its
code are invented, in the range left to local use: one source code that stands for two standard
concepts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

from rwe.demo.output import LandingFile
from rwe.demo.report import FileReport

FIRST_DAY = "19700101"
LAST_DAY = "20991231"
GENERATION = "5"

CONCEPT = "concept"
CONCEPT_RELATIONSHIP = "concept_relationship"
CONCEPT_ANCESTOR = "concept_ancestor"

HEADERS: Mapping[str, tuple[str, ...]] = {
    CONCEPT: (
        "concept_id",
        "concept_name",
        "domain_id",
        "vocabulary_id",
        "concept_class_id",
        "standard_concept",
        "concept_code",
        "valid_start_date",
        "valid_end_date",
        "invalid_reason",
    ),
    CONCEPT_RELATIONSHIP: (
        "concept_id_1",
        "concept_id_2",
        "relationship_id",
        "valid_start_date",
        "valid_end_date",
        "invalid_reason",
    ),
    CONCEPT_ANCESTOR: (
        "ancestor_concept_id",
        "descendant_concept_id",
        "min_levels_of_separation",
        "max_levels_of_separation",
    ),
    "vocabulary": (
        "vocabulary_id",
        "vocabulary_name",
        "vocabulary_reference",
        "vocabulary_version",
        "vocabulary_concept_id",
    ),
    "domain": ("domain_id", "domain_name", "domain_concept_id"),
    "concept_class": ("concept_class_id", "concept_class_name", "concept_class_concept_id"),
    "relationship": (
        "relationship_id",
        "relationship_name",
        "is_hierarchical",
        "defines_ancestry",
        "reverse_relationship_id",
        "relationship_concept_id",
    ),
    "concept_synonym": ("concept_id", "concept_synonym_name", "language_concept_id"),
    "drug_strength": (
        "drug_concept_id",
        "ingredient_concept_id",
        "amount_value",
        "amount_unit_concept_id",
        "numerator_value",
        "numerator_unit_concept_id",
        "denominator_value",
        "denominator_unit_concept_id",
        "box_size",
        "valid_start_date",
        "valid_end_date",
        "invalid_reason",
    ),
}
"""Header of each file, by entity; the file is the entity's name in capitals with `.csv`."""

KEPT_AS_TYPED: Mapping[str, str] = {
    "vocabulary": "vocabulary.tsv",
    "domain": "domain.tsv",
    "concept_class": "concept_class.tsv",
    "relationship": "relationship.tsv",
    "concept_synonym": "synonym.tsv",
    "drug_strength": "drug_strength.tsv",
}

METADATA_KINDS: Mapping[str, tuple[str, int]] = {
    "vocabulary": ("Vocabulary", 4),
    "domain": ("Domain", 2),
    "concept_class": ("Concept Class", 2),
    "relationship": ("Relationship", 5),
}
"""Entity: its concepts' vocabulary (and class), and which field holds the concept's id."""


def _typed(name: str) -> list[tuple[str, ...]]:
    """Rows of a typed table, without its header."""
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return [tuple(line.split("\t")) for line in text.splitlines()[1:]]


def _metadata_concepts() -> Iterator[tuple[str, ...]]:
    for entity, (kind, at) in METADATA_KINDS.items():
        for row in _typed(KEPT_AS_TYPED[entity]):
            yield (
                row[at], row[1], "Metadata", kind, kind, "", "OMOP generated",
                FIRST_DAY, LAST_DAY, "",
            )  # fmt: skip


def _closure(parents: Mapping[str, set[str]], ids: list[str]) -> Iterator[tuple[str, str, str, str]]:
    """Ancestor rows: every concept is its own, then shortest and longest way up."""

    def climb(concept: str) -> dict[str, tuple[int, int]]:
        levels = {concept: (0, 0)}
        for parent in parents.get(concept, ()):
            for ancestor, (least, most) in climb(parent).items():
                known = levels.get(ancestor, (least + 1, most + 1))
                levels[ancestor] = (min(known[0], least + 1), max(known[1], most + 1))
        return levels

    for concept in ids:
        for ancestor, (least, most) in sorted(climb(concept).items(), key=lambda one: int(one[0])):
            yield ancestor, concept, str(least), str(most)


@cache
def tables() -> Mapping[str, tuple[tuple[str, ...], ...]]:
    """The whole vocabulary: entity to its rows, as text under `HEADERS`, in file order."""
    found: dict[str, tuple[tuple[str, ...], ...]] = {
        entity: tuple(_typed(name)) for entity, name in KEPT_AS_TYPED.items()
    }
    concepts = [*_typed("concept.tsv"), *_metadata_concepts()]
    concepts.sort(key=lambda row: int(row[0]))
    found[CONCEPT] = tuple(concepts)
    reverse = {row[0]: row[4] for row in found["relationship"]}
    standard = [row[0] for row in concepts if row[5] == "S"]
    links = {(one, one, "Maps to") for one in standard}
    parents: dict[str, set[str]] = defaultdict(set)
    for source, target, kind in _typed("link.tsv"):
        links.add((source, target, kind))
        if kind in ("Is a", "RxNorm has ing"):
            parents[source].add(target)
    links |= {(target, source, reverse[kind]) for source, target, kind in links}
    ordered = sorted(links, key=lambda link: (int(link[0]), int(link[1]), link[2]))
    found[CONCEPT_RELATIONSHIP] = tuple((*link, FIRST_DAY, LAST_DAY, "") for link in ordered)
    found[CONCEPT_ANCESTOR] = tuple(_closure(parents, standard))
    return found


@cache
def standard_domains() -> Mapping[str, tuple[str, ...]]:
    """SNOMED code to the domains of its standard concepts, sorted; no entry when unmapped."""
    concepts = {row[0]: row for row in tables()[CONCEPT]}
    found: dict[str, list[str]] = defaultdict(list)
    for source, target, kind, *_ in tables()[CONCEPT_RELATIONSHIP]:
        if kind == "Maps to" and concepts[source][3] == "SNOMED":
            found[concepts[source][6]].append(concepts[target][2])
    return {code: tuple(sorted(domains)) for code, domains in found.items()}


def write_vocabulary(folder: Path) -> list[FileReport]:
    """Write the nine files to `<folder>/vocabulary/`; the reports, by file name."""
    reports = []
    for entity in sorted(HEADERS):
        file = LandingFile(
            folder,
            "vocabulary",
            entity,
            f"{entity.upper()}.csv",
            header_generation=GENERATION,
            delimiter="\t",
            quoting=False,
        )
        with file:
            file.header(HEADERS[entity])
            for row in tables()[entity]:
                file.record(row)
        reports.append(file.report())
    return reports
