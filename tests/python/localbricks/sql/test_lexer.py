"""Tokens: what is a word, a name, a string, and what is skipped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localbricks.errors import DatabricksError
from localbricks.sql.lexer import Kind, Statement, literal, quoted, replaced, tokens, unquote

ANY_TEXT = st.text(st.characters(codec="utf-8"))


def kinds_and_texts(text: str) -> list[tuple[str, str]]:
    return [(token.kind.value, token.text) for token in tokens(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("  \n\t ", []),
        ("Select 1", ["word Select", "number 1"]),
        ("a.b", ["word a", "symbol .", "word b"]),
        ("1.5e3 2 3L 4bd", ["number 1.5e3", "number 2", "word 3L", "word 4bd"]),
        ("größe_1", ["word größe_1"]),
        ("x>=1", ["word x", "symbol >", "symbol =", "number 1"]),
        # names
        ("`a b`.`c``d`", ["quoted `a b`", "symbol .", "quoted `c``d`"]),
        ("`'x'`", ["quoted `'x'`"]),
        ("`--x`", ["quoted `--x`"]),
        # strings
        ("'a' \"b\"", ["string 'a'", 'string "b"']),
        ("'it''s'", ["string 'it''s'"]),
        (r"'it\'s'", [r"string 'it\'s'"]),
        ("'a;b -- c /* d'", ["string 'a;b -- c /* d'"]),
        ("'two\nlines'", ["string 'two\nlines'"]),
        (r"r'\' x", [r"string r'\'", "word x"]),
        (r'R"\" x', [r'string R"\"', "word x"]),
        ("er'x'", ["word er", "string 'x'"]),
        ("x'1F'", ["word x", "string '1F'"]),
        ("$$it's$$ x", ["string $$it's$$", "word x"]),
        ("$py$ a $$ b $py$ x", ["string $py$ a $$ b $py$", "word x"]),
        ("$1", ["symbol $", "number 1"]),
        # comments
        ("-- c\na", ["word a"]),
        ("a -- c", ["word a"]),
        ("-- goes on \\\nhere\na", ["word a"]),
        ('/* {"app": "dbt"} */ select', ["word select"]),
        ("/* a /* b */ c */ x", ["word x"]),
        ("a/* ' */b", ["word a", "word b"]),
        ("/**/a", ["word a"]),
        # unterminated
        ("a /* b", ["word a", "symbol /* b"]),
        ("/* a /* b */ c", ["symbol /* a /* b */ c"]),
        ("'a b", ["symbol '", "word a", "word b"]),
        ("`a", ["symbol `", "word a"]),
        ("$$a", ["symbol $", "symbol $", "word a"]),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert [f"{kind} {token}" for kind, token in kinds_and_texts(text)] == expected


def test_tokens_know_their_place() -> None:
    text = "/* a */ select `b` -- c\n, 'd'"
    assert all(text[token.start : token.end] == token.text for token in tokens(text))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'a'", "a"),
        ("''", ""),
        ("'it''s'", "it's"),
        ('"say ""hi"""', 'say "hi"'),
        ("'\"\"'", '""'),
        (r"'a\nb\tc'", "a\nb\tc"),
        (r"'\\'", "\\"),
        (r"'\''", "'"),
        (r"'\x'", "x"),
        (r"'50\%\_'", r"50\%\_"),
        (r"'\u00e9\U0001F600\101'", "é😀A"),
        (r"'\477'", "477"),
        (r"r'\n'", r"\n"),
        (r'R"\u00e9"', r"\u00e9"),
        (r"$$it's \n$$", r"it's \n"),
        ("$a$$$x$a$", "$$x"),
    ],
)
def test_unquote(text: str, value: str) -> None:
    assert unquote(text) == value


@given(ANY_TEXT)
def test_a_literal_is_one_token_with_its_value(value: str) -> None:
    found = list(tokens(f"{literal(value)} next"))
    assert [token.value for token in found] == [value, "next"]
    assert found[0].kind is Kind.STRING


