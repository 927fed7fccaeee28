"""Makes the environment from the lock file with nothing but Python's own library: `python3 tools/bootstrap.py <home>`.

Done once a lock file; says in one sentence what is missing and what to do about it.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
FIRST = ("uv", "setuptools")
# pyspark is 400 MB of jars, which are compressed already: a wheel that only stores them is made ten seconds sooner.
STORED = "--config-setting=--build-option=--compression=stored"


def main(home: Path) -> int:
    """Make `home/venv` unless it is already what the lock file says."""
    venv = home / "venv"
    stamp = venv / ".made-from"
    wanted = _fingerprint()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return 0
    problem = _missing()
    if problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"Making the environment in {venv} …", file=sys.stderr, flush=True)
    if venv.exists():
        shutil.rmtree(venv)
    python = venv / "bin" / "python"
    try:
        _run([sys.executable, "-m", "venv", str(venv)])
        first = home / "first.lock"
        first.write_text(_part_of_lock(FIRST), encoding="utf-8")
        _run([str(python), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(first)])
        uv = [str(venv / "bin" / "uv"), "pip", "install", "--quiet", "--python", str(python)]
        # pyspark is built from its source archive: with the locked setuptools, not with a newer one.
        install = ["--no-build-isolation", STORED, "--compile-bytecode", "--require-hashes", "-r", str(LOCK)]
        _run([*uv, *install])
        _run([*uv, "--no-build-isolation", "--no-deps", "--editable", str(ROOT)])
    except subprocess.CalledProcessError as error:
        print(_failed(error), file=sys.stderr)
        return 1
    stamp.write_text(wanted, encoding="utf-8")
    return 0


def _fingerprint() -> str:
    parts = [LOCK.read_bytes(), (ROOT / "pyproject.toml").read_bytes(), sys.version.encode(), str(ROOT).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _missing() -> str | None:
    if sys.version_info < (3, 11):
        found = ".".join(map(str, sys.version_info[:3]))
        return f"Python 3.11 or newer is needed, this is {found}: name another one with `make build PYTHON=python3.11`."
    java_home = os.environ.get("JAVA_HOME")
    java = str(Path(java_home) / "bin" / "java") if java_home else shutil.which("java")
    if not java or not Path(java).exists():
        return "Java 17 or newer is needed and was not found: install it (`apt install openjdk-17-jre-headless`) or set JAVA_HOME."
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', said)
    if version and int(version.group(1)) < 17:
        return f"Java 17 or newer is needed, {java} is Java {version.group(1)}: install a newer one or set JAVA_HOME."
    return None


def _part_of_lock(names: tuple[str, ...]) -> str:
    blocks = re.split(r"\n(?=[a-z0-9])", LOCK.read_text(encoding="utf-8"))
    return "\n".join(block for block in blocks if block.split("==")[0] in names) + "\n"


def _run(command: list[str]) -> None:
    environment = dict(os.environ)
    index = environment.get("PIP_INDEX_URL")
    if index:
        environment.setdefault("UV_DEFAULT_INDEX", index)
    certificates = environment.get("PIP_CERT")
    if certificates:
        environment.setdefault("SSL_CERT_FILE", certificates)
    subprocess.run(command, check=True, env=environment, stderr=subprocess.PIPE, text=True)


def _failed(error: subprocess.CalledProcessError) -> str:
    lines = [line.strip() for line in (error.stderr or "").splitlines() if line.strip()]
    reason = next((line for line in lines if "rror" in line), lines[-1] if lines else f"code {error.returncode}")
    return (
        f"The environment could not be made ({reason}). Check that the Python package index can be reached, "
        "or name a mirror in PIP_INDEX_URL, and run the command again."
    )


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
