"""Synthetic landing files, as the sources would deliver them.

In this room: the writer of demo files (`write_landing`), the report of what it wrote, and the
hand-made miniature of the OHDSI vocabularies. Not in this room: reading, checking or loading a
landing file. Nothing written here comes from a real person, practice or market.
"""

from rwe.demo.landing import write_landing
from rwe.demo.report import LandingReport, read_report

__all__ = ["LandingReport", "read_report", "write_landing"]
