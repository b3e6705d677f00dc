"""The last lines of a command, as they are kept."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from ops.job_output import KEPT_BYTES, KEPT_LINES, Tail
from ops.masking import Mask, environment_mask


def kept(*blocks: bytes, secrets: tuple[str, ...] = ()) -> str:
    tail = Tail(Mask(secrets))
    stream = tail.stream()
    for block in blocks:
        stream.add(block)
    return tail.text()


def test_the_last_fifty_lines_are_kept():
    lines = [str(number) for number in range(120)]
    assert kept("\n".join(lines).encode()) == "\n".join(lines[-50:])


def test_lines_of_two_streams_stay_whole():
    tail = Tail(Mask(()))
    out, err = tail.stream(), tail.stream()
    out.add(b"one, ")
    err.add(b"a warning\n")
    out.add(b"two\nwithout an end")
    assert tail.text() == "a warning\none, two\nwithout an end"


def test_what_is_no_text_is_shown_as_escapes():
    assert kept(b"caf\xc3\xa9 \xff\x00\x1b[31m\ttab\x7f\n") == "café \\xff\\x00\\x1b[31m\ttab\\x7f"


def test_of_a_progress_bar_the_last_state_is_kept():
    assert kept(b"10 %\r50 %\r100 %\r\ndone\r\n") == "100 %\ndone"


def test_no_more_than_16_kb_are_kept_and_no_half_of_a_character():
    text = kept("ä".encode() * 20_000)
    assert text == "ä" * (KEPT_BYTES // 2)
    assert kept(b"x" + "€".encode() * 20_000).encode() == "€".encode() * (KEPT_BYTES // 3)


def test_who_somebody_is_at_an_address_is_masked_wherever_it_stands():
    told = Mask(())("get https://bot:s3cret@cms.example.org/x --to redis://:pw@cache:6379/0, mail a@b.c")
    assert told == "get https://***@cms.example.org/x --to redis://***@cache:6379/0, mail a@b.c"


def test_secrets_are_masked_also_where_a_block_or_a_long_line_cuts_them():
    assert kept(b"key=s3c", b"ret!\n", secrets=("s3cret",)) == "key=***!"
    assert "cret" not in kept(b"s3cret" * 30_000, secrets=("s3cret",))


def test_an_address_is_masked_before_the_password_in_it():
    assert kept(b"redis://:pw@h pw", secrets=("pw", "redis://:pw@h")) == "*** ***"


def test_every_secret_variable_and_the_passwords_in_addresses_are_masked(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("from-a-file\n")
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("DATABASE_URL", "postgresql://archive:p%40ss@db/archive")
    monkeypatch.setenv("REDIS_URL", "rediss://:word@cache:6379/0")
    mask = environment_mask()
    told = "from-a-file postgresql://archive:p%40ss@db/archive p%40ss p@ss rediss://:word@cache:6379/0 word"
    assert mask(told) == "*** *** *** *** *** ***"


def test_where_no_secret_is_set_nothing_is_masked():
    assert Mask(["", ""])("a text") == "a text"


@given(st.lists(st.binary(max_size=200) | st.sampled_from([b"s3", b"cret", b"\n", b"\r"]), max_size=30))
def test_any_bytes_make_a_text_that_can_be_kept(blocks: list[bytes]):
    text = kept(*blocks, secrets=("s3cret",))
    assert text.count("\n") < KEPT_LINES
    assert len(text.encode()) <= KEPT_BYTES
    assert not {character for character in text if unicodedata.category(character) == "Cc"} - {"\t", "\n"}
    assert "s3cret" not in text
