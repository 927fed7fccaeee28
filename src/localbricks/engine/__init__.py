"""The engine: one JVM with Spark and Delta Lake, its start, its sessions and its results."""
