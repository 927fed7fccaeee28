"""Runs against a real Spark Connect server."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyspark
import pytest

from localbricks.python_runs.run import PythonRun, RunState
from localbricks.python_runs.runner import PythonRunner

pytestmark = pytest.mark.spark

TOKEN = "a-token-of-the-test"
OPENED = [
    "lang",
    "lang.invoke",
    "lang.reflect",
    "io",
    "net",
    "nio",
    "util",
    "util.concurrent",
    "util.concurrent.atomic",
]


@pytest.fixture(scope="module")
def connect_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Spark Connect server with what PySpark ships; nothing is fetched."""
    folder = tmp_path_factory.mktemp("spark")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "spark.master": "local[2]",
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(port),
        "spark.connect.authenticate.token": TOKEN,
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
    }
    command = ["java", "-Xmx1g", *[f"--add-opens=java.base/java.{name}=ALL-UNNAMED" for name in OPENED]]
    command += ["--add-opens=java.base/sun.nio.ch=ALL-UNNAMED", "--add-opens=java.base/sun.security.action=ALL-UNNAMED"]
    command += ["-cp", f"{Path(pyspark.__file__).parent}/jars/*", "org.apache.spark.deploy.SparkSubmit"]
    for name, value in settings.items():
        command += ["--conf", f"{name}={value}"]
    command += ["--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal"]
    environment = os.environ | {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        while b"Spark Connect server started" not in (folder / "log").read_bytes():
            assert server.poll() is None, (folder / "log").read_text()[-2000:]
            time.sleep(0.1)
        yield f"sc://localhost:{port}/;token={TOKEN};user_id=someone"
    finally:
        server.kill()
        server.wait()


@pytest.fixture(scope="module")
def spark_runner(connect_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PythonRunner]:
    """A runner for that server."""
    folder = tmp_path_factory.mktemp("spark_runs")
    runner = PythonRunner(lambda: connect_url, work_dir=folder / "work", log_dir=folder / "logs")
    yield runner
    runner.close()


def run(runner: PythonRunner, code: str, timeout: float | None = None) -> PythonRun:
    """Run a source to its end."""
    started = runner.submit(code, name="/Workspace/model", timeout=timeout)
    assert started.wait(120)
    return started


def test_spark_is_there(spark_runner: PythonRunner) -> None:
    code = (
        "from pyspark.sql import SparkSession\nassert SparkSession.builder.getOrCreate() is spark\n"
        "display(spark.range(2))\nspark.range(3)"
    )
    assert (
        run(spark_runner, code).result.output == "+---+\n|id |\n+---+\n|0  |\n|1  |\n+---+\n\nDataFrame[id: bigint]\n"
    )


def test_a_function_of_the_model_runs_in_spark(spark_runner: PythonRunner) -> None:
    code = (
        "import pandas as pd\nfrom pyspark.sql import functions as F\n"
        "def double(x):\n    return 2 * x\n"
        "def smallest(group):\n    return group.nsmallest(1, 'x')\n"
        "frame = spark.createDataFrame(pd.DataFrame({'k': [1, 1, 2], 'x': [3, 4, 5]}))\n"
        "frame = frame.withColumn('x', F.udf(double, 'long')('x'))\n"
        "print(frame.groupBy('k').applyInPandas(smallest, frame.schema).orderBy('k').toPandas().values.tolist())"
    )
    ended = run(spark_runner, code)
    assert ended.result.output == "[[1, 6], [2, 10]]\n", ended.result.traceback


def test_every_run_has_a_session_of_its_own(spark_runner: PythonRunner) -> None:
    run(spark_runner, "spark.range(1).createOrReplaceTempView('v')\nspark.conf.set('spark.sql.ansi.enabled', 'false')")
    ended = run(spark_runner, "print(spark.conf.get('spark.sql.ansi.enabled'))\nspark.table('v').count()")
    assert ended.result.output == "true\n"
    assert "[TABLE_OR_VIEW_NOT_FOUND]" in ended.result.error


def test_spark_s_message_and_the_model_s_line(spark_runner: PythonRunner) -> None:
    result = run(spark_runner, "def model():\n    return spark.range(3).select('nocol').collect()\nmodel()").result
    assert "[UNRESOLVED_COLUMN.WITH_SUGGESTION]" in result.error
    assert "line 2, in model\n    return spark.range(3).select('nocol').collect()" in result.traceback
    assert "JVM stacktrace" not in result.traceback
    assert len(result.traceback.splitlines()) < 20
    assert result.output == ""


@pytest.mark.parametrize(
    ("model", "line"),
    [
        pytest.param("    return spark.range(3).select('nocol')", "return spark.range(3).select(", id="one step"),
        pytest.param(
            "    frame = spark.range(3)\n    bad = frame.filter('nocol > 1')\n"
            "    return bad.selectExpr('id', '1 as y').union(frame.selectExpr('id', '2 as y')).limit(1)",
            "bad = frame.filter('nocol > 1')",
            id="in one branch of many",
        ),
        pytest.param("    return spark.table('no_such_table').limit(1)", "return spark.table(", id="source"),
    ],
)
def test_the_line_that_made_a_failing_frame(spark_runner: PythonRunner, model: str, line: str) -> None:
    """Spark Connect finds the fault when the frame is written, which is in code that dbt generated."""
    code = f"def model():\n{model}\ndf = model()\ndf.write.mode('overwrite').saveAsTable('t')"
    trace = run(spark_runner, code).result.traceback
    made, _, text = trace.partition("The DataFrame that fails was made here:\n")
    assert "saveAsTable('t')" in made
    assert "in model\n" in text
    assert text.splitlines()[1].strip().startswith(line)


def test_an_error_inside_a_function_that_spark_calls(spark_runner: PythonRunner) -> None:
    code = (
        "from pyspark.sql import functions as F\ndef bad(x):\n    return x / 0\n"
        "spark.range(1).select(F.udf(bad, 'double')('id')).collect()"
    )
    assert "line 3, in bad\n    return x / 0" in run(spark_runner, code).result.traceback


ENDLESS = "spark.range(10**13).selectExpr('sum(hash(id) % 7)').collect()"


KILLED = f"import os, threading\nthreading.Timer(3, os._exit, [9]).start()\n{ENDLESS}"


@pytest.mark.parametrize(
    ("code", "state"),
    [
        pytest.param(ENDLESS, RunState.TIMEDOUT, id="interrupted"),
        pytest.param(KILLED, RunState.FAILED, id="killed"),
    ],
)
def test_spark_stops_with_the_run(spark_runner: PythonRunner, code: str, state: RunState) -> None:
    """The server has two cores: if the query went on, the next one would be slow."""
    ended = run(spark_runner, code, timeout=3 if state is RunState.TIMEDOUT else None)
    assert ended.state is state
    begun = time.monotonic()
    assert run(spark_runner, "print(spark.range(3).count())").result.output == "3\n"
    assert time.monotonic() - begun < 60


def test_a_cancelled_context_can_go_on(spark_runner: PythonRunner) -> None:
    context = spark_runner.create_context()
    first = context.execute("spark.range(4).createOrReplaceTempView('v')", name="<command 1>")
    assert first.wait(60)
    second = context.execute(ENDLESS, name="<command 2>")
    while second.started_at is None:
        time.sleep(0.05)
    time.sleep(1)
    second.cancel()
    assert second.wait(60)
    assert second.state is RunState.CANCELED
    third = context.execute("print(spark.table('v').count())", name="<command 3>")
    assert third.wait(60)
    assert third.result.output == "4\n"
    context.close().result(30)


def test_a_wrong_token_is_refused_and_not_shown(connect_url: str, tmp_path: Path) -> None:
    wrong = connect_url.replace(TOKEN, "a-wrong-token-123")
    runner = PythonRunner(lambda: wrong, work_dir=tmp_path / "w", log_dir=tmp_path / "l")
    ended = run(runner, "spark.range(1).collect()")
    runner.close()
    assert ended.state is RunState.FAILED
    assert "UNAUTHENTICATED" in ended.result.error
    assert "a-wrong-token" not in ended.result.traceback
