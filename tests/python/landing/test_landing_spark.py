"""What the pass counts is what Spark's CSV reader loads, and the load's expressions mean what they say."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from rwe.feeds import Contract
from rwe.landing.inspect import inspect_file
from rwe.landing.statements import format_options, raw_expressions, spark_names

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """A small Spark session of this module's own."""
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    sql = pytest.importorskip("pyspark.sql")
    session = (
        sql.SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.memory", "1g")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    yield session
    session.stop()


def raw_rows(spark: Any, contract: Contract, folder: Path, paths: list[Path]) -> list[Any]:
    """The rows COPY INTO would write for files of one header."""
    seen = inspect_file(paths[0], contract.format, contract.entities["sale"])
    assert seen.match is not None
    frame = spark.read.options(**format_options(contract, "sale")).csv([str(path) for path in paths])
    assert frame.columns == spark_names(seen.header)
    return frame.selectExpr(
        *raw_expressions(contract, "sale", seen.header, seen.match, ("/Volumes/x/y/z", folder.as_posix()))
    ).collect()


FORMATS: dict[str, dict[str, str]] = {
    "comma": {},
    "tab": {"delimiter": 'delimiter: "\\t"', "quote": "quote: null, escape: null"},
    "latin": {"delimiter": 'delimiter: ";"', "encoding": "encoding: ISO-8859-1"},
}


@pytest.mark.parametrize("name", FORMATS)
def test_random_files_have_as_many_records_and_malformed_ones(
    spark: Any, shop_of: Callable[..., Contract], tmp_path: Path, name: str
) -> None:
    contract = shop_of(**FORMATS[name])
    delimiter = contract.format.delimiter
    nothing = "\uffff" if contract.format.encoding == "UTF-8" else "!"
    runs = 0
    line = st.text(alphabet=f'ab{delimiter}{delimiter}{delimiter}" \t\x00\x0b\x85\\é{nothing}', max_size=14)
    body = st.lists(st.tuples(line, st.sampled_from(["\n", "\n", "\r\n", "\r"])).map("".join), max_size=12).map("".join)

    @given(bodies=st.lists(body, min_size=30, max_size=40), packed=st.booleans(), mark=st.booleans())
    @settings(
        max_examples=4,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
    )
    def compare(bodies: list[str], packed: bool, mark: bool) -> None:
        nonlocal runs
        runs += 1
        folder = tmp_path / f"run{runs}"
        folder.mkdir()
        paths, expected = [], {}
        for number, text in enumerate(bodies):
            content = (delimiter.join(["ID", "ITEM", "AMOUNT"]) + "\n" + text).encode(contract.format.encoding)
            if mark and contract.format.encoding == "UTF-8":
                content = b"\xef\xbb\xbf" + content
            path = folder / f"{number}.csv{'.gz' if packed else ''}"
            path.write_bytes(gzip.compress(content) if packed else content)
            seen = inspect_file(path, contract.format, contract.entities["sale"])
            assert seen.bad_text is None
            paths.append(path)
            if seen.count_records:
                malformed = [record.row_position for record in seen.malformed]
                expected[path.name] = (list(range(1, seen.count_records + 1)), malformed)
        positions: dict[str, list[int]] = {}
        for row in raw_rows(spark, contract, folder, paths):
            positions.setdefault(row._file_path, []).append(row._row_position)
        # A schema with a place for corrupt records shows which records Spark finds malformed.
        marked = (
            spark.read.options(**format_options(contract, "sale"))
            .schema("id string, item string, amount string, _corrupt_record string")
            .csv([str(path) for path in paths])
            .selectExpr(
                "*",
                "_metadata.file_name as name",
                "row_number() over (partition by _metadata.file_path order by _metadata.file_block_start, "
                "monotonically_increasing_id()) as position",
            )
            .collect()
        )
        malformed_rows: dict[str, list[int]] = {}
        for row in marked:
            if row._corrupt_record is not None:
                malformed_rows.setdefault(row.name, []).append(row.position)
        found = {file: (sorted(numbers), sorted(malformed_rows.get(file, []))) for file, numbers in positions.items()}
        assert found == expected

    compare()


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_records_over_several_lines_count_alike(
    spark: Any, shop_of: Callable[..., Contract], tmp_path: Path, line_end: str
) -> None:
    contract = shop_of(multiline="multiline: true")
    text = '\nID,ITEM,AMOUNT\n1,"a\n\nb",2\n\n2,b\n   \n3,"c, ""d""\n,",1\n4,é,1\n'
    path = tmp_path / "a.csv"
    path.write_bytes(text.replace("\n", line_end).encode())
    seen = inspect_file(path, contract.format, contract.entities["sale"])
    rows = raw_rows(spark, contract, tmp_path, [path])
    assert [row._row_position for row in rows] == list(range(1, seen.count_records + 1))


def test_raw_row_of_a_file_with_an_awkward_header_and_name(spark: Any, shop: Contract, tmp_path: Path) -> None:
    folder = tmp_path / "land (1)"
    (folder / "sub").mkdir(parents=True)
    path = folder / "sub" / "a b+c%20é.csv"
    path.write_text("Item Name, id,AMOUNT ,X `y`,,x `Y`,plain\ntea,1,2.50,u,v,w,\nmilk,2,1,,,,\n", encoding="utf-8")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    rows = raw_rows(spark, shop, folder, [path])
    assert [row.asDict() for row in rows] == [
        {
            "sale_id": "1",
            "item": "tea",
            "amount": "2.50",
            "note": None,
            "_rescued_data": '{"X `y`3":"u","_c4":"v","x `Y`5":"w"}',
            "_header_generation": None,
            "_file_path": "sub/a b+c%20é.csv",
            "_file_modified_at": rows[0]._file_modified_at,
            "_row_position": 1,
            "_loaded_at": rows[0]._loaded_at,
        },
        {
            **rows[1].asDict(),
            "sale_id": "2",
            "item": "milk",
            "amount": "1",
            "_rescued_data": None,
            "_row_position": 2,
        },
    ]
    assert rows[0]._file_modified_at.timestamp() == 1_700_000_000


def test_positions_of_a_file_that_spark_reads_in_pieces(spark: Any, shop: Contract, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("ID,ITEM,AMOUNT\n" + "".join(f"{n},tea,1\n\n" for n in range(1, 5001)))
    spark.conf.set("spark.sql.files.maxPartitionBytes", "8k")
    spark.conf.set("spark.sql.files.openCostInBytes", "0")
    try:
        rows = raw_rows(spark, shop, tmp_path, [path])
    finally:
        spark.conf.unset("spark.sql.files.maxPartitionBytes")
        spark.conf.unset("spark.sql.files.openCostInBytes")
    assert len(rows) == 5000
    assert all(int(row.sale_id) == row._row_position for row in rows)
