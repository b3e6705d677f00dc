from ipaddress import ip_address

import pytest

from imports.addresses import is_public, is_url, masked
from imports.fetching import FetchFailed, open_url
from tests.imports.answering import Server


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "localhost",
        "0.0.0.0",  # noqa: S104 - refused, not bound
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.192",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "[::]",
        "[::1]",
        "[::10.0.0.1]",
        "[::ffff:10.0.0.1]",
        "[::ffff:8.8.8.8]",
        "[64:ff9b::10.0.0.1]",
        "[2002:a00:1::]",
        "[2001:0:a00:1::]",
        "[fe80::1]",
        "[fec0::1]",
        "[fd00:ec2::254]",
        "[ff02::1]",
    ],
)
def test_nothing_is_fetched_from_a_private_network(host):
    with Server() as server:
        url = f"http://{host}:{server.port}/"
        with pytest.raises(FetchFailed) as failure, open_url(url, max_bytes=1, timeout=1):
            pass
    assert str(failure.value) == (
        f"{url} is refused: {host.strip('[]')} is in a private network, from which nothing is fetched; "
        "download it there and name the file."
    )
    assert failure.value.lasting
    assert server.requests == []


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.215.14", "2606:4700::1111", "2a00:1450::1"])
def test_public_addresses_are_public(address):
    assert is_public(ip_address(address))


def test_what_may_be_secret_is_masked():
    assert (
        masked("https://ada:love@example.org:8443/a@b/c.xml?key=1#x")
        == "https://example.org:8443/a@b/c.xml?…"
    )
    assert masked("http://example.org") == "http://example.org"
    assert (is_url("HTTPS://a"), is_url("s3://a"), is_url("a/b"), is_url("C:\\a")) == (
        True,
        True,
        False,
        False,
    )
