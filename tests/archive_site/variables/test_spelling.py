import pytest

from tests.archive_site.environments import refusal


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("SECRET_KEYS", "SECRET_KEY"),
        ("secret_key", "SECRET_KEY"),
        ("SECRETKEY_FILE", "SECRET_KEY_FILE"),
        ("DATABSE_URL", "DATABASE_URL"),
        ("DEBGU", "DEBUG"),
        ("PAGE_SIZE_FILE", "PAGE_SIZE"),
    ],
)
def test_a_misspelt_name_is_told_beside_the_faults(name: str, meant: str):
    doubts = refusal({name: "x", "HTTPS": "perhaps"}).doubts
    assert [(doubt.name, doubt.meant) for doubt in doubts] == [(name, meant)]


def test_names_of_others_are_not_taken_for_misspellings():
    foreign = ["PATH", "HOME", "HTTP", "HTTPS_PROXY", "LANGUAGE", "HOSTNAME", "TZ", "PORT", "WEB_CONCURRENCY"]
    foreign += [
        "REDIS_PORT",
        "REDIS_HOST",
        "DATABASE_HOST",
        "DJANGO_SETTINGS_MODULE",
        "LOGNAME",
        "DEBUG\udcff",
    ]
    assert refusal(dict.fromkeys(foreign, "x") | {"HTTPS": "perhaps"}).doubts == ()


def test_a_name_near_a_variable_that_is_set_is_no_misspelling():
    assert refusal({"PAGESIZE": "x", "PAGE_SIZE": "20", "HTTPS": "perhaps"}).doubts == ()
