"""`localbricks prepare`: all that is done once on a machine, before the first start or while an image is made.

Jars are fetched, our Java is compiled, and Java archives the classes that an engine loads (see `engine/class_path.py`).
For that an engine is started on a home of its own and does a little of everything.
"""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

from localbricks.catalog.store import CatalogStore
from localbricks.engine.class_path import ensure_class_path
from localbricks.engine.jars import cache_folder
from localbricks.engine.java import find_java
from localbricks.engine.jvm import Engine, EngineOptions
from localbricks.errors import LocalbricksError
from localbricks.home import USER_NAME, Home
from localbricks.operation.warm_up import like_dbt
from localbricks.python_runs.runner import PythonRunner
from localbricks.sql.session import SqlSession
from localbricks.sql.warehouse import Warehouse
from localbricks.volumes.paths import Volumes

ARCHIVE_SECONDS = 300.0
_MODEL = """
from pyspark.sql import functions as f
spark.range(10).groupBy((f.col("id") % 3).alias("part")).count().toPandas()
"""


def prepare() -> Path:
    """Make what is not there yet; the archive of classes.

    Raises:
        LocalbricksError: jars cannot be had, the engine does not start, or Java leaves no archive.
    """
    class_path = ensure_class_path(find_java())
    if archive := class_path.archive():
        return archive
    # On the disk of the cache, so that it gets to its place whole or not at all.
    with tempfile.TemporaryDirectory(dir=cache_folder(), prefix="prepare-") as folder:
        made = Path(folder) / "classes.jsa"
        _work(Home(Path(folder) / "home"), made)
        if not made.exists():
            raise LocalbricksError(
                f"Java left no archive of its classes in {folder}: is there room for 300 MB? "
                "localbricks works without, and starts more slowly."
            )
        return class_path.keep_archive(made)


def _work(home: Home, archive: Path) -> None:
    """Let an engine do a little of everything, and leave an archive of its classes."""
    home.prepare()
    engine = Engine(home, EngineOptions.from_environment(), archive)
    with contextlib.ExitStack() as after:
        after.callback(engine.stop, ARCHIVE_SECONDS)
        engine.start()
        store = CatalogStore(home.catalog_file)
        after.callback(store.close)
        warehouse = Warehouse(home, engine, store, Volumes(home, store), USER_NAME)
        after.callback(warehouse.close)
        runner = PythonRunner(engine.connect_url, work_dir=home.tmp, log_dir=home.logs)
        after.callback(runner.close)
        model = runner.submit(_MODEL, name="model")
        warehouse.once(lambda session: _statements(warehouse, session, home.tmp / "table"))
        model.wait()
        if model.result and model.result.error:
            raise LocalbricksError(f"A Python model did not run: {model.result.error}")


def _statements(warehouse: Warehouse, session: SqlSession, table: Path) -> None:
    for statement in like_dbt(table):
        warehouse.run(session, statement).spool.close()
