"""What no change may bring, whatever the file: conflict markers, private keys, large files, logs.

`python3 tools/hygiene.py [file …]` reads the files that are named, otherwise all that git tracks. A copy of the
project without git has no changes to check.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

MAX_BYTES = 512 * 1024
# Seven signs and a name; seven equals signs alone may underline a heading.
CONFLICT = re.compile(rb"^(?:<{7}|>{7}) ", re.MULTILINE)
PRIVATE_KEY = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----")


def main(names: list[str]) -> int:
    """Print what was found and what to do about it; 1 when there is anything."""
    findings = [finding for name in names or _tracked() for finding in _findings(Path(name))]
    for finding in findings:
        print(finding, file=sys.stderr)
    return 1 if findings else 0


def _findings(path: Path) -> Iterator[str]:
    if path.is_symlink() or not path.is_file():
        return
    if path.suffix == ".log":
        yield f"{path}: a log. Remove it, and let what writes it do so below RWE_HOME."
    size = path.stat().st_size
    if size > MAX_BYTES:
        yield (
            f"{path}: {size:,} bytes, expected at most {MAX_BYTES:,}. "
            "Data and binaries do not belong into git: fetch or make them at build time."
        )
        return
    content = path.read_bytes()
    for match in CONFLICT.finditer(content):
        yield f"{path}:{_line(content, match)}: a merge conflict marker. Resolve the conflict."
    for match in PRIVATE_KEY.finditer(content):
        yield f"{path}:{_line(content, match)}: a private key. Remove it, and replace it where it is used."


def _line(content: bytes, match: re.Match[bytes]) -> int:
    return content.count(b"\n", 0, match.start()) + 1


def _tracked() -> list[str]:
    if not Path(".git").exists():
        return []
    listed = subprocess.run(["git", "ls-files", "-z"], check=True, capture_output=True, text=True)
    return [name for name in listed.stdout.split("\0") if name]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
