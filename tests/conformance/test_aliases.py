"""Aliases: the type of a string literal is Databricks'."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.adapter.aliases import fixtures
from dbt.tests.adapter.aliases.test_aliases import (
    BaseAliasErrors,
    BaseAliases,
    BaseSameAliasDifferentDatabases,
    BaseSameAliasDifferentSchemas,
)

from conformance.published import adopt

LITERAL = """
{% macro string_literal(s) -%} {{ adapter.dispatch('string_literal', macro_namespace='test')(s) }} {%- endmacro %}
{% macro databricks__string_literal(s) -%} cast('{{ s }}' as string) {%- endmacro %}
"""


class Macros:
    """The macros of these tests, with literals of Databricks."""

    @pytest.fixture(scope="class")
    def macros(self) -> dict[str, Any]:
        return {"cast.sql": LITERAL, "expect_value.sql": fixtures.MACROS__EXPECT_VALUE_SQL}


class TestAliases(Macros, BaseAliases):
    pass


class TestAliasErrors(Macros, BaseAliasErrors):
    pass


class TestSameAliasDifferentSchemas(Macros, BaseSameAliasDifferentSchemas):
    pass


class TestSameAliasDifferentDatabases(Macros, BaseSameAliasDifferentDatabases):
    pass


adopt(__name__, "aliases")
