"""Descriptions that become comments.

The adapter's catalog has comments of relations, and none of columns: those are looked up in the information schema.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dbt.tests.adapter.persist_docs import test_persist_docs as published
from dbt.tests.adapter.persist_docs.test_persist_docs import (
    BasePersistDocs,
    BasePersistDocsColumnMissing,
    BasePersistDocsCommentOnQuotedColumn,
)

from conformance.published import adopt

COMMENTS = "select table_name, column_name, comment from information_schema.columns where table_schema = '{}'"


class Comments:
    """Puts the comments of columns into the catalog that dbt has written."""

    @pytest.fixture(scope="class", autouse=True)
    def comments(self, project: Any) -> Iterator[None]:
        run = published.run_dbt

        def run_dbt(arguments: list[str] | None = None) -> Any:
            done = run(arguments)
            # dbt's helper has put more arguments behind these.
            if arguments and arguments[:2] == ["docs", "generate"]:
                _add_comments(project)
            return done

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(published, "run_dbt", run_dbt)
            yield

    def _assert_has_view_comments(
        self, view_node: Any, has_node_comments: bool = True, has_column_comments: bool = True
    ) -> None:
        # A view without a comment has an empty one or none.
        view_node["metadata"]["comment"] = view_node["metadata"]["comment"] or None
        super()._assert_has_view_comments(view_node, has_node_comments, has_column_comments)  # type: ignore[misc]


def _add_comments(project: Any) -> None:
    path = Path("target/catalog.json")
    catalog = json.loads(path.read_text(encoding="utf-8"))
    found = {(row[0], row[1]): row[2] for row in project.run_sql(COMMENTS.format(project.test_schema), fetch="all")}
    for node in catalog["nodes"].values():
        for name, column in node["columns"].items():
            assert column["comment"] is None, "the adapter's catalog has comments of columns now"
            column["comment"] = found[(node["metadata"]["name"], name)]
    path.write_text(json.dumps(catalog), encoding="utf-8")


class TestPersistDocs(Comments, BasePersistDocs):
    pass


class TestPersistDocsColumnMissing(Comments, BasePersistDocsColumnMissing):
    @pytest.mark.skip("dbt-databricks does not warn of columns that are documented and not there")
    def test_missing_column_warning(self, project: Any) -> None: ...


class TestPersistDocsCommentOnQuotedColumn(Comments, BasePersistDocsCommentOnQuotedColumn):
    pass


adopt(
    __name__,
    "persist_docs",
    skipped=dict.fromkeys(
        (
            "BasePersistDocsAllColumnsMissing",
            "BasePersistDocsQuotedColumnCaseSensitive",
            "BasePersistDocsQuotedDescriptionNotAppliedOnMismatch",
        ),
        "dbt-databricks does not warn of columns that are documented and not there",
    ),
)
