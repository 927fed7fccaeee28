"""Runs Python sources (notebooks, commands) over Spark Connect, each in an interpreter of its own.

In this room: starting, feeding, draining, cancelling and ending interpreters (`runner`, `context`, `process`),
the process that they are copies of (`template`), what a run is (`run`), and the program of template and
interpreters (`interpreter/`).
Not in this room: HTTP, jobs and workspace files (`localbricks.rest`), and the engine.

Nothing is imported here, because the interpreters import this package too and must stay light.
"""
