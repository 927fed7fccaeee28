"""Query tags: words by which a client's statements are found again in the query history."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

QueryTags = Mapping[str, str | None]
"""Values by key; None of a tag that is a key alone."""
NO_TAGS: QueryTags = MappingProxyType({})
QUERY_TAGS = "query_tags"
"""Under this name a client sets them when it opens a session, or beside a statement."""
_PARTS = re.compile(r"((?:[^\\,]|\\.)+)", re.DOTALL)
_PAIR = re.compile(r"((?:[^\\:]|\\.)*)(?::(.*))?", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def read_query_tags(text: str) -> dict[str, str | None]:
    r"""Tags as a client writes them in a setting: `team:marketing,urgent`, with `\` before a comma, colon or backslash."""
    tags = {}
    for part in _PARTS.findall(text):
        found = _PAIR.match(part)
        assert found is not None, "the pattern matches every text"
        tags[_plain(found[1])] = _plain(found[2] or "") or None
    return {key: value for key, value in tags.items() if key}


def _plain(text: str) -> str:
    return _ESCAPED.sub(r"\1", text).strip()
