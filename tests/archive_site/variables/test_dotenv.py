from hypothesis import given
from hypothesis import strategies as st

from archive_site.variables.dotenv import parse_dotenv, quote_value

LINES = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs", "Cc"]), max_size=60)


def test_assignments_comments_and_quotations_are_read():
    parsed = parse_dotenv(
        "# a comment\n"
        "\n"
        "PLAIN=value\n"
        "  export EXPORTED=value\r\n"
        "EMPTY=\n"
        "SPACES=two words  # and a comment\n"
        "HASH=a#b\n"
        "DOLLAR=$HOME${PATH}\n"
        "EQUALS=a=b=\n"
        "SINGLE='a \\ \"b\" $c # d'  # comment\n"
        'DOUBLE="a \\"b\\" \\\\ \\$c # d"\n'
    )
    assert parsed.malformed == ()
    assert parsed.values == {
        "PLAIN": "value",
        "EXPORTED": "value",
        "EMPTY": "",
        "SPACES": "two words",
        "HASH": "a#b",
        "DOLLAR": "$HOME${PATH}",
        "EQUALS": "a=b=",
        "SINGLE": 'a \\ "b" $c # d',
        "DOUBLE": 'a "b" \\ $c # d',
    }


def test_a_malformed_line_is_told_by_its_number_and_not_repeated():
    parsed = parse_dotenv(
        "GOOD=1\n"
        "opensesame\n"
        "KEY = opensesame\n"
        "9KEY=opensesame\n"
        "KEY='opensesame\n"
        'KEY="opensesame\n'
        'KEY="open" sesame\n'
        'KEY="open\\nsesame"\n'
        "KEY=#opensesame\n"
        "GOOD=2\n"
    )
    assert parsed.values == {"GOOD": "1"}
    assert [(line.number, line.problem) for line in parsed.malformed] == [
        (2, "is no assignment"),
        (3, "is no assignment"),
        (4, "is no assignment"),
        (5, "sets a value that could be read in two ways"),
        (6, "sets a value that could be read in two ways"),
        (7, "sets a value that could be read in two ways"),
        (8, "sets a value that could be read in two ways"),
        (9, "sets a value that could be read in two ways"),
        (10, "sets a name that an earlier line sets"),
    ]
    assert "sesame" not in str(parsed.malformed)


@given(LINES)
def test_a_quoted_value_comes_back_as_it_was(value: str):
    parsed = parse_dotenv(f"BEFORE=1\nNAME={quote_value(value)}\nAFTER=2")
    assert parsed.malformed == ()
    assert parsed.values == {"BEFORE": "1", "NAME": value, "AFTER": "2"}


@given(st.lists(LINES, max_size=5))
def test_every_line_is_read_told_or_a_comment(lines: list[str]):
    parsed = parse_dotenv("\n".join(lines))
    silent = sum(not line.strip() or line.strip().startswith("#") for line in lines)
    assert len(parsed.values) + len(parsed.malformed) + (silent if lines else 0) == len(lines)