@given(st.lists(ANY_TEXT, min_size=1, max_size=4))
def test_a_quoted_name_is_read_back(parts: list[str]) -> None:
    assert Statement(f"use {quoted(*parts)} x").reader().next().text == "use"
    reader = Statement(f"{quoted(*parts)} x").reader()
    assert reader.name() == parts
    assert reader.rest() == "x"


@given(st.text(st.sampled_from("ab '\"`\\-/*;$\n")))
def test_no_text_is_lost(text: str) -> None:
    """What lies between the tokens is blank or comment; the tokens are in order and do not overlap."""
    at = 0
    for token in tokens(text):
        between = text[at : token.start]
        assert not between.strip() or "--" in between or "/*" in between
        at = token.end
    rest = text[at:]
    assert not rest.strip() or "--" in rest or "/*" in rest


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("select 1;", "select 1"),
        ("select 1 ; ;\n", "select 1"),
        ("select ';'", "select ';'"),
        ("select 1; -- done", "select 1"),
        ("select 1; /* done */ ;", "select 1"),
        ("select 1 -- no end;", "select 1 -- no end"),
        ("select '--'", "select '--'"),
        (";", ""),
        ("/* only a comment */", "/* only a comment */"),
    ],
)
def test_a_statement_has_no_semicolon_at_its_end(text: str, expected: str) -> None:
    assert Statement(text).text == expected


def test_head_is_the_first_words_behind_the_query_comment() -> None:
    statement = Statement('/* {"app": "dbt", "node_id": "a"} */\n  CREATE Or replace TABLE `A`.b (c int)')
    assert statement.head == ("create", "or", "replace", "table", "`A`", ".")
    assert statement.starts("create", "or", "replace")
    assert not statement.starts("create", "table")


class TestReader:
    def test_names(self) -> None:
        reader = Statement("a.`b.c` . d e").reader()
        assert reader.name() == ["a", "b.c", "d"]
        assert reader.take("e")
        assert reader.done

    def test_parenthesised_gives_the_text_between(self) -> None:
        reader = Statement("(a > (1 + 2) and b = ')') rest").reader()
        assert reader.parenthesised() == "a > (1 + 2) and b = ')'"
        assert reader.rest() == "rest"

    def test_listed(self) -> None:
        reader = Statement("(a, `b`, c) x").reader()
        assert reader.names() == ["a", "b", "c"]
        assert reader.peek("x")

    @pytest.mark.parametrize(
        ("text", "read", "message"),
        [
            ("1", "name", "at or near '1'. Expected an identifier"),
            ("a.", "name", "at or near end of input"),
            ("a", "string", "at or near 'a'. Expected a string literal"),
            ("(a", "names", "at or near end of input. Expected )"),
            ("()", "names", "at or near ')'"),
            ("(a b)", "names", "at or near 'b'. Expected )"),
            ("(a", "parenthesised", "at or near end of input. The statement ends too early"),
            ("a b", "end", "at or near 'a'. Expected the end"),
        ],
    )
    def test_errors_name_what_was_seen(self, text: str, read: str, message: str) -> None:
        with pytest.raises(DatabricksError) as caught:
            getattr(Statement(text).reader(), read)()
        assert message in str(caught.value)
        assert (caught.value.error_class, caught.value.sqlstate) == ("PARSE_SYNTAX_ERROR", "42601")


@given(ANY_TEXT, st.text(max_size=3))
def test_what_is_replaced_is_the_stretches_alone(text: str, put: str) -> None:
    statement = Statement(text)
    places = [(token.start, token.end) for token in statement.tokens]
    same = ((start, end, statement.text[start:end]) for start, end in places)
    assert replaced(statement.text, same) == statement.text
    between = [
        statement.text[end:start]
        for (_, end), (start, _) in zip([(0, 0), *places], [*places, (None, None)], strict=True)
    ]
    assert replaced(statement.text, ((*place, put) for place in places)) == put.join(between)
