"""Metric views: their YAML, and the SQL that it stands for."""
