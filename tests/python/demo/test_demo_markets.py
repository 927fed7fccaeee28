"""The national markets' files: codes, totals, suppression and restatement, by an independent reading."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from demo_reading import Landing, read

from rwe.demo.markets import us_sdud
from rwe.demo.markets.au_pbs import sheet_cells
from rwe.demo.markets.dk_medstat import YEARS


def rows_of(landing: Landing, feed: str, entity: str) -> list[tuple[str, dict[str, str]]]:
    """Whole records of an entity that are not spoiled, with their file's name."""
    found = []
    for entry in landing.report.files:
        if (entry.feed, entry.entity) == (feed, entity):
            bad = {one.row_position for one in entry.spoiled}
            content = read(landing.folder / feed / entry.file_path)
            header = [name.lower().replace(" ", "_") for name in content.header]
            found += [
                (entry.file_path, dict(zip(header, record, strict=True)))
                for number, record in enumerate(content.records, 1)
                if number not in bad
            ]
    return found


def test_sdud_nation_holds_what_states_hide(landing: Landing) -> None:
    """By file, product and type: visible states and hidden truth make up the nation's row."""
    by_cell: dict[tuple[str, ...], dict[str, dict[str, str]]] = defaultdict(dict)
    for file, row in rows_of(landing, "us_sdud", "utilization"):
        key = (file, row["year"], row["quarter"], row["utilization_type"], row["ndc"])
        assert row["state"] not in by_cell[key]
        by_cell[key][row["state"]] = row
    hidden = 0
    for states in by_cell.values():
        nation = states.pop("XX")
        visible = [row for row in states.values() if row["suppression_used"] == "false"]
        suppressed = len(states) - len(visible)
        hidden += suppressed
        # Never one alone: it could be told from the nation's row.
        assert suppressed != 1 or len(states) == 1
        assert all(float(row["number_of_prescriptions"]) >= us_sdud.SUPPRESSED_BELOW for row in visible)
        if nation["suppression_used"] == "false":
            seen = sum(int(float(row["number_of_prescriptions"])) for row in visible)
            rest = int(float(nation["number_of_prescriptions"])) - seen
            assert rest >= suppressed
            assert (rest == 0) == (suppressed == 0)
    assert hidden > 100


def test_sdud_posts_restate_five_quarters_and_leave_the_older_ones(landing: Landing) -> None:
    quarters = defaultdict(set)
    for file, row in rows_of(landing, "us_sdud", "utilization"):
        quarters[file].add((int(row["year"]), int(row["quarter"])))
    first, *later = (quarters[file] for file in sorted(quarters))
    assert len(first) == us_sdud.FIRST_POST
    assert [len(found) for found in later] == [6, 6, 6, 6]


def test_sdud_truth_is_what_the_files_show_where_they_show_it(landing: Landing) -> None:
    post = us_sdud.posts()[-1]
    truth = {
        (cell.utilization_type, cell.state, "".join(us_sdud.ndc_of(cell.product)), cell.quarter): cell
        for quarter in us_sdud.quarters_of(post)
        for cell in us_sdud.truth(landing.report.seed, 1.0, quarter, post)
    }
    newest = f"sdud_{us_sdud.posted_on(post):%Y%m%d}.csv"
    seen = 0
    for file, row in rows_of(landing, "us_sdud", "utilization"):
        if file == newest and row["state"] != "XX" and row["suppression_used"] == "false":
            quarter = (int(row["year"]) - us_sdud.FIRST_YEAR) * 4 + int(row["quarter"]) - 1
            cell = truth[row["utilization_type"], row["state"], row["ndc"], quarter]
            assert int(float(row["number_of_prescriptions"])) == cell.prescriptions
            assert Decimal(row["total_amount_reimbursed"]) * 100 == cell.total
            seen += 1
    assert seen > 200


def test_open_medic_totals_net_the_reversals(landing: Landing) -> None:
    rows = rows_of(landing, "fr_open_medic", "dispensing")
    packs = sum(int(row["boites"].replace(".", "")) for _, row in rows)
    amount = sum(Decimal(row["rem"].replace(".", "").replace(",", ".")) for _, row in rows)
    expected = landing.report.expected.market_totals["fr_open_medic"]
    assert (str(packs), str(amount)) == (expected["count_packs"], expected["amount_reimbursed_local"])
    assert any(row["boites"].startswith("-") for _, row in rows)
    assert any("." in row["boites"] for _, row in rows)


def test_pbs_latest_version_of_each_month(landing: Landing) -> None:
    latest: dict[str, str] = {}
    rows = rows_of(landing, "au_pbs", "supply")
    for file, row in rows:
        latest[row["month_of_supply"]] = max(file, latest.get(row["month_of_supply"], ""))
    kept = [row for file, row in rows if latest[row["month_of_supply"]] == file]
    value = sum(Decimal(row["govt_contrib"]) + Decimal(row["patient_net_contrib"]) for row in kept)
    expected = landing.report.expected.market_totals["au_pbs"]
    assert (str(len(kept)), str(value)) == (expected["count_latest_rows"], expected["amount_retail_local"])
    assert all(row["item_code"].startswith("0") for row in kept)


def test_pbs_sheet_has_blanks_before_the_listing_alone() -> None:
    cells = sheet_cells(1)
    for (concession, atc, month), values in cells.items():
        assert (values[0] is None) == (atc == "J01" and month < 5), concession


def test_medstat_totals_are_the_sum_of_the_leaves(landing: Landing) -> None:
    rows = [record for name, record in _medstat(landing)]
    units = {(r[0], r[1], r[2], r[3], r[4], r[5]): Decimal(r[10]) for r in rows}
    for year in map(str, YEARS):
        leaves = sum(
            value
            for (atc, when, sector, region, sex, age), value in units.items()
            if when == year and len(atc) == 7 and age == "A"
            and ((sector == "0" and region != "0" and sex != "A") or sector == "1")
        )  # fmt: skip
        whole = sum(
            v
            for (atc, when, s, _, _, age), v in units.items()
            if when == year and len(atc) == 1 and s == "2" and age == "A"
        )
        assert abs(leaves - whole) < Decimal("0.01")


def _medstat(landing: Landing) -> list[tuple[str, list[str]]]:
    found = []
    for entry in landing.report.files:
        if (entry.feed, entry.entity) == ("dk_medstat", "sales"):
            bad = {one.row_position for one in entry.spoiled}
            content = read(landing.folder / "dk_medstat" / entry.file_path)
            found += [(entry.file_path, r) for n, r in enumerate(content.records, 1) if n not in bad]
    return found


@pytest.mark.parametrize("feed", ["au_pbs", "br_sngpc", "dk_medstat", "fr_open_medic"])
def test_single_byte_files_hold_no_utf8(landing: Landing, feed: str) -> None:
    texts = [path.read_bytes() for path in sorted(Path(landing.folder / feed).iterdir())]
    beyond_ascii = [text for text in texts if not text.isascii()]
    for text in beyond_ascii:
        with pytest.raises(UnicodeDecodeError):
            text.decode("utf-8")
    assert beyond_ascii or feed in ("au_pbs", "dk_medstat")
