import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_site.env import read
from archive_site.variables.words import BOOLEANS
from tests.archive_site.environments import DEVELOPMENT_VALUES, refusal, values


@pytest.mark.parametrize("word", ["true", "1", "yes", "on", "TRUE", "On", " yes "])
def test_words_that_mean_true(word: str):
    assert read({"HTTPS": word}, dotenv=None).https is True


@pytest.mark.parametrize("word", ["false", "0", "no", "off", "FALSE", "Off", " no "])
def test_words_that_mean_false(word: str):
    assert read({"DEBUG": word}, dotenv=None).debug is False


@given(st.text(min_size=1).filter(lambda text: text.strip() and text.strip().lower() not in BOOLEANS))
def test_any_other_word_is_neither_true_nor_false(word: str):
    assert [fault.name for fault in refusal({"HTTPS": word}).faults] == ["HTTPS"]


@given(st.integers(min_value=-(10**17), max_value=10**17))
def test_a_number_is_accepted_exactly_within_its_bounds(number: int):
    if 5 <= number <= 100:
        assert read({"PAGE_SIZE": str(number)}, dotenv=None).page_size == number
    else:
        assert [fault.name for fault in refusal({"PAGE_SIZE": str(number)}).faults] == ["PAGE_SIZE"]


@pytest.mark.parametrize("text", ["20.0", "1_0", "+20", "0x14", "٢٠", "2 0", "9" * 5000])
def test_a_number_is_written_in_plain_digits(text: str):
    assert [fault.name for fault in refusal({"PAGE_SIZE": text}).faults] == ["PAGE_SIZE"]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        (
            "ALLOWED_HOSTS",
            "A.example.org, .b.example.org,,a.example.org",
            ("a.example.org", ".b.example.org"),
        ),
        ("CSRF_TRUSTED_ORIGINS", "https://*.example.org", ("https://*.example.org",)),
        ("SITE_URL", "HTTPS://Archive.example.org:8443", "https://archive.example.org:8443"),
        ("SITE_URL", "http://[::1]:8000", "http://[::1]:8000"),
        (
            "TRUSTED_PROXIES",
            "10.0.0.0/8, 192.0.2.7,2001:db8::/32",
            ("10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32"),
        ),
        ("ADMIN_PATH", "back/office/", "back/office/"),
        ("LANGUAGE_CODE", "pt-br", "pt-br"),
        ("SEARCH_LANGUAGES", "de,en,de", ("de", "en")),
        ("WEB_BIND", "[::]:80", "[::]:80"),
        ("WEB_BIND", "unix:/run/archive/web.sock", "unix:/run/archive/web.sock"),
        ("REDIS_URL", "unix:///run/redis.sock?db=2", "unix:///run/redis.sock?db=2"),
        ("SITE_NAME", "  $HOME and ${PATH} #1  ", "$HOME and ${PATH} #1"),
    ],
)
def test_texts_become_values(name: str, text: str, value: object):
    assert values({name: text}) == DEVELOPMENT_VALUES | {name.lower(): value}


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("ALLOWED_HOSTS", "https://a.example.org", 'has "https://a.example.org", which is no host name'),
        ("ALLOWED_HOSTS", "a.example.org:80", 'has "a.example.org:80", which is no host name'),
        ("ALLOWED_HOSTS", ",", "has no item"),
        ("CSRF_TRUSTED_ORIGINS", "a.example.org", 'has "a.example.org", which is no origin'),
        ("SITE_URL", "https://archive.example.org/", "is no origin"),
        ("SITE_URL", "ftp://archive.example.org", "is no origin"),
        ("SITE_URL", "https://archive.example.org:99999", "is no origin"),
        ("TRUSTED_PROXIES", "10.0.0.1/8", 'has "10.0.0.1/8", which is no address and no network'),
        ("TRUSTED_PROXIES", "0.0.0.0/0", "trusts every address, so that anybody may forge a client"),
        ("ADMIN_PATH", "admin", "is no path of letters, digits, - and _ that ends with /"),
        ("ADMIN_PATH", "/admin/", "is no path of letters, digits, - and _ that ends with /"),
        ("LANGUAGE_CODE", "en_US", "is no language code"),
        ("SEARCH_LANGUAGES", "en,xx", 'has "xx", which is not offered'),
        ("WEB_BIND", "8000", "is no address to listen on"),
        ("VAR_DIR", "~/var", "starts with ~, which nothing expands here"),
        ("LOG_LEVEL", "info", "is not one of its values"),
        ("HSTS_SECONDS", "-1", "is less than 0"),
    ],
)
def test_a_wrong_value_is_shown_with_what_is_wrong(name: str, text: str, complaint: str):
    (fault,) = refusal({name: text}).faults
    assert (fault.name, fault.problem) == (name, f'"{text}" {complaint}')


def test_a_password_in_a_variable_that_is_no_secret_is_not_shown_either():
    source = {"SITE_URL": "https://me:opensesame@host", "CSRF_TRUSTED_ORIGINS": "https://me:opensesame@host"}
    assert [fault.problem for fault in refusal(source).faults] == [
        "a text with @ in it has a text with @ in it, which is no origin",
        "a text with @ in it is no origin",
    ]
