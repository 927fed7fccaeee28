"""Files of one load must have one header."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from localbricks.errors import DatabricksError
from localbricks.volumes.headers import check_headers

HEADER = {"header": "true"}


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., list[Path]]:
    """Write files with these contents."""

    def write_all(*contents: bytes, suffix: str = ".csv") -> list[Path]:
        files = [tmp_path / f"{index}{suffix}" for index in range(len(contents))]
        for file, content in zip(files, contents, strict=True):
            file.write_bytes(content)
        return files

    return write_all


def nobody(path: Path) -> Sequence[str]:
    raise AssertionError("the engine need not be asked")


def by_comma(path: Path) -> Sequence[str]:
    """In the engine's place."""
    return [name.strip('" ') for name in path.read_text(encoding="utf-8").splitlines()[0].split(",")]


@pytest.mark.parametrize(
    "contents",
    [
        (b"a,b\n1,2\n", b"a,b\n3,4\n"),
        (b"a,b\r\n1,2\r\n", b"a,b\n3,4\n"),
        (b"\xef\xbb\xbfa,b\n", b"a,b"),
        (b"\n\na,b\n", b"a,b\n"),
        (b"a,b\n",),
    ],
)
def test_same_first_lines_need_no_engine(write: Callable[..., list[Path]], contents: tuple[bytes, ...]) -> None:
    check_headers(write(*contents), HEADER, nobody)


def test_without_a_header_there_is_nothing_to_compare(write: Callable[..., list[Path]]) -> None:
    check_headers(write(b"a\n", b"b\n"), {}, nobody)


def test_compressed_and_encoded(write: Callable[..., list[Path]], tmp_path: Path) -> None:
    check_headers(write(gzip.compress(b"a,b\n1,2"), gzip.compress(b"a,b\n3,4"), suffix=".csv.gz"), HEADER, nobody)
    files = write("ä,b\n1".encode("utf-16"), "ä,b\n2".encode("utf-16"))
    check_headers(files, {**HEADER, "encoding": "UTF-16"}, nobody)


def test_other_first_lines_may_still_be_the_same_columns(write: Callable[..., list[Path]]) -> None:
    check_headers(write(b"a,b\n1,2\n", b'"a","b"\n3,4\n', b"a, b\n"), HEADER, by_comma)


def test_a_header_that_cannot_be_told_is_asked_for(write: Callable[..., list[Path]]) -> None:
    asked = []

    def columns_of(path: Path) -> Sequence[str]:
        asked.append(path.name)
        return ["a"]

    check_headers(write(b'"a\nb",c\n', b'"a\nb",c\n'), HEADER, columns_of)
    assert asked == ["0.csv", "1.csv"]


def test_different_headers_are_refused(write: Callable[..., list[Path]]) -> None:
    with pytest.raises(DatabricksError, match=r"0\.csv has the columns a, b; 2\.csv has b, a") as caught:
        check_headers(write(b"a,b\n", b"a,b\n", b"b,a\n"), HEADER, by_comma)
    assert caught.value.error_class == "COPY_INTO_HEADERS_DIFFER"
