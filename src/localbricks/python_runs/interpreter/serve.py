"""The main loop of an interpreter: one context, whose sources it runs one after the other."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Any

from .channel import Channel, Message
from .engine import Engine, release_left_behind
from .execute import Notebook
from .failure import describe

_SIGNALS = 20


class Interpreter:
    """Takes messages on a thread of its own and runs sources on the main thread."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._inbox: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._running: str | None = None
        self._to_interrupt: str | None = None
        self._engine: Engine | None = None
        self._notebook: Notebook | None = None

    def serve(self) -> None:
        """Serve the runner until it says `exit`."""
        signal.signal(signal.SIGINT, self._on_interrupt)
        threading.Thread(target=self._listen, name="localbricks-channel", daemon=True).start()
        self._channel.send({"event": "ready"})
        while True:
            message = self._inbox.get()
            match message["op"]:
                case "open":
                    self._engine = Engine(message["connect_url"], message["problem"], message["session_id"])
                    self._notebook = Notebook(self._engine, self._resolve_volume)
                case "run":
                    self._channel.send(self._run(message))
                case "release":
                    release_left_behind(message["connect_url"], message["session_id"])
                case "exit":
                    break
        if self._engine is not None:
            self._engine.release()

    def _listen(self) -> None:
        """Read messages; when the runner is gone, end everything that this interpreter started."""
        with contextlib.suppress(OSError):
            for message in self._channel.messages():
                if message["op"] == "interrupt":
                    self._interrupt(message["id"])
                elif message["op"] == "answer":
                    self._answers.put(message)
                else:
                    self._inbox.put(message)
        os.killpg(0, signal.SIGKILL)

    def _interrupt(self, run_id: str) -> None:
        """Interrupt a run if it is still going on, or when it begins."""
        with self._lock:
            self._to_interrupt = run_id
        threading.Thread(target=self._signal, args=(run_id,), daemon=True).start()

    def _signal(self, run_id: str) -> None:
        """A real signal, so that a sleep or a read in the main thread wakes up.

        Sent again until the handler has run: a signal that arrives just before the main thread goes to sleep
        wakes nobody.
        """
        for _ in range(_SIGNALS):
            with self._lock:
                if self._running != run_id:
                    return
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            time.sleep(0.05)

    def _on_interrupt(self, _signal: int, _frame: FrameType | None) -> None:
        # Once for a run: what follows it here must not be interrupted too.
        if self._running is not None:
            self._running = None
            raise KeyboardInterrupt

    def _run(self, message: Message) -> Message:
        """Run one source; the message that says how it ended."""
        assert self._notebook is not None
        answer: dict[str, Any] = {"event": "done", "id": message["id"], "error": None, "traceback": None}
        answer |= {"interrupted": False, "exit_value": None}
        # A source may have set a handler of its own.
        signal.signal(signal.SIGINT, self._on_interrupt)
        try:
            try:
                with self._lock:
                    self._running = message["id"]
                    if self._to_interrupt == self._running:
                        raise KeyboardInterrupt
                answer["exit_value"] = self._notebook.run(
                    message["code"], message["name"], message["libraries"], dict(message["parameters"])
                )
            finally:
                with self._lock:
                    self._running = None
        except KeyboardInterrupt as error:
            answer["interrupted"] = True
            answer["error"], answer["traceback"] = describe(error)
            if self._engine is not None:
                self._engine.interrupt()
        except BaseException as error:
            if self._engine is not None:
                self._engine.explain(error)
            answer["error"], answer["traceback"] = describe(error)
        for stream in (sys.stdout, sys.stderr):
            # The source may have closed them.
            with contextlib.suppress(Exception):
                stream.flush()
        return answer

    def _resolve_volume(self, path: str) -> Path:
        """Ask the runner for the path behind a volume path."""
        self._channel.send({"event": "resolve", "path": path})
        answer = self._answers.get()
        if answer["problem"]:
            raise FileNotFoundError(answer["problem"])
        return Path(answer["path"])
