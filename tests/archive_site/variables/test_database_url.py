"""DATABASE_URL as Django meets it."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg_pool import ConnectionPool

from archive_site.env import database_config
from archive_site.variables.database_url import POOL_OPTIONS
from archive_site.variables.declaration import UnfitValue

PRINTABLE = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
NAMES = PRINTABLE.filter(lambda name: len(name.encode()) < 64 and "/" not in name)
BARE = {
    "ENGINE": "django.db.backends.postgresql",
    "NAME": "archive",
    "USER": "",
    "PASSWORD": "",
    "HOST": "",
    "PORT": "",
    "OPTIONS": {},
}


@pytest.mark.parametrize(
    ("url", "differences"),
    [
        ("postgresql:///archive", {}),
        ("postgres:///archive", {}),
        (
            "postgresql://me:pass%40word@db.example.org:5433/archive",
            {"USER": "me", "PASSWORD": "pass@word", "HOST": "db.example.org", "PORT": 5433},
        ),
        ("postgresql://[2001:db8::1]:5433/archive", {"HOST": "2001:db8::1", "PORT": 5433}),
        ("postgresql://%2FVar%2Frun/archive", {"HOST": "/Var/run"}),
        ("postgresql:////run/postgresql/archive", {"HOST": "/run/postgresql"}),
        (
            "postgresql://me@/archive?host=%2Frun%2Fpg&port=5433",
            {"USER": "me", "HOST": "/run/pg", "PORT": 5433},
        ),
        ("postgresql://a:5433,b/archive", {"HOST": "a,b", "PORT": "5433,"}),
        ("postgresql://a,b/archive", {"HOST": "a,b"}),
        ("postgresql:///a+b", {"NAME": "a+b"}),
        ("postgresql://?dbname=archive&user=me&password=a+b", {"USER": "me", "PASSWORD": "a+b"}),
        ("postgresql://?service=archive", {"NAME": "", "OPTIONS": {"service": "archive"}}),
        (
            "postgresql:///archive?conn_max_age=60&conn_health_checks=true",
            {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True},
        ),
        ("postgresql:///archive?conn_max_age=none", {"CONN_MAX_AGE": None}),
        (
            "postgresql:///archive?sslmode=verify-full&connect_timeout=3&server_side_binding=off&prepare_threshold=none",
            {
                "OPTIONS": {
                    "sslmode": "verify-full",
                    "connect_timeout": 3,
                    "server_side_binding": False,
                    "prepare_threshold": None,
                }
            },
        ),
        ("postgresql:///archive?pool=true", {"OPTIONS": {"pool": True}}),
        (
            "postgresql:///archive?pool=false&conn_max_age=60",
            {"CONN_MAX_AGE": 60, "OPTIONS": {"pool": False}},
        ),
        ("postgresql:///archive?POOL=yes&conn_max_age=0", {"CONN_MAX_AGE": 0, "OPTIONS": {"pool": True}}),
        (
            "postgresql:///archive?pool=true&pool_max_size=8&pool_timeout=2.5&pool_name=web",
            {"OPTIONS": {"pool": {"min_size": 4, "max_size": 8, "timeout": 2.5, "name": "web"}}},
        ),
        (
            "postgresql:///archive?pool=on&pool_max_size=2",
            {"OPTIONS": {"pool": {"min_size": 2, "max_size": 2}}},
        ),
        (
            "postgresql:///archive?pool=on&pool_min_size=0&pool_max_size=2",
            {"OPTIONS": {"pool": {"min_size": 0, "max_size": 2}}},
        ),
    ],
)
def test_a_url_becomes_an_entry_of_databases(url: str, differences: dict[str, object]):
    assert database_config(url) == BARE | differences


def test_the_driver_takes_every_option_of_the_pool():
    url = "postgresql:///archive?pool=on" + "".join(f"&{name}=5" for name in POOL_OPTIONS)
    pool = ConnectionPool(open=False, **database_config(url)["OPTIONS"]["pool"])
    assert (pool.name, pool.min_size, pool.max_size, pool.timeout) == ("5", 5, 5, 5.0)


def test_true_is_the_value_that_switches_the_pool_of_django_on():
    assert database_config("postgresql:///archive?pool=1")["OPTIONS"]["pool"] is True


@given(user=PRINTABLE, password=PRINTABLE, name=NAMES)
def test_encoded_parts_come_back_whatever_they_hold(user: str, password: str, name: str):
    url = "postgresql://" + quote(user, "") + ":" + quote(password, "") + "@host:5432/" + quote(name, "")
    assert database_config(url) == BARE | {
        "USER": user,
        "PASSWORD": password,
        "HOST": "host",
        "PORT": 5432,
        "NAME": name,
    }


@given(st.text())
def test_any_text_is_either_an_entry_or_unfit(text: str):
    for url in (
        text,
        f"postgresql://{text}",
        f"postgresql://user:{text}@host/name",
        f"postgresql:///name?{text}",
    ):
        try:
            config = database_config(url)
        except UnfitValue:
            continue
        assert config.keys() >= BARE.keys()


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("mysql://host/name", "does not start with postgresql://"),
        ("postgis://host/name", "does not start with postgresql://"),
        ("host/name", "does not start with postgresql://"),
        ("postgresql://user:pass#word@host/name", "is a URL that can be read in more than one way"),
        ("postgresql://user:12/34@host/name", "is a URL that can be read in more than one way"),
        ("postgresql://user:12?34@host/name", "is a URL that can be read in more than one way"),
        ("postgresql://user:50%@host/name", "is a URL that can be read in more than one way"),
        ("postgresql://user:%ff@host/name", "is a URL that can be read in more than one way"),
        ("postgresql://user:%00@host/name", "is a URL that can be read in more than one way"),
        ("postgresql://user:pass[word@host/name", "is a URL that can be read in more than one way"),
        ("postgresql://user:pass word@host/name", "is a URL that can be read in more than one way"),
        ("postgresql://host:70000/name", "has a host or a port that cannot be read"),
        ("postgresql://host:port/name", "has a host or a port that cannot be read"),
        ("postgresql://host/", "names no database"),
        ("postgresql://host", "names no database"),
        ("postgresql://host/a/b", "names no possible database"),
        (f"postgresql://host/{'n' * 64}", "names no possible database"),
        ("postgresql://host//run/postgresql/name", "names a host and the folder of a socket"),
        ("postgresql://host/name?host=other", "gives the host twice"),
        ("postgresql:///name?port=none", "has a port that is not a number from 1 to 65535"),
        ("postgresql:///name?sslmode=require&sslmode=disable", "gives an option twice"),
        ("postgresql:///name?sslmod=require", "has an unknown option"),
        ("postgresql:///name?pool=ture", "has pool with a value that is not true or false"),
        (
            "postgresql:///name?connect_timeout=3s",
            "has connect_timeout with a value that is not a whole number",
        ),
        ("postgresql:///name?service=", "has service with a value that is not a text"),
        (
            "postgresql:///name?pool=on&pool_timeout=nan",
            "has pool_timeout with a value that is not a number of seconds",
        ),
        (
            "postgresql:///name?channel_binding=always",
            "has channel_binding with a value that is not one of disable, prefer, require",
        ),
        (
            "postgresql:///name?pool=true&conn_max_age=60",
            "has both a pool and conn_max_age, which Django refuses",
        ),
        (
            "postgresql:///name?pool=true&conn_max_age=none",
            "has both a pool and conn_max_age, which Django refuses",
        ),
        ("postgresql:///name?pool_max_size=4", "has options of a pool, and no pool"),
        ("postgresql:///name?pool=on&pool_max_size=0", "has a pool_max_size below 1 or below pool_min_size"),
        ("postgresql:///name?pool=on&pool_min_size=0", "has a pool_max_size below 1 or below pool_min_size"),
        (
            "postgresql:///name?pool=on&pool_min_size=5&pool_max_size=4",
            "has a pool_max_size below 1 or below pool_min_size",
        ),
        ("postgresql:///name?pool=on&pool_num_workers=0", "has pool_num_workers below 1"),
    ],
)
def test_a_url_that_would_fail_later_is_refused_at_once(url: str, problem: str):
    with pytest.raises(UnfitValue) as caught:
        database_config(url)
    assert caught.value.problem == problem
