"""Classes of Spark's and Delta's that call ours in some places: copied into our jar, which comes first, with those calls turned.

Scala compiles a trait's method into a static one, named with a dollar at its end, which each class of the trait calls.
Where Delta's way to a value costs a Spark job, or is not Databricks' way, the class's call goes to a static method of ours
by the same name, which may call the trait's. Where a class asks another for what it does not need, its call goes to ours,
which may ask the other. So all that the class does otherwise stays Spark's or Delta's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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
    "org/apache/spark/sql/catalyst/optimizer/InlineCTE": (
        "localbricks/engine/InlinedQueries",
        "org/apache/spark/sql/catalyst/analysis/DeduplicateRelations$",
        "apply",
    ),
}
"""By class, which class of ours it calls in place of which other one's method: with the other, what that is called with,
and the caller."""


def redirected(view: Any) -> dict[str, bytes]:
    """The classes with their calls turned, by their names in a jar.

    Args:
        view: a JVM that has Spark's jars, among them the ASM library, and Delta's.

    Raises:
        LookupError: the class has no such call: another version of Spark or Delta, whose class is to be looked at.
    """
    found: dict[str, bytes] = {}
    for name, turn in REDIRECTED.items():
        with _edited(view, name, found) as node:
            _turn(view, node, *turn)
    for name, ask in ASKED_FIRST.items():
        with _edited(view, name, found) as node:
            _ask(view, node, *ask)
    return found


@contextmanager
def _edited(view: Any, name: str, found: dict[str, bytes]) -> Iterator[Any]:
    """A class to be changed, which is added to those found."""
    asm = view.org.apache.xbean.asm9
    stream = view.java.lang.ClassLoader.getSystemResourceAsStream(f"{name}.class")
    node = asm.tree.ClassNode()
    asm.ClassReader(stream).accept(node, 0)
    stream.close()
    yield node
    writer = asm.ClassWriter(0)
    node.accept(writer)
    found[f"{name}.class"] = bytes(writer.toByteArray())


def _turn(view: Any, node: Any, owner: str, names: tuple[str, ...]) -> None:
    turned = set()
    for called, instruction in _forwarding_calls(node, names, view.org.apache.xbean.asm9.Opcodes.INVOKESTATIC):
        set_field(instruction, "owner", owner)
        set_field(instruction, "itf", False)
        turned.add(called)
    _expect(node, set(names) - turned)


def _ask(view: Any, node: Any, owner: str, asked: str, called: str) -> None:
    asm = view.org.apache.xbean.asm9
    missing = {called}
    for method in get_field(node, "methods"):
        instructions = get_field(method, "instructions")
        for instruction in instructions.toArray():
            if instruction.getOpcode() != asm.Opcodes.INVOKEVIRTUAL:
                continue
            if (get_field(instruction, "owner"), get_field(instruction, "name")) == (asked, called):
                taken, answered = get_field(instruction, "desc")[1:].split(")")
                instructions.insertBefore(instruction, asm.tree.VarInsnNode(asm.Opcodes.ALOAD, 0))
                set_field(method, "maxStack", get_field(method, "maxStack") + 1)
                instruction.setOpcode(asm.Opcodes.INVOKESTATIC)
                set_field(instruction, "owner", owner)
                set_field(instruction, "desc", f"(L{asked};{taken}L{get_field(node, 'name')};){answered}")
                missing.discard(called)
    _expect(node, missing)


def _expect(node: Any, missing: set[str]) -> None:
    if missing:
        raise LookupError(
            f"Found no call of {', '.join(missing)} in {get_field(node, 'name')}, expected each. Is it another version?"
        )


def _forwarding_calls(node: Any, names: tuple[str, ...], opcode: int) -> Iterator[tuple[str, Any]]:
    """The calls by which methods forward to the trait's of these names: a method's own and a dollar."""
    forwarders = ((get_field(method, "name") + "$", method) for method in get_field(node, "methods"))
    for called, method in forwarders:
        if called in names:
            for instruction in get_field(method, "instructions").toArray():
                if instruction.getOpcode() == opcode and get_field(instruction, "name") == called:
                    yield called, instruction
