"""Classes of Delta's that call ours in some places: copied into our jar, which comes first, with those calls turned.

Scala compiles a trait's method into a static one, named with a dollar at its end, which each class of the trait calls.
Where Delta's way to a value costs a Spark job, or is not Databricks' way, the class's call goes to a static method of ours
by the same name, which may call the trait's. So all that Delta's class does otherwise stays Delta's.
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


def redirected(view: Any) -> dict[str, bytes]:
    """The classes with their calls turned, by their names in a jar.

    Args:
        view: a JVM that has Spark's jars, among them the ASM library, and Delta's.

    Raises:
        LookupError: the class has no call of a name: another version of Delta, whose class is to be looked at.
    """
    return {f"{name}.class": _turned(view, name, *turn) for name, turn in REDIRECTED.items()}


def _turned(view: Any, name: str, owner: str, names: tuple[str, ...]) -> bytes:
    asm = view.org.apache.xbean.asm9
    stream = view.java.lang.ClassLoader.getSystemResourceAsStream(f"{name}.class")
    node = asm.tree.ClassNode()
    asm.ClassReader(stream).accept(node, 0)
    stream.close()
    turned = set()
    for called, instruction in _forwarding_calls(node, names, asm.Opcodes.INVOKESTATIC):
        set_field(instruction, "owner", owner)
        set_field(instruction, "itf", False)
        turned.add(called)
    if missing := set(names) - turned:
        raise LookupError(f"Found no call of {', '.join(missing)} in {name}, expected each. Is it another Delta?")
    writer = asm.ClassWriter(0)
    node.accept(writer)
    return bytes(writer.toByteArray())


def _forwarding_calls(node: Any, names: tuple[str, ...], opcode: int) -> Iterator[tuple[str, Any]]:
    """The calls by which methods forward to the trait's of these names: a method's own and a dollar."""
    forwarders = ((get_field(method, "name") + "$", method) for method in get_field(node, "methods"))
    for called, method in forwarders:
        if called in names:
            for instruction in get_field(method, "instructions").toArray():
                if instruction.getOpcode() == opcode and get_field(instruction, "name") == called:
                    yield called, instruction
