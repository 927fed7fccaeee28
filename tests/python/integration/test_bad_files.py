"""Each faulty landing file ends in a named error or in the quarantine, the counts add up, nothing else is disturbed."""

from __future__ import annotations

from pathlib import Path

import pytest
from bad_files import bad_files
from project_in_use import ProjectInUse

from rwe.demo.report import read_report

pytestmark = [pytest.mark.server, pytest.mark.slow]


@pytest.mark.parametrize("fault", bad_files())
def test_faulty_file_ends_as_it_must(built: ProjectInUse, fault: str) -> None:
    file = bad_files()[fault]
    book = built.row(f"select status, reason, count_records from quality.landing_files where file_path = '{file.name}'")
    assert book["status"] == file.status
    assert file.reason in (book["reason"] or "")
    if file.reason:
        assert "Found" in book["reason"], "the reason says what was found"

    quarantined = built.rows(
        "select reason_code, raw_record from quality.quarantine_uk_epd__prescribing "
        f"where file_path = '{file.name}' order by row_position"
    )
    assert [row["reason_code"] for row in quarantined] == list(file.quarantined)
    assert all(row["raw_record"] for row in quarantined)

    staged = built.row(f"select count(*) as n from staging.stg_uk_epd__prescribing where _file_path = '{file.name}'")
    assert staged["n"] == file.staged
    accounts = built.rows(f"select * from quality.row_accounts where file_path = '{file.name}'")
    if file.staged:
        (account,) = accounts
        assert account["count_records"] == account["count_loaded"] == file.staged + len(file.quarantined)
        assert (account["count_staged"], account["count_quarantined"]) == (file.staged, len(file.quarantined))
    else:
        assert accounts == []


def test_truncated_record_is_kept_as_it_was_delivered(built: ProjectInUse) -> None:
    file = bad_files()["truncated last line"]
    row = built.row(f"select raw_record from quality.quarantine_uk_epd__prescribing where file_path = '{file.name}'")
    assert row["raw_record"] == file.content.decode().splitlines()[-1]


def test_values_of_an_extra_column_are_kept(built: ProjectInUse) -> None:
    rows = built.rows("select _rescued_data from raw_uk_epd.prescribing where _file_path = 'EPD_201503.csv'")
    assert [row["_rescued_data"] for row in rows] == ['{"FORMULARY":"yes"}'] * 3


def test_nothing_else_is_disturbed(built: ProjectInUse, landing: Path) -> None:
    """Every file of the demo has exactly the records that its writer counted."""
    accounts = {
        (row["feed"], row["file_path"]): (row["count_records"], row["count_staged"], row["count_quarantined"])
        for row in built.rows("select * from quality.row_accounts")
    }
    for file in read_report(landing).files:
        if file.status == "LOADED":
            expected = (file.count_records, file.count_clean, file.count_records - file.count_clean)
            assert accounts[file.feed, file.file_path] == expected, file.file_path
        else:
            assert (file.feed, file.file_path) not in accounts
