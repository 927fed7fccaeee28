"""Classes of Spark's and Delta's that call ours in some places: copied into our jar, which comes first, with those calls turned.

Scala compiles a trait's method into a static one, named with a dollar at its end, which each class of the trait calls.
Where Delta's way to a value costs a Spark job, or is not Databricks' way, the class's call goes to a static method of ours
by the same name, which may call the trait's. Where a class asks another for what it does not need, its call goes to ours,
which may ask the other. So all that the class does otherwise stays Spark's or Delta's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from py4j.java_gateway import get_field, set_field

REDIRECTED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "org/apache/spark/sql/delta/Snapshot": (
        "localbricks/engine/NotedSnapshots",
        ("domainMetadata$", "getAllFiles$", "numOfFiles$", "setTransactions$", "sizeInBytes$"),
    ),
    "org/apache/spark/sql/delta/OptimisticTransaction": (
        "localbricks/engine/NewTables",
        ("incrementallyDeriveChecksum$",),
    ),
    "org/apache/spark/sql/delta/commands/WriteIntoDelta": (
        "localbricks/engine/Overwrites",
        ("getNewDomainMetadata$",),
    ),
}
"""By class, which class of ours it calls in place of the trait, for static methods of which names."""
ASKED_FIRST: Mapping[str, tuple[str, str, str]] = {
    "org/apache/spark/sql/catalyst/analysis/DeduplicateRelations$": (
        "localbricks/engine/Pruned",
        "org/apache/spark/sql/catalyst/plans/logical/LogicalPlan",
        "transformExpressions",
    ),
    "org/apache/spark/sql/catalyst/optimizer/InlineCTE": (
        "localbricks/engine/InlinedQueries",
        "org/apache/spark/sql/catalyst/analysis/DeduplicateRelations$",
        "apply",
    ),
    "org/apache/spark/sql/delta/stats/DeltaTaskStatisticsTracker": (
        "localbricks/engine/InitialStatistics",
        "org/apache/spark/sql/catalyst/expressions/codegen/GenerateMutableProjection$",
        "generate",
    ),
    "org/apache/spark/sql/execution/QueryExecution": (
        "localbricks/engine/PlannedOnce",
        "org/apache/spark/sql/catalyst/optimizer/Optimizer",
        "executeAndTrack",
    ),
    "org/apache/spark/sql/execution/aggregate/ResolveEncodersInScalaAgg$$anonfun$apply$1": (
        "localbricks/engine/Pruned",
        "org/apache/spark/sql/catalyst/plans/logical/LogicalPlan",
        "transformExpressionsUp",
    ),
    "org/apache/spark/util/SerializableConfiguration": (
        "localbricks/engine/TaskSettings",
        "org/apache/hadoop/conf/Configuration",
        "write",
    ),
}
"""By class, which class of ours it calls in place of which other one's method: with the other, what that is called with,
and the caller, which is the first of a method's values, also in the static methods that Scala makes of its functions."""


def redirected(view: Any) -> dict[str, bytes]:
    """The classes with their calls turned, by their names in a jar.

    Args:
        view: a JVM that has Spark's jars, among them the ASM library, and Delta's.

    Raises:
        LookupError: the class has no such call: another version of Spark or Delta, whose class is to be looked at.
    """
    found = {}
    for name, turn in REDIRECTED.items():
        node = read_class(view, name)
        _turn(view, node, *turn)
        found[f"{name}.class"] = _written(view, node)
    for name, ask in ASKED_FIRST.items():
        node = read_class(view, name)
        _ask(view, node, *ask)
        found[f"{name}.class"] = _written(view, node)
    return found


def read_class(view: Any, name: str) -> Any:
    """A class of the class path, by its name with slashes, as a tree of ASM's."""
    asm = view.org.apache.xbean.asm9
    stream = view.java.lang.ClassLoader.getSystemResourceAsStream(f"{name}.class")
    node = asm.tree.ClassNode()
    asm.ClassReader(stream).accept(node, 0)
    stream.close()
    return node


def _written(view: Any, node: Any) -> bytes:
    writer = view.org.apache.xbean.asm9.ClassWriter(0)
    node.accept(writer)
    return bytes(writer.toByteArray())


def _turn(view: Any, node: Any, owner: str, names: tuple[str, ...]) -> None:
    """Turn the calls by which methods forward to the trait's of these names: a method's own and a dollar."""
    turned = set()
    for method in get_field(node, "methods"):
        called = get_field(method, "name") + "$"
        if called in names:
            for call in _calls(method, view.org.apache.xbean.asm9.Opcodes.INVOKESTATIC, called):
                set_field(call, "owner", owner)
                set_field(call, "itf", False)
                turned.add(called)
    _expect(node, set(names) - turned)


def _ask(view: Any, node: Any, owner: str, asked: str, name: str) -> None:
    """Turn the calls of another class's method, and pass the caller on."""
    asm = view.org.apache.xbean.asm9
    missing = {name}
    for method in get_field(node, "methods"):
        for call in _calls(method, asm.Opcodes.INVOKEVIRTUAL, name):
            if get_field(call, "owner") == asked:
                taken, answered = get_field(call, "desc")[1:].split(")")
                get_field(method, "instructions").insertBefore(call, asm.tree.VarInsnNode(asm.Opcodes.ALOAD, 0))
                set_field(method, "maxStack", get_field(method, "maxStack") + 1)
                call.setOpcode(asm.Opcodes.INVOKESTATIC)
                set_field(call, "owner", owner)
                set_field(call, "desc", f"(L{asked};{taken}Ljava/lang/Object;){answered}")
                missing.clear()
    _expect(node, missing)


def _calls(method: Any, opcode: int, name: str) -> Iterator[Any]:
    """A method's calls of a kind, of methods of a name."""
    for instruction in get_field(method, "instructions").toArray():
        if instruction.getOpcode() == opcode and get_field(instruction, "name") == name:
            yield instruction


def _expect(node: Any, missing: set[str]) -> None:
    if missing:
        raise LookupError(
            f"Found no call of {', '.join(missing)} in {get_field(node, 'name')}, expected each. Is it another version?"
        )
