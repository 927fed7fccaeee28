"""The pass over one file: what it counts, what it finds wrong, and where."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rwe.feeds import Contract
from rwe.landing import inspect as inspect_module
from rwe.landing.inspect import Inspection, inspect_file, split_record
from rwe.landing.verdict import judge

HEADER = "ID,ITEM,AMOUNT\n"

ContractOf = Callable[..., Contract]


@pytest.fixture
def look(tmp_path: Path, shop_of: ContractOf) -> Callable[..., Inspection]:
    """Write bytes to a file and inspect it as a sale of the shop."""

    def run(content: bytes | str, name: str = "a.csv", **replaced: str) -> Inspection:
        contract = shop_of(**replaced)
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return inspect_file(path, contract.format, contract.entities["sale"])

    return run


def test_identity_header_and_count(look: Callable[..., Inspection]) -> None:
    content = HEADER + "1,tea,2\n2,milk,1\n"
    seen = look(content)
    assert seen.sha256 == hashlib.sha256(content.encode()).hexdigest()
    assert seen.size_bytes == len(content)
    assert seen.header == ("ID", "ITEM", "AMOUNT")
    assert seen.header_line == "ID,ITEM,AMOUNT"
    assert seen.match is not None
    assert seen.match.positions == {"sale_id": 0, "item": 1, "amount": 2}
    assert (seen.count_records, seen.count_malformed) == (2, 0)
    packed = look(gzip.compress(content.encode()), "a.csv.gz")
    assert (packed.sha256, packed.count_records) == (seen.sha256, 2)


@pytest.mark.parametrize(
    ("body", "records"),
    [
        ("1,a,2\n2,b,1", 2),
        ("1,a,2\r\n2,b,1\r\n", 2),
        ("1,a,2\r2,b,1\r", 2),
        ("\n\n1,a,2\n   \n\t\n2,b,1\n\x00\n\x0b\x1c\n\n", 2),
        ('"1","a,b",2\n"2","c""d",1\n', 2),
        (",,\n,,\n", 2),
        ('1,"a" ,2\n', 1),
    ],
)
def test_counts_records_as_spark_does(look: Callable[..., Inspection], body: str, records: int) -> None:
    seen = look("\n \n" + HEADER + body)
    assert (seen.count_records, seen.count_malformed) == (records, 0)


def test_line_of_tabs_is_no_record_of_a_file_of_tabs(look: Callable[..., Inspection]) -> None:
    tabs = {"delimiter": 'delimiter: "\\t"', "quote": "quote: null, escape: null"}
    seen = look('ID\tITEM\tAMOUNT\n\t\t\n1\t"x\t2\n\t \t\n2\t"\t"\n\0a\tb\tc\n', **tabs)
    assert (seen.count_records, seen.count_malformed) == (3, 0)
    assert look("ID\tITEM\tAMOUNT\n1\t\uffffx\t2\n", **tabs).count_malformed == 1


def test_malformed_records_have_position_line_and_text(look: Callable[..., Inspection]) -> None:
    seen = look(HEADER + '\n1,a,2\n2,b\n\n3,"c\n4,d,1,x\n5,"e,f",1\n"6,g",1\n')
    assert [
        (m.row_position, m.line_number, m.found_fields, m.expected_fields, m.raw_record) for m in seen.malformed
    ] == [
        (2, 4, 2, 3, "2,b"),
        (3, 6, 2, 3, '3,"c'),
        (4, 7, 4, 3, "4,d,1,x"),
        (6, 9, 2, 3, '"6,g",1'),
    ]
    assert (seen.count_records, seen.count_malformed, seen.widest_record) == (6, 4, 4)


def test_malformed_records_kept_are_bounded(
    look: Callable[..., Inspection], monkeypatch: pytest.MonkeyPatch, shop: Contract
) -> None:
    monkeypatch.setattr(inspect_module, "MALFORMED_KEPT", 5)
    seen = look(HEADER + "1,a,2\n" * 1000 + "2\n" * 9)
    assert (len(seen.malformed), seen.count_malformed) == (5, 9)
    assert judge(seen, shop, "sale").status == "TOO_MANY_MALFORMED"


def test_record_wider_than_spark_takes_refuses_the_file(look: Callable[..., Inspection], shop: Contract) -> None:
    verdict = judge(look(HEADER + "1,a,2\n" + "," * 20_480 + "\n"), shop, "sale")
    assert verdict.status == "TOO_MANY_MALFORMED"
    assert "Found a record of 20481 fields, expected at most 20480" in (verdict.reason or "")


def test_byte_order_mark_of_utf8_is_skipped(look: Callable[..., Inspection]) -> None:
    seen = look(b"\xef\xbb\xbf" + (HEADER + "1,a,2\n").encode())
    assert (seen.header[0], seen.count_records) == ("ID", 1)
    assert look(b"\xef\xbb\xbf").match is None
    assert look(b"\xef\xbb\xbf\n\n").match is None


@pytest.mark.parametrize(
    ("content", "encoding", "line", "offset", "found"),
    [
        (b"ID,ITEM,AMOUNT\n1,\xe9,2\n", "UTF-8", 2, 17, "the byte 0xE9"),
        (b"\xef\xbb\xbfID,ITEM,AMOUNT\r\n1,\xe9,2\r\n", "UTF-8", 2, 21, "the byte 0xE9"),
        (b"ID,ITEM,AMOUNT\n1,caf\xc3", "UTF-8", 2, 20, "the byte 0xC3"),
        (b"ID,ITEM,AMOUNT\n1,\xc0\x80,2\n", "UTF-8", 2, 17, "the byte 0xC0"),
        (b"\xff\xfeI\x00D\x00", "UTF-8", 1, 0, "the byte order mark of UTF-16"),
        (b"\xff\xfeI\x00D\x00", "ISO-8859-1", 1, 0, "the byte order mark of UTF-16"),
        (b"\xef\xbb\xbfID,ITEM,AMOUNT\n", "ISO-8859-1", 1, 0, "the byte order mark of UTF-8"),
        (
            "ID,ITEM,AMOUNT\n1,tea,2\n2,café,2\n".encode(),
            "ISO-8859-1",
            3,
            28,
            "'é' as the UTF-8 bytes c3a9",
        ),
        (
            "ID,ITEM,AMOUNT\n1,café,2\n".encode(),
            "windows-1252",
            2,
            20,
            "'é' as the UTF-8 bytes c3a9",
        ),
        (b"ID,ITEM,AMOUNT\n1,\x81,2\n", "windows-1252", 2, 17, "the byte 0x81"),
    ],
)
def test_first_byte_in_the_wrong_encoding(
    look: Callable[..., Inspection],
    content: bytes,
    encoding: str,
    line: int,
    offset: int,
    found: str,
    shop_of: ContractOf,
) -> None:
    replaced = {"encoding": f"encoding: {encoding}"}
    seen = look(content, **replaced)
    assert seen.bad_text is not None
    assert (seen.bad_text.line_number, seen.bad_text.byte_offset, seen.bad_text.found) == (line, offset, found)
    assert seen.sha256 == hashlib.sha256(content).hexdigest()
    verdict = judge(seen, shop_of(**replaced), "sale")
    assert verdict.status == "WRONG_ENCODING"
    assert f"in line {line} (byte offset {offset}), expected text in {encoding}" in (verdict.reason or "")


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "windows-1252"])
def test_single_byte_text_is_text(look: Callable[..., Inspection], encoding: str) -> None:
    content = (HEADER + "1,caf\xe9,2\n2,\xc3,1\n3,sugar,1,\xfc\n").encode("latin-1")
    seen = look(content, encoding=f"encoding: {encoding}")
    assert seen.bad_text is None
    assert (seen.count_records, seen.malformed[0].raw_record) == (3, "3,sugar,1,ü")


def test_text_in_utf8_late_in_a_large_file_of_single_bytes(
    look: Callable[..., Inspection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspect_module, "BLOCK_BYTES", 64)
    content = (HEADER + "1,tea,2\n" * 50 + "2,café,1\n3,thé,1\n").encode()
    seen = look(content, encoding="encoding: ISO-8859-1")
    assert seen.bad_text is not None
    assert (seen.bad_text.line_number, seen.bad_text.byte_offset) == (52, 15 + 50 * 8 + 5)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv.gz", b"no gzip at all", "the gzip stream is corrupt before byte 14"),
        ("a.csv.gz", gzip.compress(b"ID,ITEM,AMOUNT\n", mtime=0)[:-1], "the gzip stream breaks off after 34 bytes"),
        ("a.csv.gz", gzip.compress(b"ID\n", mtime=0) + b"rubbish", "the gzip stream is corrupt"),
        ("a.csv", gzip.compress(b"ID,ITEM,AMOUNT\n", mtime=0), "its name does not end in .gz. Rename it"),
    ],
)
def test_files_that_cannot_be_read(look: Callable[..., Inspection], name: str, content: bytes, words: str) -> None:
    seen = look(content, name)
    assert words in (seen.unreadable or "")
    assert seen.sha256 is None


def test_gzip_of_several_members_and_padding(look: Callable[..., Inspection]) -> None:
    parts = [HEADER + "1,a,2", "\n2,b,1\n", "", "3,c,1\n"]
    content = b"".join(gzip.compress(part.encode()) for part in parts) + bytes(600)
    seen = look(content, "a.csv.gz")
    assert (seen.unreadable, seen.count_records) == (None, 3)
    assert seen.sha256 == hashlib.sha256("".join(parts).encode()).hexdigest()
    assert look(b"", "b.csv.gz").match is None


def test_large_gzip_stays_within_bounds(look: Callable[..., Inspection]) -> None:
    content = gzip.compress((HEADER + "1,aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,2\n" * 200_000).encode())
    assert look(content, "a.csv.gz").count_records == 200_000


def test_file_without_line_ends_is_unreadable(look: Callable[..., Inspection], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspect_module, "LONGEST_RECORD_BYTES", 100)
    monkeypatch.setattr(inspect_module, "BLOCK_BYTES", 64)
    assert look(HEADER + "1" * 1000).unreadable == (
        "line 2 has no end within 100 bytes. Check the line ends of the file"
    )


def test_file_that_grows_while_it_is_read(tmp_path: Path, shop: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEADER)
    content = inspect_module._content

    def growing(path: Path) -> Iterator[bytes]:
        yield from content(path)
        path.write_text(HEADER + "1,a,2\n")

    monkeypatch.setattr(inspect_module, "_content", growing)
    assert "it changed while it was read (15 bytes before, 21 after)" in (
        inspect_file(path, shop.format, shop.entities["sale"]).unreadable or ""
    )


def test_folder_and_absent_file_are_unreadable(tmp_path: Path, shop: Contract) -> None:
    for path in (tmp_path, tmp_path / "nothing"):
        assert "Check the file" in (inspect_file(path, shop.format, shop.entities["sale"]).unreadable or "")


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_records_over_several_lines(look: Callable[..., Inspection], line_end: str) -> None:
    content = '\nID,ITEM,AMOUNT\n1,"a\n\nb",2\n\n2,b\n3,"c, ""d""\n,"\n4,é,1'
    seen = look(content.replace("\n", line_end), multiline="multiline: true")
    assert (seen.count_records, seen.count_malformed) == (4, 2)
    assert [(m.row_position, m.line_number, m.found_fields) for m in seen.malformed] == [(2, 7, 2), (3, 8, 2)]
    assert seen.malformed[1].raw_record == f'3,"c, ""d""{line_end},"'


def test_bad_byte_in_a_record_over_several_lines(
    look: Callable[..., Inspection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspect_module, "BLOCK_BYTES", 8)
    seen = look(b'ID,ITEM,AMOUNT\n1,"a\nbcdefgh\nijklmnop\xe9",2\n', multiline="multiline: true")
    assert seen.bad_text is not None
    assert (seen.bad_text.line_number, seen.bad_text.byte_offset) == (4, 36)


def test_quote_left_open_to_the_end_of_a_large_file(
    look: Callable[..., Inspection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspect_module, "LONGEST_RECORD_BYTES", 1000)
    seen = look('ID,ITEM,AMOUNT\n1,"a\n' + "2,b,1\n" * 1000, multiline="multiline: true")
    assert "the record at line 2 cannot be cut into fields" in (seen.unreadable or "")


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("a,b", ["a", "b"]),
        ("", [""]),
        (",", ["", ""]),
        ('"a,b",c', ["a,b", "c"]),
        ('"a""b",c', ['a"b', "c"]),
        ('"a" ,c', ["a", "c"]),
        ('"a"b,c', ['"a"b', "c"]),
        ('"a,b"c,d', ['"a,b"c', "d"]),
        (' "a,b"', [' "a', 'b"']),
        ('x"y,z', ['x"y', "z"]),
        ('"a,b', ["a,b"]),
        ('""', [""]),
        ('"""",c', ['"', "c"]),
    ],
)
def test_split_record(line: str, fields: list[str]) -> None:
    assert split_record(line, ",", '"') == fields


