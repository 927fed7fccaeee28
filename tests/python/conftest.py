"""What all tests share: where fetched jars are kept, and an engine made for short lives."""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("LOCALBRICKS_CACHE", str(Path(__file__).parents[2] / ".local" / "cache"))
# A young engine spends its time on code that is interpreted, and on optimising code that a test runs a few times:
# compile early, and quickly.
os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:CompileThresholdScaling=0.1")
