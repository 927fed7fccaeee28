"""What becomes of an object on its way to a task, for tests that look at it."""

from __future__ import annotations

from typing import Any


def sent(view: Any, thing: Any) -> Any:
    """An object of a JVM, written and read as for a task."""
    buffer = view.java.io.ByteArrayOutputStream()
    output = view.java.io.ObjectOutputStream(buffer)
    output.writeObject(thing)
    output.close()
    return view.java.io.ObjectInputStream(view.java.io.ByteArrayInputStream(buffer.toByteArray())).readObject()