LINES = st.lists(st.text(alphabet='ab,," \t', max_size=12), max_size=20)


@given(lines=LINES, block=st.integers(1, 9), line_end=st.sampled_from(["\n", "\r\n", "\r"]), packed=st.booleans())
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_blocks_and_fast_paths_change_nothing(
    look: Callable[..., Inspection], lines: list[str], block: int, line_end: str, packed: bool
) -> None:
    text = HEADER + "\n".join(lines)
    content = text.replace("\n", line_end).encode()
    positions = 0
    expected = []
    for number, line in enumerate(text.split("\n")[1:], 2):
        if line.strip(" \t"):
            positions += 1
            fields = len(split_record(line, ",", '"'))
            if fields != 3:
                expected.append((positions, number, fields, line))
    for size in (block, 1 << 20):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(inspect_module, "BLOCK_BYTES", size)
            seen = look(gzip.compress(content, mtime=0), "p.csv.gz") if packed else look(content, "p.csv")
        assert seen.count_records == positions
        assert [(m.row_position, m.line_number, m.found_fields, m.raw_record) for m in seen.malformed] == expected
        assert seen.sha256 == hashlib.sha256(content).hexdigest()


def test_file_without_a_header_is_told_by_its_number_of_fields(look: Callable[..., Inspection]) -> None:
    seen = look("1,tea,2\n2,milk\n\n3,rum,9\n", header="header: false")
    assert seen.match is not None
    assert (seen.match.generation, seen.match.positions) == ("1", {"sale_id": 0, "item": 1, "amount": 2})
    assert (seen.count_records, seen.count_malformed) == (3, 1)
    assert look("1,tea,2,hot\n", header="header: false").match.generation == "2"  # type: ignore[union-attr]


def test_file_without_a_header_and_with_other_fields_is_refused(
    look: Callable[..., Inspection], shop_of: ContractOf
) -> None:
    verdict = judge(look("1,tea\n", header="header: false"), shop_of(header="header: false"), "sale")
    assert verdict.status == "NO_HEADER"
    assert verdict.reason is not None
    assert "Found 2 fields in the first record, expected 3 or 4" in verdict.reason


def test_whole_lines_are_records_of_one_field(tmp_path: Path, shop_of: ContractOf) -> None:
    contract = shop_of(delimiter="delimiter: null", quote="quote: null, escape: null", header="header: false")
    path = tmp_path / "closing.txt"
    path.write_bytes(b'a title,,,\r\n"with, quotes",,\r\n,,,,\r\n\r\n')
    seen = inspect_file(path, contract.format, contract.entities["closing"])
    assert (seen.count_records, seen.count_malformed) == (3, 0)
    assert judge(seen, contract, "closing").status == "LOADED"
