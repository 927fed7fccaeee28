"""The miniature vocabulary: whole, and wide enough for the demo's codes."""

from __future__ import annotations

from collections import Counter, defaultdict

from demo_reading import Landing, read

from rwe.demo.synthea import care, codes
from rwe.demo.vocabulary import standard_domains


def _rows(landing: Landing, name: str) -> list[dict[str, str]]:
    content = read(landing.folder / "vocabulary" / f"{name}.csv")
    assert len(content.whole()) == len(content.records)
    return content.whole()


def test_concepts_are_unique_and_their_references_exist(landing: Landing) -> None:
    concepts = _rows(landing, "CONCEPT")
    assert max(Counter(row["concept_id"] for row in concepts).values()) == 1
    source_keys = Counter(
        (row["vocabulary_id"], row["concept_code"]) for row in concepts if row["concept_code"] != "OMOP generated"
    )
    assert max(source_keys.values()) == 1
    for column, name in (
        ("domain_id", "DOMAIN"),
        ("vocabulary_id", "VOCABULARY"),
        ("concept_class_id", "CONCEPT_CLASS"),
    ):
        assert {row[column] for row in concepts} <= {row[column] for row in _rows(landing, name)}
    for row in concepts:
        assert row["concept_name"] == row["concept_name"].strip() != ""
        assert row["standard_concept"] in ("S", "")
        assert row["valid_start_date"] <= row["valid_end_date"]
        assert len(row["valid_start_date"]) == len(row["valid_end_date"]) == 8


def test_every_reference_to_a_concept_exists(landing: Landing) -> None:
    known = {row["concept_id"] for row in _rows(landing, "CONCEPT")}
    for name, file_columns in {
        "CONCEPT_RELATIONSHIP": ("concept_id_1", "concept_id_2"),
        "CONCEPT_ANCESTOR": ("ancestor_concept_id", "descendant_concept_id"),
        "CONCEPT_SYNONYM": ("concept_id", "language_concept_id"),
        "DRUG_STRENGTH": ("drug_concept_id", "ingredient_concept_id", "amount_unit_concept_id"),
        "VOCABULARY": ("vocabulary_concept_id",),
        "DOMAIN": ("domain_concept_id",),
        "CONCEPT_CLASS": ("concept_class_concept_id",),
        "RELATIONSHIP": ("relationship_concept_id",),
    }.items():
        for row in _rows(landing, name):
            assert {row[column] for column in file_columns} <= known, (name, row)


def test_relationships_come_in_pairs_and_lead_to_standard_concepts(landing: Landing) -> None:
    reverse = {row["relationship_id"]: row["reverse_relationship_id"] for row in _rows(landing, "RELATIONSHIP")}
    assert all(reverse[other] == one for one, other in reverse.items())
    links = [
        (row["concept_id_1"], row["concept_id_2"], row["relationship_id"])
        for row in _rows(landing, "CONCEPT_RELATIONSHIP")
    ]
    assert len(set(links)) == len(links)
    assert {(two, one, reverse[kind]) for one, two, kind in links} == set(links)
    concepts = {row["concept_id"]: row for row in _rows(landing, "CONCEPT")}
    standard = {key for key, row in concepts.items() if row["standard_concept"] == "S"}
    assert {two for _, two, kind in links if kind == "Maps to"} <= standard
    assert {one for one, two, kind in links if kind == "Maps to" and one == two} == standard


def test_ancestors_are_reflexive_and_transitive(landing: Landing) -> None:
    rows = _rows(landing, "CONCEPT_ANCESTOR")
    pairs = {(row["ancestor_concept_id"], row["descendant_concept_id"]): row for row in rows}
    assert len(pairs) == len(rows)
    standard = {row["concept_id"] for row in _rows(landing, "CONCEPT") if row["standard_concept"] == "S"}
    assert {one for one, two in pairs if one == two} == standard
    above = defaultdict(set)
    for ancestor, descendant in pairs:
        above[descendant].add(ancestor)
    for descendant, ancestors in above.items():
        assert set().union(*(above[one] for one in ancestors)) == ancestors, descendant
    for (one, two), row in pairs.items():
        least, most = int(row["min_levels_of_separation"]), int(row["max_levels_of_separation"])
        assert (least, most) == (0, 0) if one == two else 0 < least <= most


