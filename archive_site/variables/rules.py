"""Rules about typed values that a kind alone cannot express. None of them repeats the value."""

import re
from ipaddress import ip_network

from archive_site.variables.declaration import UnfitValue

# Django's own bounds (security.W009).
SECRET_LENGTH = 50
SECRET_UNIQUE_CHARACTERS = 5
PLACEHOLDERS = (
    "changeme",
    "change-me",
    "change_me",
    "example",
    "insecure",
    "placeholder",
    "replace-me",
    "replace_me",
    "replaceme",
    "your-secret",
    "your_secret",
)
# The names that Amazon allows for buckets, and a prefix that needs no escaping.
S3_ADDRESS = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/[\w.-]+)*/?", re.ASCII)


def strong_secret(value: str) -> None:
    if len(value) < SECRET_LENGTH:
        raise UnfitValue(f"is shorter than {SECRET_LENGTH} characters", "use a random one")
    if len(set(value)) < SECRET_UNIQUE_CHARACTERS:
        raise UnfitValue("is made of very few characters", "use a random one")
    if any(word in value.lower() for word in PLACEHOLDERS):
        raise UnfitValue("is a placeholder that anybody can read in the source", "use a random one")


def refuse_true(value: bool) -> None:
    if value:
        raise UnfitValue("shows settings and source to whoever meets an error", "leave it to development")


def refuse_every_host(value: tuple[str, ...]) -> None:
    if "*" in value:
        raise UnfitValue("has *, which lets any Host header through", "name the hosts")


def refuse_every_network(value: tuple[str, ...]) -> None:
    if any(ip_network(network).prefixlen == 0 for network in value):
        raise UnfitValue("trusts every address, so that anybody may forge a client", "name the proxies")


def s3_address(value: str) -> None:
    if value and not S3_ADDRESS.fullmatch(value):
        raise UnfitValue("is no address of a bucket", "write s3://BUCKET or s3://BUCKET/PREFIX")
