"""Redis as Django's cache. Short timeouts: a page is never worth waiting for its cache."""

from archive_site import embedded
from archive_site.settings.environment import environment

EMBEDDED_REDIS = not environment.redis_url

_timeout = environment.redis_timeout_ms / 1000
_pool = {"socket_connect_timeout": _timeout, "socket_timeout": _timeout}
if EMBEDDED_REDIS:
    _pool["connection_class"] = embedded.EmbeddedRedisConnection

CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": environment.redis_url or embedded.redis_url(),
        "KEY_PREFIX": "archive",
        "OPTIONS": {"CONNECTION_POOL_KWARGS": _pool},
    },
}
