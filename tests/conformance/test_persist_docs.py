"""Descriptions that become comments: the columns of views have them too."""

from __future__ import annotations

from typing import Any

from dbt.tests.adapter.persist_docs.test_persist_docs import (
    BasePersistDocs,
    BasePersistDocsColumnMissing,
    BasePersistDocsCommentOnQuotedColumn,
)

from conformance.published import adopt


class ViewComments:
    """A view without a comment has an empty one or none."""

    def _assert_has_view_comments(
        self, view_node: Any, has_node_comments: bool = True, has_column_comments: bool = True
    ) -> None:
        comment = view_node["metadata"]["comment"]
        if has_node_comments:
            assert comment.startswith("View model description")
            self._assert_common_comments(comment)
        else:
            assert not comment
        column = view_node["columns"]["id"]["comment"]
        if has_column_comments:
            assert column.startswith("id Column description")
            self._assert_common_comments(column)
        else:
            assert column is None
        assert view_node["columns"]["name"]["comment"] is None


class TestPersistDocs(ViewComments, BasePersistDocs):
    pass


class TestPersistDocsColumnMissing(ViewComments, BasePersistDocsColumnMissing):
    pass


class TestPersistDocsCommentOnQuotedColumn(ViewComments, BasePersistDocsCommentOnQuotedColumn):
    pass


adopt(__name__, "persist_docs")
