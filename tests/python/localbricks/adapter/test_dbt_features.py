"""What dbt-databricks does, done on localbricks: two rounds of a build, and the commands around it."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from decimal import Decimal as D

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.service.sql import QueryStatus
from dbt_command import Dbt
from sql_client import Client, Row, connect
from waiting import wait_until

pytestmark = [pytest.mark.server, pytest.mark.slow]


@pytest.fixture(scope="module")
def rounds(dbt: Dbt) -> str:
    """A first build and a second one on changed data; what the second one printed."""
    dbt.good("build", "--exclude", "slow")
    dbt.round = 2
    return dbt.good("build", "--exclude", "slow")


@pytest.fixture(scope="module")
def client(dbt: Dbt, rounds: str) -> Iterator[Client]:
    """A session in the schema that was built."""
    with connect(dbt.server.home, dbt.server.state.port) as connection:
        session = Client(connection)
        session.run(f"use schema {dbt.schema}")
        yield session


@pytest.mark.parametrize(
    ("table", "columns", "expected"),
    [
        ("people", "id, name", [(1, "Ann"), (2, "Bob"), (3, "Cät")]),
        ("people_now", "id, amount", [(2, D("25.00")), (3, None), (4, D("40.00"))]),
        ("contracted", "id, amount", [(2, D("25.00")), (3, None), (4, D("40.00"))]),
        ("incremental_append", "id, round", [(1, 1), (2, 1), (2, 2), (3, 1), (3, 2), (4, 2)]),
        ("incremental_merge", "id, round", [(1, 1), (2, 2), (3, 2), (4, 2)]),
        ("incremental_insert_overwrite", "id, amount", [(2, D("25.00")), (3, None), (4, D("40.00"))]),
        ("incremental_replace_where", "id, amount", [(1, D("10.50")), (2, D("25.00")), (3, None), (4, D("40.00"))]),
        ("incremental_delete_insert", "id, name", [(1, None), (2, "Bob"), (3, "Cät"), (4, "Dan")]),
        ("python_all_purpose_cluster", "id, amount", [(2, D("51.00")), (3, None), (4, D("81.00"))]),
        ("python_serverless_cluster", "id, amount", [(2, D("51.00")), (3, None), (4, D("81.00"))]),
        ("python_job_cluster", "id, amount", [(2, D("51.00")), (3, None), (4, D("81.00"))]),
        ("python_notebook", "id, amount", [(2, D("51.00")), (3, None), (4, D("81.00"))]),
        ("python_workflow_job", "id, amount", [(1, D("11.50")), (2, D("26.00")), (3, None), (4, D("41.00"))]),
        ("python_incremental", "id, amount", [(1, D("10.50")), (2, D("25.00")), (3, None), (4, D("40.00"))]),
        ("python_masked", "id, name", [(2, "***"), (3, "***"), (4, "***")]),
        ("people_kept", "id, amount", [(2, D("25.00")), (3, None), (4, D("40.00"))]),
        ("people_streamed", "id, round", [(1, 1), (2, 1), (2, 2), (3, 1), (3, 2), (4, 2)]),
        (
            "people_history",
            "id, amount, dbt_valid_to is null",
            [
                (1, D("10.50"), False),
                (2, D("20.00"), False),
                (2, D("25.00"), True),
                (3, None, True),
                (4, D("40.00"), True),
            ],
        ),
    ],
)
def test_two_rounds_leave(client: Client, table: str, columns: str, expected: list[Row]) -> None:
    assert client.rows(f"select {columns} from {table} order by 1, 2") == expected


def test_measures_of_a_metric_view(client: Client) -> None:
    measured = "select round, measure(people), measure(amount) from people_measured group by round order by round"
    assert client.rows(measured) == [(1, 1, D("10.50")), (2, 3, D("65.00"))]


def test_contract_keys_comments_tags_and_properties(client: Client, dbt: Dbt) -> None:
    comments = client.pairs(
        f"select column_name, comment from information_schema.columns where table_schema = '{dbt.schema}' and table_name = 'contracted'"
    )
    assert comments == {"id": "Key of the person.", "name": "Name.", "amount": "Amount in EUR."}
    table = "select comment from information_schema.tables where table_name = 'contracted' and table_schema = "
    assert client.value(f"{table} '{dbt.schema}'") == 'One row per person, it\'s "quoted" and 100 % äöü.'
    keys = "select constraint_name, constraint_type from information_schema.table_constraints where table_schema = "
    assert client.pairs(f"{keys} '{dbt.schema}'")["contracted_pk"] == "PRIMARY KEY"
    assert client.pairs("show tblproperties contracted")["quality"] == "gold"
    tags = "select table_name, tag_name, tag_value from information_schema.table_tags where schema_name = "
    assert set(client.rows(f"{tags} '{dbt.schema}'")) == {
        ("contracted", "owner", "people"),
        ("people_measured", "of", "people"),
    }
    client.fails("insert into contracted values (-1, 'x', 1)", "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES", "23001")


def test_a_python_model_is_clustered(client: Client) -> None:
    properties = client.pairs("show tblproperties python_all_purpose_cluster")
    assert properties["clusteringColumns"] == '[["id"]]'


def test_broken_contract_is_told_before_anything_is_built(dbt: Dbt, client: Client) -> None:
    model = dbt.folder / "models" / "contracted.sql"
    text = model.read_text()
    model.write_text(text.replace("    id,\n", "    cast(id as string) as id,\n"))
    done = dbt.run("run", "--select", "contracted")
    model.write_text(text)
    assert done.returncode == 1
    assert "This model has an enforced contract that failed" in done.stdout
    assert client.value("select count(*) from contracted") == 3


def test_a_package_that_is_not_installed_is_named(dbt: Dbt, rounds: str) -> None:
    model = dbt.folder / "models" / "python_notebook.py"
    text = model.read_text()
    model.write_text(text.replace('["pandas"]', '["pandas", "package-of-nobody==1.0"]'))
    done = dbt.run("run", "--select", "python_notebook")
    model.write_text(text)
    assert done.returncode == 1
    assert "package-of-nobody==1.0 (not installed)" in done.stdout
    assert "uv pip install" in done.stdout


def test_failures_are_stored(client: Client, rounds: str, dbt: Dbt) -> None:
    assert "WARN 2 assert_amounts_are_small" in rounds
    stored = f"select id from {dbt.schema}_dbt_test__audit.assert_amounts_are_small order by id"
    assert client.values(stored) == [2, 4]


def test_show(dbt: Dbt, rounds: str) -> None:
    said = dbt.good("--quiet", "show", "--inline", "select max(id) as m from {{ ref('people') }}", "--output", "json")
    assert '"m": 3' in said


def test_docs_know_every_column(dbt: Dbt, rounds: str) -> None:
    dbt.good("docs", "generate")
    nodes = dbt.artifact("catalog.json")["nodes"]
    contracted = nodes["model.features.contracted"]
    assert contracted["metadata"]["comment"] == 'One row per person, it\'s "quoted" and 100 % äöü.'
    assert {name: column["type"] for name, column in contracted["columns"].items()} == {
        "id": "bigint",
        "name": "string",
        "amount": "decimal(10,2)",
    }
    assert dbt.artifact("catalog.json")["sources"]["source.features.landed.people"]["columns"]
    kinds = {name: nodes[f"model.features.people_{name}"]["metadata"]["type"] for name in ("now", "kept", "streamed")}
    assert kinds == {"now": "view", "kept": "materialized_view", "streamed": "streaming_table"}


def test_freshness(dbt: Dbt, rounds: str) -> None:
    dbt.good("source", "freshness")
    (source,) = dbt.artifact("sources.json")["results"]
    assert source["status"] == "warn"
    assert source["max_loaded_at"].startswith("2024-01-03")


def test_ctrl_c_cancels_what_runs_on_the_server(dbt: Dbt, client: Client) -> None:
    workspace = WorkspaceClient(host=dbt.server.url, token=dbt.server.home.token())

    def slow() -> list[QueryStatus]:
        found = workspace.query_history.list().res
        return [query.status for query in found if "cross join range(3000000)" in query.query_text]

    # Where the tests themselves were started in the background, Ctrl-C is ignored, by all that they start too.
    command = ["env", "--default-signal=INT", *dbt.command("run", "--select", "slow")]
    process = subprocess.Popen(
        command, cwd=dbt.folder, env=dbt.environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    wait_until(lambda: QueryStatus.RUNNING in slow(), 60)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode != 0
    wait_until(lambda: set(slow()) == {QueryStatus.CANCELED}, 60)
    assert client.value("select count(*) from people") == 3, "the server serves on"