def test_levels_count_the_shortest_and_the_longest_way(landing: Landing) -> None:
    levels = {
        (row["ancestor_concept_id"], row["descendant_concept_id"]): (
            row["min_levels_of_separation"],
            row["max_levels_of_separation"],
        )
        for row in _rows(landing, "CONCEPT_ANCESTOR")
    }
    assert levels["256451", "260139"] == ("1", "1")
    assert levels["320136", "260139"] == ("1", "2"), "straight, and by way of bronchitis"
    assert levels["441840", "260139"] == ("3", "4")


def test_a_combination_has_each_of_its_ingredients_above_it(landing: Landing) -> None:
    above = {
        row["ancestor_concept_id"]
        for row in _rows(landing, "CONCEPT_ANCESTOR")
        if row["descendant_concept_id"] == "40231925"
    }
    strengths = {
        row["ingredient_concept_id"] for row in _rows(landing, "DRUG_STRENGTH") if row["drug_concept_id"] == "40231925"
    }
    assert above - {"40231925"} == strengths == {"1125315", "1124957"}


def test_demo_codes_are_covered_but_for_those_left_out() -> None:
    left_out = {
        codes.UNKNOWN_VISIT.code,
        codes.UNKNOWN_TOOTH.code,
        codes.UNKNOWN_RIB.code,
        codes.UNKNOWN_CANCER.code,
    }
    all_codes = {one.code for one in vars(codes).values() if isinstance(one, codes.Code)}
    assert all_codes - set(standard_domains()) == left_out


def test_codes_of_every_vocabulary_are_covered_but_for_those_left_out(landing: Landing) -> None:
    known = {(row["vocabulary_id"], row["concept_code"]) for row in _rows(landing, "CONCEPT")}
    used = {one for one in vars(care).values() if isinstance(one, care.Coded)}
    assert len(used) > 25
    assert {one for one in used if (one.vocabulary, one.code) not in known} == set(care.UNKNOWN)
    units = {row["UNITS"] for row in read(landing.folder / "synthea/observations.csv").whole()} - {"", "a"}
    assert units <= {code for vocabulary, code in known if vocabulary == "UCUM"}


def test_special_mappings() -> None:
    domains = standard_domains()
    assert domains[codes.DIABETES_KIDNEY.code] == ("Condition", "Condition")
    assert domains[codes.ALLERGY.code] == ("Observation",)
    assert domains[codes.PREDIABETES.code] == ("Condition",)
    assert domains[codes.FULL_TIME.code] == ("Observation",)


def test_expected_domains_follow_from_the_files(landing: Landing) -> None:
    concepts = {row["concept_id"]: row for row in _rows(landing, "CONCEPT")}
    target_domains = defaultdict(list)
    for row in _rows(landing, "CONCEPT_RELATIONSHIP"):
        source = concepts[row["concept_id_1"]]
        if row["relationship_id"] == "Maps to" and source["vocabulary_id"] == "SNOMED":
            target_domains[source["concept_code"]].append(concepts[row["concept_id_2"]]["domain_id"])
    found: Counter[str] = Counter()
    expected = landing.report.expected
    for code, count in expected.condition_codes.items():
        for domain in target_domains.get(code, [""]):
            found[domain] += count
    assert found == Counter(expected.condition_rows_by_domain)
    assert found[""] == sum(expected.unmapped_condition_codes.values()) > 0
    assert set(expected.unmapped_encounter_codes) == {codes.UNKNOWN_VISIT.code}
