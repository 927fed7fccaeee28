"""The register of known limits: what Databricks does and localbricks refuses, why, and what to use instead.

One row a limit. A refusal is raised from its row (`refusal`), docs/localbricks-limits.md is written from the rows
(`python -m localbricks.limits > docs/localbricks-limits.md`), and a test runs the example of every row and expects
the row's error. A new limit is a new row; what is refused without a row cannot be.
"""

from __future__ import annotations

from dataclasses import dataclass

from localbricks.errors import DatabricksError

ERROR_CLASS = "UNSUPPORTED_FEATURE.LOCALBRICKS"
SQLSTATE = "0A000"


@dataclass(frozen=True)
class Limit:
    """One limit.

    Attributes:
        what: the feature, as it stands behind "localbricks does not support".
        why: the reason, a sentence.
        instead: what to do, a sentence.
        example: a statement that meets it, in an empty schema behind `setup`; `{schema}` is its name.
        setup: statements that the example needs.
        error_class: of the error that the example gives; another than the usual where the engine itself refuses.
        sqlstate: of that error.
    """

    what: str
    why: str
    instead: str
    example: str
    setup: tuple[str, ...] = ()
    error_class: str = ERROR_CLASS
    sqlstate: str = SQLSTATE


LIMITS: dict[str, Limit] = {
    "catalogs": Limit(
        "more than one catalog",
        "Spark's three-part names are native for its own catalog only, in SQL as in Python models.",
        "Use schemas of `spark_catalog`, and let the catalog come from the target.",
        "create catalog other",
    ),
    "information schema in a view": Limit(
        "a view on the information schema",
        "Its rows are computed for the statement that reads them.",
        "Query the information schema itself.",
        "create view v as select * from information_schema.tables",
    ),
    "not null of a field": Limit(
        "SET NOT NULL on a nested field",
        "Delta's library declares columns, not fields, NOT NULL.",
        "Check it in a CHECK constraint.",
        "alter table t alter column a.b set not null",
        ("create table t (a struct<b: int>)",),
    ),
    "show table extended of a partition": Limit(
        "SHOW TABLE EXTENDED … PARTITION",
        "Delta tables have no partitions of their own in Spark's catalog.",
        "SHOW PARTITIONS lists them, DESCRIBE DETAIL names the partition columns.",
        "show table extended like 't' partition (a = 1)",
        ("create table t (a int, b int) partitioned by (a)",),
    ),
    "copy into by position": Limit(
        "COPY INTO … BY POSITION or with a column list",
        "Files are loaded by the names in their header.",
        "Name the columns in a SELECT.",
        "copy into t by position from '/Volumes/spark_catalog/s/v' fileformat = csv",
        ("create table t (a string)",),
    ),
    "copy into validate": Limit(
        "COPY INTO … VALIDATE",
        "A load is not tried without being made.",
        "Load into a table of its own and look at it.",
        "copy into t from '/Volumes/spark_catalog/s/v' fileformat = csv validate all",
        ("create table t (a string)",),
    ),
    "copy into with a credential": Limit(
        "COPY INTO … WITH (CREDENTIAL …)",
        "Files are local.",
        "Leave it out: local files need no credential.",
        "copy into t from '/Volumes/spark_catalog/s/v' with (credential (a = 'b')) fileformat = csv",
        ("create table t (a string)",),
    ),
    "copy into with rescued data": Limit(
        "COPY INTO with rescuedDataColumn for another format than CSV",
        "Spark's readers of the other formats do not keep what they cannot place.",
        "Load the text as it is and parse it in a model.",
        "copy into t from '/Volumes/spark_catalog/s/v' fileformat = json format_options ('rescuedDataColumn' = '_r')",
        ("create table t (a string)",),
    ),
    "copy into with inferSchema": Limit(
        "COPY INTO with inferSchema",
        "Columns are loaded as text and cast to the table's types.",
        "Declare the table's types, or parse the text in a model.",
        "copy into t from '/Volumes/spark_catalog/s/v' fileformat = csv format_options ('inferSchema' = 'true')",
        ("create table t (a string)",),
    ),
    "read_files in a view": Limit(
        "read_files in a view that stays",
        "The files are put under the one statement that reads them.",
        "Read them in a table, a streaming table or a materialized view, or COPY INTO a table.",
        "create view w as select * from read_files('/Volumes/spark_catalog/{schema}/v', format => 'text')",
        ("create volume v",),
    ),
    "read_files outside volumes": Limit(
        "read_files outside volumes",
        "The local workspace has no other storage.",
        "Put the files into a volume.",
        "select * from read_files('s3://bucket/files', format => 'json')",
    ),
    "read_files of other formats": Limit(
        "read_files of another format than CSV, JSON, Parquet, ORC and text, or without one",
        "Formats are not guessed, and Spark's readers have these.",
        "Name the format: `format => 'csv'`.",
        "select * from read_files('/Volumes/spark_catalog/{schema}/v')",
        ("create volume v",),
    ),
    "read_files options": Limit(
        "an option of read_files that Spark's readers do not have",
        "Rescued data, schema evolution and partition inference are Auto Loader's.",
        "Name a schema, or load the text and parse it in a model.",
        "select * from read_files('/Volumes/spark_catalog/{schema}/v', format => 'json', schemaHints => 'a int')",
        ("create volume v",),
    ),
    "materialization of a metric view": Limit(
        "materialization of a metric view",
        "Metric views are computed when they are read.",
        "Leave `materialization` out, or build a model of the aggregates.",
        "create view v with metrics language yaml as $$\n{version: 1.1, source: t, materialization: {schedule: x}}\n$$",
    ),
    "window measures of a metric view": Limit(
        "window measures of a metric view",
        "Spark has no aggregate that takes its rows from other groups.",
        "Compute the window in the source of the view.",
        "create view v with metrics language yaml as $$\n{version: 1.1, source: t, measures: "
        "[{name: m, expr: count(*), window: [{order: d, range: trailing 7 day, semiadditive: last}]}]}\n$$",
    ),
    "nested joins of a metric view": Limit(
        "nested joins of a metric view",
        "One level of joins is put beside the source.",
        "Join in a view, and make it the source.",
        "create view v with metrics language yaml as $$\n{version: 1.1, source: t, joins: [{name: a, source: t, "
        "using: [x], joins: [{name: b, source: t, using: [y]}]}], measures: [{name: m, expr: count(*)}]}\n$$",
    ),
    "joins of a metric view in a query": Limit(
        "joins of a metric view in a query",
        "Its measures are aggregates of its own rows, as on Databricks.",
        "Read it in a CTE of its own, and join that.",
        "select measure(m) from v join v as w",
        (
            "create table t (x int)",
            "create view v with metrics language yaml as $$\n{version: 1.1, source: t, measures: "
            "[{name: m, expr: count(*)}]}\n$$",
        ),
    ),
    "functions in other languages": Limit(
        "functions in another language than SQL",
        "Open-source Spark keeps SQL functions in its catalog, and no others.",
        "Write the function in SQL, or the logic into a Python model.",
        "create function f(x int) returns int language python as $$ return x + 1 $$",
    ),
    "managed iceberg": Limit(
        "managed Iceberg tables (USING ICEBERG)",
        "The engine writes Delta tables.",
        "Use a Delta table, with UniForm where Iceberg clients read it on Databricks.",
        "create table i using iceberg as select 1 as a",
    ),
    "procedures": Limit(
        "stored procedures",
        "Open-source Spark has scripts (BEGIN … END), and keeps none in its catalog.",
        "Send the script itself, or use a dbt macro.",
        "create procedure p() language sql sql security invoker as begin select 1; end",
    ),
    "undrop": Limit(
        "UNDROP",
        "A dropped table's files go at once.",
        "Build the model again, or RESTORE a table that is still there.",
        "undrop table t",
    ),
    "owners": Limit(
        "owners other than the one user",
        "A workspace has one user, who owns all there is.",
        "Leave the owner to the targets on Databricks.",
        "alter table t set owner to someone",
        ("create table t (a int)",),
    ),
    "expectations": Limit(
        "expectations (CONSTRAINT … EXPECT) of materialized views and streaming tables",
        "They belong to Lakeflow pipelines, whose event log they report to.",
        "Filter in the query and test the model, or use a CHECK constraint on a table.",
        "create materialized view v (a, constraint c expect (a > 0)) as select 1 as a",
    ),
    "pipelines": Limit(
        "flows and APPLY CHANGES",
        "They belong to Lakeflow pipelines.",
        "Use a streaming table, or an incremental model with MERGE.",
        "create flow f as insert into t by name select * from stream s",
    ),
    "masked column of a target": Limit(
        "a masked column of the target in a condition or a value of UPDATE, DELETE or MERGE",
        "It would be read unmasked.",
        "Use columns without a mask.",
        "delete from t where a = 'x'",
        ("create function m(a string) returns string return '*'", "create table t (a string mask m)"),
    ),
    "row filter of a target": Limit(
        "UPDATE, DELETE and MERGE on a table whose row filter is more than an expression",
        "Spark takes no SQL function in those statements; one whose body is an expression is put in its place.",
        "Write to the table where the filter is not set, and set it behind that.",
        "delete from t",
        (
            "create table r (a string)",
            "create function m(x string) returns boolean return exists (select 1 from r where a = x)",
            "create table t (a string) with row filter m on (a)",
        ),
    ),
    "not matched by source and a row filter": Limit(
        "MERGE … WHEN NOT MATCHED BY SOURCE into a table with a row filter",
        "It would change rows that the filter hides.",
        "Delete or update those rows in a statement of their own.",
        "merge into t using t as s on t.a = s.a when not matched by source then delete",
        (
            "create function m(x string) returns boolean return x = 'a'",
            "create table t (a string) with row filter m on (a)",
        ),
    ),
    "sql functions in conditions": Limit(
        "SQL functions in the conditions of UPDATE, DELETE and MERGE",
        "Spark takes SQL functions in queries only.",
        "Write the expression out, or compute it in the source of a MERGE.",
        "delete from t where f(a)",
        ("create function f(a int) returns boolean return a > 1", "create table t (a int)"),
        "UNSUPPORTED_SQL_UDF_USAGE",
    ),
}


SERVED_OTHERWISE: tuple[tuple[str, str], ...] = (
    ("grants", "are kept, shown and revoked, not enforced: a workspace has one user."),
    (
        "materialized views and streaming tables",
        "are Delta tables that REFRESH fills, and it is done when it returns. Schedules and triggers are kept and shown; "
        "nothing is refreshed by itself.",
    ),
    ("a refresh of a materialized view", "computes the whole query, never a part of it."),
    (
        "UniForm (`delta.universalFormat.enabledFormats`)",
        "is kept and shown, and Delta holds its rules; no Iceberg metadata is written beside the table.",
    ),
    (
        "writers of the same rows at the same time",
        "come one after the other; Databricks lets all but one fail (`DELTA_CONCURRENT_…`).",
    ),
    ("CLUSTER BY AUTO", "is kept and shown; no columns are chosen."),
    ("ANALYZE TABLE", "checks its names; Delta keeps its statistics when it writes."),
    (
        "row filters and column masks",
        "hold for tables that are read by their names. Who reads a table's files by their path reads them all.",
    ),
    ("metric views", "are read in SQL; Spark Connect (Python models) refuses them."),
)
"""What is served, but not as Databricks serves it."""


def refusal(name: str, detail: str = "") -> DatabricksError:
    """The error of a limit.

    Args:
        name: its key in `LIMITS`.
        detail: what was found, where the limit's own words do not say it.
    """
    limit = LIMITS[name]
    found = f" Found: {detail}." if detail else ""
    return DatabricksError(ERROR_CLASS, f"localbricks does not support {limit.what}.{found} {limit.instead}", SQLSTATE)


def markdown() -> str:
    """The register as a page."""
    rows = [
        f"| {_cell(one.what)} | {_cell(one.why)} | {_cell(one.instead)} | `{one.error_class}`, {one.sqlstate} |"
        for one in sorted(LIMITS.values(), key=lambda one: one.what.lower())
    ]
    head = (
        "# Known limits of localbricks\n\n"
        "What Databricks does and localbricks refuses. Every row is tested: its example gives the named error.\n"
        "Written from `src/localbricks/limits.py` by `python -m localbricks.limits > docs/localbricks-limits.md`.\n\n"
        "| localbricks does not support | why | instead | error |\n|---|---|---|---|\n"
    )
    otherwise = "".join(f"- **{what}** {how}\n" for what, how in SERVED_OTHERWISE)
    return head + "\n".join(rows) + "\n\n## Served otherwise\n\n" + otherwise


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    print(markdown(), end="")
