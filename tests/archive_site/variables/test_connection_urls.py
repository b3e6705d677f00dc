import pytest

from archive_site.variables.connection_urls import check_redis_url
from archive_site.variables.declaration import UnfitValue


@pytest.mark.parametrize(
    "url",
    [
        "redis://localhost",
        "redis://localhost:6379/0",
        "rediss://user:pass%23word@redis.example.org:6380/15?ssl_cert_reqs=required&max_connections=20",
        "redis://[::1]:6379/1",
        "unix:///run/redis.sock",
        "unix://user:password@/run/redis.sock?db=3",
    ],
)
def test_urls_that_redis_understands_are_accepted(url: str):
    check_redis_url(url)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://localhost", "does not start with redis://"),
        ("localhost:6379", "does not start with redis://"),
        ("redis://", "does not name one host"),
        ("redis://:password@:6379/0", "does not name one host"),
        ("redis://a,b/0", "does not name one host"),
        ("redis://host:0/0", "has a host or a port that cannot be read"),
        ("redis://host/cache", "does not end in the number of a database"),
        ("redis://host/0/1", "does not end in the number of a database"),
        ("redis://:pass#word@host/0", "is a URL that can be read in more than one way"),
        ("redis://:pass/word@host/0", "is a URL that can be read in more than one way"),
        ("redis://host/0?db=first", "has db with a value that is not a whole number"),
        ("redis://host/0?socket_timeout=5", "has an unknown option"),
        ("unix://", "names no socket"),
    ],
)
def test_urls_that_redis_would_misread_are_refused(url: str, problem: str):
    with pytest.raises(UnfitValue) as caught:
        check_redis_url(url)
    assert caught.value.problem == problem
