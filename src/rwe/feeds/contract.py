"""The schema of a feed contract, as frozen pydantic models that refuse unknown keys.

In this room: the shape of `feeds/<feed>.yml`, one class a level, and the checks that one level can
make alone. Checks that need two levels or two files are in `rwe.feeds.checks`.
"""

from __future__ import annotations

import fnmatch
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

SIMPLE_TYPES = (
    "text",
    "integer",
    "boolean",
    "date",
    "date_compact",
    "date_day_first",
    "timestamp",
    "period_month",
)
NO_DELIMITER = "\x01"
"""What a feed whose records are whole lines is cut by: a character that is in no text."""
_DECIMAL = re.compile(r"decimal\(([0-9]{1,2}), ?([0-9]{1,2})\)")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_REASON = re.compile(r"[A-Z][A-Z0-9_]*")


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError("a name of lower-case letters, digits and _, beginning with a letter")
    return value


def _reason(value: str) -> str:
    if not _REASON.fullmatch(value):
        raise ValueError("a code of capitals, digits and _, beginning with a letter")
    return value


def _column_type(value: str) -> str:
    if value in SIMPLE_TYPES:
        return value
    match = _DECIMAL.fullmatch(value)
    if match and 1 <= int(match[1]) <= 38 and int(match[2]) <= int(match[1]):
        return value
    raise ValueError(f"one of {', '.join(SIMPLE_TYPES)}, or decimal(p,s) with 1 <= p <= 38 and s <= p")


def _one_ascii_character(value: str) -> str:
    if len(value) != 1 or not value.isascii() or value in "\r\n":
        raise ValueError("one ASCII character that is not a line end")
    return value


def _sentence(value: str) -> str:
    if not value.strip():
        raise ValueError("some words")
    return value.strip()


