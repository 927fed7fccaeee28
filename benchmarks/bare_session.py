"""A PySpark session as anyone would start one, with the settings of localbricks: what measurements compare it with."""

from __future__ import annotations

import os

from pyspark.sql import SparkSession

from localbricks.engine.class_path import SPARK_JARS
from localbricks.engine.jars import ensure_jars
from localbricks.engine.java import find_java
from localbricks.engine.settings import spark_settings
from localbricks.home import Home

LOG_STORE = "io.delta.storage.LocalLogStore"
"""What localbricks' own, which a bare session has not, does beside its notes."""


def bare_session(home: Home) -> SparkSession:
    """A session whose catalog is in a home that no server uses."""
    jars = ensure_jars(find_java().launcher, SPARK_JARS)
    settings = spark_settings(home, os.cpu_count() or 2, "")
    connect_only = [key for key in settings if key.startswith("spark.connect.")]
    # Classes of localbricks, which anyone's session has not.
    ours = [key for key, value in settings.items() if value.startswith("localbricks.")]
    for key in (*connect_only, *ours, "spark.plugins"):
        del settings[key]
    settings["spark.delta.logStore.file.impl"] = LOG_STORE
    settings["spark.driver.memory"] = "3g"
    settings["spark.driver.extraJavaOptions"] = (
        f"-XX:+UseParallelGC -XX:ReservedCodeCacheSize=384m -Dderby.system.home={home.tmp}"
    )
    settings["spark.jars"] = ",".join(str(jar) for jar in jars)
    builder = SparkSession.builder
    for key, value in settings.items():
        builder = builder.config(key, value)
    spark: SparkSession = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark
