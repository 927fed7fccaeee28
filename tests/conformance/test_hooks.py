"""Hooks: their table has Databricks' types, and their target is a Databricks one."""

from __future__ import annotations

from typing import Any

import pytest
from dbt.tests.adapter.hooks import test_model_hooks
from dbt.tests.adapter.hooks.test_model_hooks import (
    BaseHookRefs,
    BasePrePostModelHooks,
    BasePrePostModelHooksInConfig,
    BasePrePostModelHooksInConfigKwargs,
    BasePrePostModelHooksInConfigWithCount,
)
from dbt.tests.adapter.hooks.test_run_hooks import BasePrePostRunHooks

from conformance.published import adopt

FIELDS = (
    "test_state",
    "target_dbname",
    "target_host",
    "target_name",
    "target_schema",
    "target_type",
    "target_user",
    "target_pass",
    "target_threads",
    "run_started_at",
    "invocation_id",
    "thread_id",
)
COLUMNS = ", ".join(f"{field} {'int' if field == 'target_threads' else 'string'}" for field in FIELDS)


def contexts(project: Any, table: str, state: str) -> list[dict[str, Any]]:
    """What the hooks have written of the run they ran in."""
    query = f"select {', '.join(FIELDS)} from {project.test_schema}.{table} where test_state = '{state}'"
    return [dict(zip(FIELDS, row, strict=True)) for row in project.run_sql(query, fetch="all")]


def check(context: dict[str, Any], project: Any, host: str) -> None:
    """That it is the run of this project on Databricks."""
    assert context["target_host"] == host
    assert context["target_name"] == "default"
    assert context["target_schema"] == project.test_schema
    assert context["target_threads"] == 4
    assert context["target_type"] == "databricks"
    assert context["target_pass"] == ""
    assert context["run_started_at"]
    assert context["invocation_id"]
    assert context["thread_id"].startswith(("Thread-", "MainThread"))


class ModelHooks:
    """The table of the hooks, and what must be in it."""

    @pytest.fixture(scope="class", autouse=True)
    def setUp(self, project: Any) -> None:
        project.run_sql(f"create or replace table {project.test_schema}.on_model_hook ({COLUMNS})")

    def check_hooks(self, state: str, project: Any, host: str, count: int = 1) -> None:
        found = contexts(project, "on_model_hook", state)
        assert len(found) == count
        for context in found:
            check(context, project, host)


class TestPrePostModelHooks(ModelHooks, BasePrePostModelHooks):
    pass


class TestPrePostModelHooksUnderscores(TestPrePostModelHooks):
    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        hooks = {"pre_hook": test_model_hooks.MODEL_PRE_HOOK, "post_hook": test_model_hooks.MODEL_POST_HOOK}
        return {"models": {"test": {key: [hook] for key, hook in hooks.items()}}}


class TestHookRefs(ModelHooks, BaseHookRefs):
    pass


class TestPrePostModelHooksInConfig(ModelHooks, BasePrePostModelHooksInConfig):
    pass


class TestPrePostModelHooksInConfigWithCount(ModelHooks, BasePrePostModelHooksInConfigWithCount):
    pass


class TestPrePostModelHooksInConfigKwargs(ModelHooks, BasePrePostModelHooksInConfigKwargs):
    pass


class TestPrePostRunHooks(BasePrePostRunHooks):
    @pytest.fixture
    def setUp(self, project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        project.run_sql(f"create or replace table {project.test_schema}.on_run_hook ({COLUMNS})")
        for table in ("schemas", "db_schemas"):
            project.run_sql(f"drop table if exists {project.test_schema}.{table}")
        monkeypatch.setenv("TERM_TEST", "TESTING")

    @pytest.fixture(scope="class")
    def project_config_update(self) -> dict[str, Any]:
        row = "({% for schema in schemas %}'{{ schema }}'{% if not loop.last %},{% endif %}{% endfor %})"
        pair = "{% for db, schema in database_schemas %}('{{ db }}', '{{ schema }}'){% if not loop.last %},{% endif %}{% endfor %}"
        return {
            # Dropped before it is made, a table would be an error: the order is seen by that.
            "on-run-start": [
                "{{ custom_run_hook('start', target, run_started_at, invocation_id) }}",
                "create table {{ target.schema }}.start_hook_order_test (id int)",
                "drop table {{ target.schema }}.start_hook_order_test",
                "{{ log(env_var('TERM_TEST'), info=True) }}",
            ],
            "on-run-end": [
                "{{ custom_run_hook('end', target, run_started_at, invocation_id) }}",
                "create table {{ target.schema }}.end_hook_order_test (id int)",
                "drop table {{ target.schema }}.end_hook_order_test",
                "create table {{ target.schema }}.schemas (schema string)",
                "insert into {{ target.schema }}.schemas (schema) values " + row,
                "create table {{ target.schema }}.db_schemas (db string, schema string)",
                "insert into {{ target.schema }}.db_schemas (db, schema) values " + pair,
            ],
            "seeds": {"quote_columns": False},
        }

    def check_hooks(self, state: str, project: Any, host: str) -> None:
        (context,) = contexts(project, "on_run_hook", state)
        check(context, project, host)


adopt(__name__, "hooks")