Name = Annotated[str, AfterValidator(_name)]
ReasonCode = Annotated[str, AfterValidator(_reason)]
ColumnType = Annotated[str, AfterValidator(_column_type)]
Character = Annotated[str, AfterValidator(_one_ascii_character)]
Sentence = Annotated[str, AfterValidator(_sentence)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Format(_Part):
    """How the bytes of a feed's files are cut into records and fields."""

    encoding: Literal["UTF-8", "ISO-8859-1", "windows-1252"] = Field(
        description="Character encoding of every file of the feed."
    )
    delimiter: Character | None = Field(
        description="The one character between two fields, or null where a record is one field, the "
        "whole line: for sheets that a later model cuts up."
    )
    quote: Character | None = Field(
        description="The character around a quoted field, or null where the feed never quotes."
    )
    escape: Character | None = Field(
        description="The character before a quote inside a quoted field: the quote itself, which "
        "is doubled there; null where the feed never quotes."
    )
    header: bool = Field(
        description="The first record names the columns. Where it does not, the columns of a "
        "generation stand for the fields in order, and a file is of the generation with as many."
    )
    multiline: bool = Field(description="A quoted field may hold line ends.")
    decimal: Literal[".", ","] = Field(description="The decimal separator of numbers.")

    @property
    def separator(self) -> str:
        """The delimiter, or what stands for it where there is none."""
        return self.delimiter or NO_DELIMITER


class Generation(_Part):
    """One header the publisher has used."""

    id: Sentence = Field(description="Short name of the generation, unique in its entity.")
    valid: Sentence = Field(description="When or in which versions this header was in use.")
    columns: tuple[Sentence, ...] = Field(min_length=1, description="The header, in file order, as published.")


class Column(_Part):
    """One column under its canonical name, whatever the generation called it."""

    name: Name = Field(description="Canonical name: the name in the raw table and after it.")
    synonyms: tuple[Sentence, ...] = Field(
        default=(),
        description="Every header name the generations use for this column. None where it is read "
        "from the file's name.",
    )
    from_file_name: str | None = Field(
        default=None,
        description="Regular expression with one group that reads the column from the file's path "
        "below the feed's folder, for what a publisher says there alone, such as the year.",
    )
    staged_as: Name | None = Field(
        default=None,
        description="Name in the generated staging model, where it is another one.",
    )
    type: ColumnType = Field(description="The type staging casts to; raw is text.")
    required: bool = Field(
        default=False,
        description="A row with a null here is quarantined (MISSING_REQUIRED).",
    )
    accepted: tuple[str, ...] | None = Field(
        default=None,
        min_length=1,
        description="The only values allowed; another one is quarantined (NOT_ACCEPTED).",
    )
    pattern: str | None = Field(
        default=None,
        description="Anchored regular expression that a value must match, else BAD_PATTERN. Only "
        "what means the same in Java and in Python.",
    )
    personal: bool = Field(
        default=False,
        description="The column names or finds a person: a generated staging model leaves it out.",
    )
    description: Sentence = Field(description="What the column holds, with its unit.")


class Rule(_Part):
    """One check between the columns of a row."""

    reason: ReasonCode = Field(description="The code a row gets that breaks the rule.")
    expect: Sentence = Field(description="SQL expression on the typed columns. False quarantines, null does not.")
    description: Sentence = Field(description="The fact about the feed the rule rests on.")


class Total(_Part):
    """Rows that repeat what other rows say, at a higher level."""

    kind: ReasonCode = Field(description="The code such a row gets in total_kinds.")
    when: Sentence = Field(description="SQL expression on the typed columns, true for such a row.")
    description: Sentence = Field(description="What the row is the total of.")


class Suppression(_Part):
    """How a publisher marks what it hides."""

    when: Sentence = Field(description="SQL expression on the typed columns, true for a suppressed row.")
    description: Sentence = Field(description="The publisher's rule, with the bounds of what is hidden.")


class Entity(_Part):
    """One kind of file, which becomes one raw table."""

    description: Sentence = Field(description="The grain first, then what a reader must know.")
    files: tuple[Sentence, ...] = Field(
        min_length=1,
        description="Globs on the file's base name, upper and lower case alike, at any depth of "
        "the feed's folder. A .gz of the same name is implied.",
    )
    optional: bool = Field(
        default=False,
        description="The feed is complete without any file of this entity.",
    )
    staging: Literal["by_hand", "generated"] = Field(
        default="by_hand",
        description="Who writes base, staging and quarantine model. `generated`: `rwe feeds sync`, for "
        "entities that staging takes as they are but for names.",
    )
    format: Format | None = Field(default=None, description="How these files are cut, where not as the feed's others.")
    generations: tuple[Generation, ...] = Field(min_length=1, description="The known headers, newest last.")
    columns: tuple[Column, ...] = Field(min_length=1, description="The raw table's columns.")
    key: tuple[Name, ...] = Field(
        default=(),
        description="Natural key; a second row with the same key is quarantined (DUPLICATE_KEY). "
        "Empty where rows have none.",
    )
    key_within: Literal["feed", "file"] = Field(
        default="feed",
        description="Where a key may stand once: in all files, or in each where a newer file restates an older one.",
    )
    superseded_by: tuple[Name, ...] = Field(
        default=(),
        description="Columns of the key by which a newer file restates an older one: where it has a row with the "
        "same values, the rows of older files are superseded and not staged. Empty where every file's rows stand.",
    )
    each_file_is_whole: bool = Field(
        default=False,
        description="A file holds everything there is: the rows of the newest file with a good row stand, those of "
        "all older files are superseded and not staged.",
    )
    rules: tuple[Rule, ...] = Field(default=(), description="Checks between columns.")
    totals: tuple[Total, ...] = Field(
        default=(),
        description="Rows that are totals of others. They are staged with their kinds in total_kinds, and add up to nothing.",
    )
    suppression: Suppression | None = Field(
        default=None, description="Which rows are suppressed. They are staged with is_suppressed."
    )

    def accepts(self, base_name: str) -> bool:
        """Say whether a file of this base name (with or without .gz) belongs to the entity."""
        plain = base_name.removesuffix(".gz").lower()
        return any(fnmatch.fnmatchcase(plain, glob.lower()) for glob in self.files)


class Contract(_Part):
    """Everything the project knows about one feed before it opens a file of it."""

    feed: Name = Field(description="Name of the feed, of this file and of schema raw_<feed>.")
    title: Sentence = Field(description="The feed's name for readers.")
    publisher: Sentence = Field(description="Who publishes it.")
    licence: Sentence = Field(description="Under which terms.")
    country: str | None = Field(
        pattern="^[A-Z]{2}$",
        description="ISO 3166 code of the country covered, or null.",
    )
    cadence: Literal["daily", "weekly", "monthly", "quarterly", "yearly", "irregular"] = Field(
        description="How often a new file is expected."
    )
    restatement: Literal["none", "replaces_period", "restates_history"] = Field(
        description="What a newer file does to the periods of an older one."
    )
    restatement_note: Sentence | None = Field(default=None, description="The same in words.")
    coverage: Sentence = Field(description="What is inside and what is not.")
    currency: str | None = Field(
        default=None,
        pattern="^[A-Z]{3}$",
        description="ISO 4217 code of every amount, if any.",
    )
    price_bases: dict[Name, Literal["list", "actual_cost", "reimbursed", "retail"]] = Field(
        default_factory=dict,
        description="Which kind of price each amount column is.",
    )
    format: Format = Field(description="How files are cut into records and fields.")
    null_tokens: tuple[str, ...] = Field(min_length=1, description="Texts that mean null, compared after trimming.")
    entities: dict[Name, Entity] = Field(min_length=1, description="The kinds of files, by raw table name.")

    @property
    def schema_name(self) -> str:
        """Name of the schema that holds the feed's raw tables and its landing volume."""
        return f"raw_{self.feed}"

    def format_of(self, entity: str) -> Format:
        """How the files of an entity are cut."""
        return self.entities[entity].format or self.format

    def entities_of(self, base_name: str) -> list[str]:
        """Names of the entities whose globs take a file of this base name."""
        return [name for name, entity in self.entities.items() if entity.accepts(base_name)]
