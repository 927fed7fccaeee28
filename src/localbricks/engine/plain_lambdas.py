"""Classes of Spark's whose lambdas are plain classes: copied into our jar, which comes first, with those lambdas turned.

Under the quick compiler alone a lambda that holds values costs a call into the virtual machine (`java/PlainLambdas.java`):
a tenth of the processor's time of a build, three quarters of it in a few classes, of which all plans are made.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

PLAIN = (
    "org/apache/spark/internal/config/ConfigEntry",
    "org/apache/spark/sql/catalyst/analysis/ColumnResolutionHelper",
    "org/apache/spark/sql/catalyst/expressions/Alias",
    "org/apache/spark/sql/catalyst/plans/QueryPlan",
    "org/apache/spark/sql/catalyst/plans/logical/AnalysisHelper",
    "org/apache/spark/sql/catalyst/rules/RuleExecutor",
    "org/apache/spark/sql/catalyst/trees/TreeNode",
)
"""Those that made the most lambdas in a build."""


def plain_lambdas(turn: Any, names: Iterable[str] = PLAIN) -> dict[str, bytes]:
    """The classes and those of their lambdas, by their names in a jar.

    Args:
        turn: an instance of our Java class, in a JVM that has Spark's jars, among them the ASM library.
        names: of the classes.

    Raises:
        LookupError: a class has no such lambda: another version of Spark, whose class is to be looked at.
    """
    found = {}
    for name in names:
        classes = {entry.getKey(): bytes(entry.getValue()) for entry in turn.apply(name).entrySet()}
        if len(classes) == 1:
            raise LookupError(f"Found no lambda that holds values in {name}, expected some. Is it another Spark?")
        found.update({f"{key}.class": content for key, content in classes.items()})
    return found
