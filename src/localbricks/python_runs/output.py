"""What a run printed: kept in memory within bounds, and written to a log as it comes."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import BinaryIO

HEAD_BYTES = 64 * 1024
TAIL_BYTES = 448 * 1024
LOG_BYTES = 64 * 1024 * 1024


class Output:
    """Bytes that a run printed: the beginning and the end, however much there is between."""

    def __init__(self, log: BinaryIO | None, secret: str) -> None:
        self._head = bytearray()
        self._tail: deque[bytes] = deque()
        self._tail_size = 0
        self._left_out = 0
        self._log = log
        self._log_room = LOG_BYTES
        self._secret = secret.encode()
        self._line = b""

    @property
    def is_truncated(self) -> bool:
        """Whether bytes were left out."""
        return self._left_out > 0

    def write(self, chunk: bytes) -> None:
        """Take what was printed."""
        self._write_log(chunk)
        room = HEAD_BYTES - len(self._head)
        if room > 0:
            self._head += chunk[:room]
            chunk = chunk[room:]
        if not chunk:
            return
        self._tail.append(chunk)
        self._tail_size += len(chunk)
        while self._tail_size - len(self._tail[0]) >= TAIL_BYTES:
            oldest = self._tail.popleft()
            self._tail_size -= len(oldest)
            self._left_out += len(oldest)

    def note(self, text: str) -> None:
        """Write a line of our own to the log alone."""
        self._write_log(f"[localbricks] {text}".encode())

    def text(self) -> str:
        """What is kept, with a line that says what is not."""
        tail = b"".join(self._tail)
        middle = b""
        if self._left_out:
            middle = f"\n[… {self._left_out} bytes of output left out …]\n".encode()
        return clean((bytes(self._head) + middle + tail).decode("utf-8", "replace"), self._secret.decode())

    def close(self) -> None:
        """Write what is left to the log and close it."""
        if self._log is not None:
            self._write_lines(self._line)
            self._log.close()
            self._log = None

    def _write_log(self, chunk: bytes) -> None:
        """Whole lines go to the log, so that a secret cut in two by a read is still seen."""
        if self._log is None:
            return
        whole, newline, rest = (self._line + chunk).rpartition(b"\n")
        # A line without an end is written in pieces: it must not be held in memory for ever.
        if len(rest) > HEAD_BYTES:
            whole, newline, rest = whole + newline + rest, b"", b""
        self._line = rest
        self._write_lines(whole + newline)

    def _write_lines(self, lines: bytes) -> None:
        if self._log is None or self._log_room <= 0 or not lines:
            return
        if self._secret:
            lines = lines.replace(self._secret, b"[token]")
        self._log.write(lines[: self._log_room])
        self._log_room -= len(lines)
        if self._log_room <= 0:
            self._log.write(b"\n[the log ends here: it has reached its largest size]\n")
        self._log.flush()


def clean(text: str, secret: str) -> str:
    """`text` without `secret`, and without the half characters that JSON in UTF-8 cannot hold."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text.replace(secret, "[token]") if secret else text


def open_log(folder: Path, run_id: str, keep: int = 200) -> BinaryIO:
    """A new log file in `folder`; the oldest beyond `keep` are removed."""
    folder.mkdir(parents=True, exist_ok=True)
    logs = sorted(folder.glob("run-*.log"))
    for old in logs[: max(0, len(logs) - keep + 1)]:
        old.unlink(missing_ok=True)
    return (folder / f"run-{run_id}.log").open("wb")
