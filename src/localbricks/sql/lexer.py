"""Tokens of a SQL statement: enough to recognise and rewrite statements, never fooled by strings or comments."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TypeVar

from localbricks.errors import syntax_error

T = TypeVar("T")


class Kind(Enum):
    """What a token is."""

    WORD = "word"
    QUOTED = "quoted"
    STRING = "string"
    NUMBER = "number"
    SYMBOL = "symbol"


@dataclass(frozen=True, slots=True)
class Token:
    """A token and where it stands in the statement's text: `text[start:end]`."""

    kind: Kind
    text: str
    start: int
    end: int

    @property
    def lower(self) -> str:
        """The text of a word in lower case, otherwise the text."""
        return self.text.lower() if self.kind is Kind.WORD else self.text

    @property
    def value(self) -> str:
        """The name behind a word or a quoted identifier, or the content of a string literal."""
        if self.kind is Kind.QUOTED:
            return self.text[1:-1].replace("``", "`")
        if self.kind is Kind.STRING:
            return unquote(self.text)
        return self.text

    @property
    def is_name(self) -> bool:
        """Whether it can be an identifier."""
        return self.kind in (Kind.WORD, Kind.QUOTED)


# Spark's own lexer, as far as it matters here: a raw string knows no escape, a line comment goes on behind `\` at
# the end of its line.
_TOKEN = re.compile(
    r"""
      (?P<skip>\s+|--(?:\\\n|[^\r\n])*)
    | (?P<comment>/\*)
    | (?P<string>[rR]'[^']*'|[rR]"[^"]*"|'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|(?P<dollar>\$[a-zA-Z]*\$).*?(?P=dollar))
    | (?P<quoted>`(?:[^`]|``)*`)
    | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w]))
    | (?P<word>\w+)
    | (?P<symbol>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_KINDS = {kind.value: kind for kind in Kind}
_COMMENT_MARK = re.compile(r"/\*|\*/")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "Z": "\x1a"}
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})|\\([01][0-7]{2})|\\(.)", re.DOTALL)


def tokens(text: str) -> Iterator[Token]:
    """The significant tokens of a text; blanks and comments are skipped, a comment without an end is a symbol."""
    at = 0
    while (found := _TOKEN.match(text, at)) is not None:
        group, at = found.lastgroup or "", found.end()
        if group == "comment":
            end = _comment_end(text, at)
            if end is None:
                yield Token(Kind.SYMBOL, text[found.start() :], found.start(), len(text))
                return
            at = end
        elif group in _KINDS:
            yield Token(_KINDS[group], found.group(), found.start(), at)


def _comment_end(text: str, start: int) -> int | None:
    """Where the comment that is open at `start` ends, with those inside it; None where it does not."""
    depth = 1
    for mark in _COMMENT_MARK.finditer(text, start):
        depth += 1 if mark.group() == "/*" else -1
        if not depth:
            return mark.end()
    return None


def unquote(literal: str) -> str:
    """The content of a string literal by Spark's rules for escapes."""
    if literal[0] == "$":
        tag = literal.index("$", 1) + 1
        return literal[tag:-tag]
    if literal[0] in "rR":
        return literal[2:-1]
    quote, body = literal[0], literal[1:-1]
    body = body.replace(quote * 2, quote) if quote * 2 in body else body

    def replace(found: re.Match[str]) -> str:
        short, long, octal, single = found.groups()
        if single is None:
            return chr(int(octal, 8) if octal else int(short or long, 16))
        # Spark keeps the backslash of the two wildcards of LIKE.
        return f"\\{single}" if single in "%_" else _ESCAPES.get(single, single)

    return _ESCAPE.sub(replace, body) if "\\" in body else body


def literal(value: str) -> str:
    """A string literal for a value."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r") + "'"


def quoted(*parts: str) -> str:
    """A backquoted identifier of one or more parts."""
    return ".".join("`" + part.replace("`", "``") + "`" for part in parts)


def _without_end(text: str) -> str:
    """The text without the semicolons at its end, and without a comment behind them."""
    while text.endswith(";"):
        text = text[:-1].rstrip()
    if "--" in text.rpartition("\n")[2] or text.endswith("*/"):
        found = list(tokens(text))
        while found and found[-1].text == ";":
            text = text[: found.pop().start].rstrip()
    return text


Edit = tuple[int, int, str]
"""A stretch of a text, `text[start:end]`, and what stands in its place."""


def replaced(text: str, edits: Iterable[Edit]) -> str:
    """The text with stretches of it replaced, which come in order."""
    pieces, at = [], 0
    for start, end, instead in edits:
        pieces += [text[at:start], instead]
        at = end
    return "".join([*pieces, text[at:]])


class Statement:
    """One statement: its text and, when asked for, its tokens."""

    def __init__(self, text: str) -> None:
        self.text = _without_end(text.strip())

    @cached_property
    def tokens(self) -> list[Token]:
        """All significant tokens."""
        return list(tokens(self.text))

    @cached_property
    def head(self) -> tuple[str, ...]:
        """The first six words or symbols in lower case, without reading the rest."""
        first = []
        for token in tokens(self.text):
            first.append(token.lower)
            if len(first) == 6:
                break
        return tuple(first)

    def starts(self, *words: str) -> bool:
        """Whether the statement starts with these words."""
        return self.head[: len(words)] == words

    def clause(self, *words: str) -> list[Token] | None:
        """The first tokens that are these words, before a query and outside parentheses."""
        found = self._clauses
        for index in range(len(found) - len(words) + 1):
            ahead = found[index : index + len(words)]
            if [token.lower for token in ahead] == list(words):
                return ahead
        return None

    @cached_property
    def _clauses(self) -> list[Token]:
        """The tokens outside parentheses, with those that open one, up to the query."""
        depth, outside = 0, []
        for token in self.tokens:
            if depth == 0:
                if token.lower == "as":
                    break
                outside.append(token)
            depth += {"(": 1, ")": -1}.get(token.text, 0)
        return outside

    def reader(self) -> Reader:
        """A reader at the statement's first token."""
        return Reader(self)


class Reader:
    """Reads a statement token by token; every `expect` that fails is a syntax error that names what it saw."""

    def __init__(self, statement: Statement) -> None:
        self._statement = statement
        self._tokens = statement.tokens
        self.position = 0

    @property
    def token(self) -> Token | None:
        """The token ahead, None at the end."""
        return self._tokens[self.position] if self.position < len(self._tokens) else None

    @property
    def done(self) -> bool:
        """Whether all is read."""
        return self.token is None

    def ahead(self, count: int) -> Token | None:
        """The token that is `count` tokens behind the one ahead."""
        index = self.position + count
        return self._tokens[index] if index < len(self._tokens) else None

    def peek(self, *words: str) -> bool:
        """Whether these words are ahead."""
        ahead = self._tokens[self.position : self.position + len(words)]
        return [token.lower for token in ahead] == list(words)

    def take(self, *words: str) -> bool:
        """Read these words if they are ahead."""
        if self.peek(*words):
            self.position += len(words)
            return True
        return False

    def expect(self, *words: str) -> None:
        """Read these words, which must be ahead."""
        if not self.take(*words):
            raise self.error(f"Expected {' '.join(words).upper()}.")

    def next(self) -> Token:
        """Read one token, which must be ahead."""
        token = self.token
        if token is None:
            raise self.error("The statement ends too early.")
        self.position += 1
        return token

    def name(self) -> list[str]:
        """Read an identifier of one or more parts."""
        parts = [self._part()]
        while self.take("."):
            parts.append(self._part())
        return parts

    def names(self) -> list[str]:
        """Read a list of single identifiers in parentheses."""
        return self.listed(self._part)

    def listed(self, item: Callable[[], T]) -> list[T]:
        """Read items in parentheses with commas between."""
        self.expect("(")
        found = [item()]
        while self.take(","):
            found.append(item())
        self.expect(")")
        return found

    def string(self) -> str:
        """Read a string literal."""
        token = self.next()
        if token.kind is not Kind.STRING:
            self.position -= 1
            raise self.error("Expected a string literal.")
        return token.value

    def parenthesised(self) -> str:
        """Read a balanced expression in parentheses and give the text between them."""
        self.expect("(")
        start = self._tokens[self.position - 1].end
        depth = 1
        while depth:
            token = self.next()
            depth += {"(": 1, ")": -1}.get(token.text, 0) if token.kind is Kind.SYMBOL else 0
        return self._statement.text[start : self._tokens[self.position - 1].start]

    def item(self) -> str:
        """Read one item of a list in parentheses, whatever it is, and give its text."""
        start, depth = self.next(), 0
        while self.token is not None and not (depth == 0 and self.token.text in (",", ")")):
            depth += {"(": 1, ")": -1}.get(self.next().text, 0)
        return self._statement.text[start.start : self._tokens[self.position - 1].end]

    def rest(self) -> str:
        """The text that is not read yet."""
        token = self.token
        return self._statement.text[token.start :] if token else ""

    def end(self) -> None:
        """The statement must end here."""
        if not self.done:
            raise self.error("Expected the end of the statement.")

    def error(self, hint: str) -> Exception:
        """A syntax error at this place."""
        token = self.token
        return syntax_error(repr(token.text) if token else "end of input", hint)

    def _part(self) -> str:
        token = self.next()
        if not token.is_name:
            self.position -= 1
            raise self.error("Expected an identifier.")
        return token.value
