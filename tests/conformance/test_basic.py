"""The basic tests of an adapter; the catalog of the docs has Databricks' types."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.adapter.basic import expected_catalog
from dbt.tests.adapter.basic.test_docs_generate import BaseDocsGenerate, BaseDocsGenReferences

from conformance.published import adopt


class _Any:
    """Equal to what the function says of it."""

    def __init__(self, *accepted: type | None) -> None:
        self._accepted = accepted

    def __eq__(self, other: object) -> bool:
        return any(other is None if kind is None else isinstance(other, kind) for kind in self._accepted)

    __hash__ = None  # type: ignore[assignment]


class _Integer:
    """`bigint` or `int`: what a seed's column is depends on its values."""

    def __eq__(self, other: object) -> bool:
        return other in ("bigint", "int")

    __hash__ = None  # type: ignore[assignment]


def _types() -> dict[str, Any]:
    return {
        "role": _Any(str, None),
        "id_type": _Integer(),
        "text_type": "string",
        "time_type": "timestamp",
        "view_type": "view",
        "table_type": "table",
        "model_stats": _Any(dict),
    }


class TestDocsGenerate(BaseDocsGenerate):
    @pytest.fixture(scope="class")
    def expected_catalog(self, project: Any) -> Any:
        return expected_catalog.base_expected_catalog(project, **_types())


class TestDocsGenReferences(BaseDocsGenReferences):
    @pytest.fixture(scope="class")
    def expected_catalog(self, project: Any) -> Any:
        expected = expected_catalog.expected_references_catalog(project, bigint_type=_Integer(), **_types())
        for node in [*expected["nodes"].values(), *expected["sources"].values()]:
            # Databricks counts columns from 0.
            node["columns"] = {
                name: {**column, "index": column["index"] - 1} for name, column in node["columns"].items()
            }
        return expected


adopt(
    __name__,
    "basic",
    skipped={
        "BaseGetCatalogForSingleRelation": "asks for a method of the adapter that dbt-databricks 1.12 has not",
        "BaseIncrementalBadStrategy": "dbt-databricks 1.12 only warns of an unknown strategy while the table is new",
    },
)
