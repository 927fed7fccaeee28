"""Classes of Delta's that call ours in some places: copied into our jar, which comes first, with those calls turned.

Scala compiles a trait's method into a static one, named with a dollar at its end, which each class of the trait calls.
Where Delta's way to a value costs a Spark job, the class's call goes to a static method of ours by the same name, which
may call the trait's. So all that Delta's class does otherwise stays Delta's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from py4j.java_gateway import get_field, set_field

REDIRECTED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "org/apache/spark/sql/delta/Snapshot": {
        "localbricks/engine/NotedSnapshots": (
            "domainMetadata$",
            "getAllFiles$",
            "numOfFiles$",
            "setTransactions$",
            "sizeInBytes$",
        ),
    },
}
"""By class, whose static methods of which names it calls in place of the trait's."""


def redirected(view: Any) -> dict[str, bytes]:
    """The classes with their calls turned, by their names in a jar.

    Args:
        view: a JVM that has Spark's jars, among them the ASM library, and Delta's.

    Raises:
        LookupError: the class has not one call of a name: another version of Delta, whose class is to be looked at.
    """
    return {f"{name}.class": _turned(view, name, owners) for name, owners in REDIRECTED.items()}


def _turned(view: Any, name: str, owners: Mapping[str, tuple[str, ...]]) -> bytes:
    asm = view.org.apache.xbean.asm9
    stream = view.java.lang.ClassLoader.getSystemResourceAsStream(f"{name}.class")
    node = asm.tree.ClassNode()
    asm.ClassReader(stream).accept(node, 0)
    stream.close()
    ours = {method: owner for owner, methods in owners.items() for method in methods}
    for method in get_field(node, "methods"):
        # A forwarder to the trait's method bears its name less the dollar.
        if (called := get_field(method, "name") + "$") in ours:
            for instruction in get_field(method, "instructions").toArray():
                if instruction.getOpcode() == asm.Opcodes.INVOKESTATIC and get_field(instruction, "name") == called:
                    set_field(instruction, "owner", ours.pop(called))
                    set_field(instruction, "itf", False)
                    break
    if ours:
        raise LookupError(f"Found no call of {', '.join(ours)} in {name}, expected one each. Is it another Delta?")
    writer = asm.ClassWriter(0)
    node.accept(writer)
    return bytes(writer.toByteArray())
