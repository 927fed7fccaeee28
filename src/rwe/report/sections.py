"""What the report shows: a statement a section, on the tables of schema `quality`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from databricks.sql.exc import Error

from localbricks.client import connect
from localbricks.home import Home


class ReportError(Exception):
    """A table that the report shows is not there."""


@dataclass(frozen=True)
class Section:
    """A table of the report, before or after it was asked for."""

    title: str
    says: str
    """What a reader should know before reading the table."""
    statement: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()


SECTIONS = (
    Section(
        "Files with a remark",
        "Landing files that were refused, or loaded with something to say. All others were loaded as they are.",
        """
        select feed, file_path, status, count_records as records, reason
        from quality.landing_files
        where reason is not null
        order by feed, file_path
        """,
    ),
    Section(
        "Rows by file",
        "records = loaded, and loaded = staged + superseded + quarantined. Superseded rows say the same as a newer file's.",
        """
        select
            feed, entity, file_path, count_records as records, count_loaded as loaded, count_staged as staged,
            count_superseded as superseded, count_quarantined as quarantined,
            coalesce(
                count_records = count_loaded and count_loaded = count_staged + count_superseded + count_quarantined, false
            ) as balanced
        from quality.row_accounts
        order by feed, entity, file_path
        """,
    ),
    Section(
        "Patient records by file, to the OMOP CDM",
        "loaded = mapped + unmapped + superseded + quarantined, and mapped + unmapped = published + elsewhere (in another "
        "table than the entity's own, by the domain of its concept) + without a person + not for the CDM.",
        """
        select
            entity, file_path, count_loaded as loaded, count_mapped as mapped, count_unmapped as unmapped,
            count_superseded as superseded, count_quarantined as quarantined, count_published as published,
            count_routed_elsewhere as elsewhere, count_without_person as without_person,
            count_not_for_cdm as not_for_cdm,
            coalesce(
                count_loaded = count_mapped + count_unmapped + count_superseded + count_quarantined
                and count_staged = count_published + count_routed_elsewhere + count_without_person + count_not_for_cdm,
                false
            ) as balanced
        from quality.omop_row_accounts
        order by entity, file_path
        """,
    ),
    Section(
        "Checks of the Data Quality Dashboard",
        "Every check of OHDSI's Data Quality Dashboard for the CDM 5.4, by family.",
        """
        select
            category, check_level as level, check_name as check, count(*) as checks,
            count_if(status = 'PASSED') as passed, count_if(status = 'FAILED') as failed,
            count_if(status not in ('PASSED', 'FAILED')) as not_applicable
        from quality.dqd_results
        group by category, check_level, check_name
        order by category, check_level, check_name
        """,
    ),
    Section(
        "Checks that failed",
        "A failing check of severity fatal fails the build, convention warns, characterization says how the data are.",
        """
        select
            severity, check_name as check, cdm_table as table, cdm_field as field, concept_ids as concepts,
            count_rows as rows, count_violated as violations, percent_violated, threshold_percent
        from quality.dqd_results
        where status = 'FAILED'
        order by severity = 'fatal' desc, severity = 'convention' desc, check_name, cdm_table, cdm_field, concept_ids
        """,
    ),
    Section(
        "Codes without a standard concept",
        "The hundred with the most rows. Their rows are published with concept 0; source_to_concept_map takes mappings.",
        """
        select
            feed, entity, source_column as column, source_vocabulary_id as vocabulary, source_code as code,
            source_text as text, reason, count_rows as rows
        from quality.unmapped_codes
        order by count_rows desc, feed, entity, source_column, source_code
        limit 100
        """,
    ),
)


def query_sections(home: Home, sections: Iterable[Section] = SECTIONS) -> list[Section]:
    """The sections with their rows.

    Raises:
        ReportError: the tables are not built, or not as this version of the project builds them.
        LocalbricksError: the workspace does not run.
    """
    found = []
    with connect(home) as connection, connection.cursor() as cursor:
        for section in sections:
            try:
                cursor.execute(section.statement)
            except Error as error:
                first = str(error).strip().splitlines()[0]
                raise ReportError(
                    f"The report's part “{section.title}” could not be read; run `rwe build`. {first}"
                ) from None
            columns = tuple(column[0] for column in cursor.description or ())
            found.append(replace(section, columns=columns, rows=tuple(tuple(row) for row in cursor.fetchall())))
    return found
