"""Spark's and Delta's settings: as Databricks has them where that is seen, small where the machine is."""

from __future__ import annotations

from localbricks.engine.classes import LOCAL_FILES, NOTED_COMMITS
from localbricks.home import Home


def metastore_url(home: Home) -> str:
    """Where Java finds the metastore of a home."""
    return f"jdbc:derby:;databaseName={home.metastore};create=true"


def spark_settings(home: Home, cores: int, connect_token: str) -> dict[str, str]:
    """Settings of the JVM that serves a home.

    Args:
        cores: what a statement is divided into, where its data do not say.
        connect_token: what a Spark Connect client must show.
    """
    return {
        # More tasks at once than cores: a long statement, which is divided into as many tasks as there are cores,
        # must leave room for the others. The operating system shares the cores.
        "spark.master": f"local[{2 * cores}]",
        "spark.default.parallelism": str(cores),
        "spark.app.name": "localbricks",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        # Loopback only: by default Connect and the block manager listen on every interface.
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.plugins": "org.apache.spark.sql.connect.SparkConnectPlugin",
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": "0",
        "spark.connect.authenticate.token": connect_token,
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.sql.catalogImplementation": "hive",
        "spark.hadoop.javax.jdo.option.ConnectionURL": metastore_url(home),
        # Two seconds by default, ten times over, while every other statement waits: nobody else uses this metastore.
        "spark.hadoop.hive.hmshandler.retry.interval": "20ms",
        # Hive's own SQL is for tables of many partitions, which Delta's have not, and is tried out at every start.
        "spark.hadoop.hive.metastore.try.direct.sql": "false",
        # Only this JVM changes the metastore, so what it has read stays true.
        "spark.hadoop.datanucleus.cache.level2": "true",
        "spark.hadoop.datanucleus.cache.level2.type": "soft",
        # Otherwise CREATE OR REPLACE TABLE with a changed type warns and falls back.
        "spark.hadoop.hive.metastore.disallow.incompatible.col.type.changes": "false",
        "spark.sql.warehouse.dir": str(home.warehouse),
        "spark.local.dir": str(home.tmp),
        "spark.sql.sources.default": "delta",
        "spark.sql.legacy.createHiveTableByDefault": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": str(max(2, cores)),
        # It is for tables of 10 GB, and looks at every plan.
        "spark.sql.optimizer.runtime.bloomFilter.enabled": "false",
        # 50 by default: seconds for a first count on a tiny table.
        "spark.databricks.delta.snapshotPartitions": "1",
        # The default for any file system starts eight processes a commit (chmod, readlink) on a local one. Only this
        # JVM writes the tables, which is what the local one asks for; ours tells what an INSERT has written.
        "spark.delta.logStore.file.impl": NOTED_COMMITS,
        # No process for each new file and each rename.
        "spark.hadoop.fs.file.impl": LOCAL_FILES,
        "spark.hadoop.fs.AbstractFileSystem.file.impl": f"{LOCAL_FILES}$Context",
        # What OPTIMIZE has clustered stays from this size on, as it does on Databricks: 100 GB by default, so that the
        # tables of a laptop were clustered as a whole each time.
        "spark.databricks.delta.optimize.clustering.mergeStrategy.minCubeSize.threshold": str(4 * 2**20),
        # 10,000 by default, and VACUUM starts as many tasks to list one folder.
        "spark.sql.sources.parallelPartitionDiscovery.parallelism": str(4 * cores),
        # What a task takes from the heap for its first row that is grouped, sorted or joined: 16 MB by default.
        "spark.buffer.pageSize": "1m",
        # Nothing is sent to another machine.
        "spark.broadcast.compress": "false",
        "spark.broadcast.checksum": "false",
        # 100 by default: a build of some hundred statements would compile each of them anew every time.
        "spark.sql.codegen.cache.maxEntries": "4000",
        # Databricks reads CSV files in every character set that Java knows.
        "spark.sql.legacy.javaCharsets": "true",
        # Databricks evolves the schema of MERGE and INSERT only when asked; replaceWhere takes any predicate.
        "spark.databricks.delta.replaceWhere.dataColumns.enabled": "true",
        # Two minutes by default. A machine that slept for longer would find its one executor lost, which the local
        # mode of Spark cannot register again: statements hang, and the JVM ends after sixty heartbeats that fail.
        "spark.storage.blockManagerHeartbeatTimeoutMs": "365d",
        "spark.scheduler.mode": "FAIR",
        "spark.cleaner.periodicGC.interval": "10min",
        "spark.sql.ui.retainedExecutions": "10",
        "spark.ui.retainedJobs": "50",
        "spark.ui.retainedStages": "50",
        "spark.ui.retainedTasks": "500",
        "spark.databricks.clusterUsageTags.sparkVersion": "18.0.x-scala2.13",
    }
