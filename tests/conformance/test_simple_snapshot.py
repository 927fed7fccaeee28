"""Snapshots: the scripts around them in Databricks' SQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from dbt.tests.adapter.simple_snapshot import test_ephemeral_snapshot_hard_deletes as hard_deletes
from dbt.tests.adapter.simple_snapshot import test_various_configs as various
from dbt.tests.adapter.simple_snapshot.new_record_check_mode import BaseSnapshotNewRecordCheckMode
from dbt.tests.adapter.simple_snapshot.new_record_dbt_valid_to_current import BaseSnapshotNewRecordDbtValidToCurrent
from dbt.tests.adapter.simple_snapshot.new_record_timestamp_mode import BaseSnapshotNewRecordTimestampMode
from dbt.tests.adapter.simple_snapshot.test_snapshot import BaseSimpleSnapshot
from dbt.tests.util import relation_from_name, run_sql_with_adapter

from conformance.databricks import statements, translated
from conformance.published import adopt


class TestSimpleSnapshot(BaseSimpleSnapshot):
    # A column that is added to a Delta table has no default.
    def add_fact_column(self, column: str | None = None, definition: str | None = None) -> None:
        self.project.run_sql(
            f"alter table {relation_from_name(self.project.adapter, 'fact')} add column {column} string"
        )


class Scripts:
    """Runs scripts of PostgreSQL statement by statement, in Databricks' words."""

    @pytest.fixture(scope="class", autouse=True)
    def scripts(self, project: Any) -> Iterator[None]:
        run = project.run_sql

        def run_sql(sql: str, fetch: str | None = None) -> Any:
            return _plain([run(statement, fetch) for statement in statements(translated(sql))][-1])

        def run_with_adapter(adapter: Any, sql: str, fetch: str | None = None) -> Any:
            return _in_order(_plain(run_sql_with_adapter(adapter, sql, fetch)))

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(project, "run_sql", run_sql)
            patch.setattr(various, "run_sql_with_adapter", run_with_adapter)
            yield


def _plain(rows: Any) -> Any:
    """Rows as the scripts expect them: times without a zone, and the mark of a deleted row as text."""
    return [tuple(map(_plain_value, row)) for row in rows] if isinstance(rows, list) else rows


def _in_order(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Versions (id, scd id, valid to) in the order of their insertion, which no ORDER BY asks for: all first ones by id."""
    versions: Counter[Any] = Counter()
    placed = []
    for row in sorted(rows, key=lambda row: row[2]):
        placed.append(((versions[row[0]], row[0]), row))
        versions[row[0]] += 1
    return [row for _, row in sorted(placed)]


def _plain_value(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value)
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


class TestSnapshotColumnNames(Scripts, various.BaseSnapshotColumnNames):
    pass


class TestSnapshotColumnNamesFromDbtProject(Scripts, various.BaseSnapshotColumnNamesFromDbtProject):
    pass


class TestSnapshotInvalidColumnNames(Scripts, various.BaseSnapshotInvalidColumnNames):
    pass


class TestSnapshotDbtValidToCurrent(Scripts, various.BaseSnapshotDbtValidToCurrent):
    pass


class TestSnapshotMultiUniqueKey(Scripts, various.BaseSnapshotMultiUniqueKey):
    pass


class TestSnapshotNewRecordTimestampMode(Scripts, BaseSnapshotNewRecordTimestampMode):
    pass


class TestSnapshotNewRecordCheckMode(Scripts, BaseSnapshotNewRecordCheckMode):
    pass


class TestSnapshotNewRecordDbtValidToCurrent(Scripts, BaseSnapshotNewRecordDbtValidToCurrent):
    pass


class NewColumn:
    """A column that comes later: without a default, which a Delta table does not take then."""

    @pytest.fixture(scope="class")
    def source_alter_sql(self) -> str:
        return "alter table {database}.{schema}.src_customers add column dummy_column string"


class TestSnapshotEphemeralHardDeletes(NewColumn, hard_deletes.BaseSnapshotEphemeralHardDeletes):
    pass


class TestSnapshotNewColumnTimestampStrategy(NewColumn, hard_deletes.BaseSnapshotNewColumnTimestampStrategy):
    pass


class TestSnapshotNewColumnSpecificCheckCols(NewColumn, hard_deletes.BaseSnapshotNewColumnSpecificCheckCols):
    pass


class TestSnapshotNewColumnWithDeletes(NewColumn, hard_deletes.BaseSnapshotNewColumnWithDeletes):
    pass


adopt(__name__, "simple_snapshot")
