"""Listings for articles about databases and caches, by the name of an area.

`{nn}` and `{nnn}` stand for numbers that differ from article to article."""

from imports.sampling.vocabulary.shapes import Listing

STORE_LISTINGS: dict[str, tuple[Listing, ...]] = {
    "Databases": (
        Listing(
            "sql",
            "connection pooling",
            """SELECT state, count(*), max(now() - state_change) AS longest
FROM pg_stat_activity
WHERE backend_type = 'client backend'
GROUP BY state
ORDER BY count(*) DESC
LIMIT {nn};""",
        ),
        Listing(
            "sql",
            "schema migration",
            """SET lock_timeout = '{nnn}ms';
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_customer_created
    ON orders (customer_id, created_at DESC, id DESC)
    WHERE canceled_at IS NULL;""",
        ),
        Listing(
            "python",
            "keyset pagination",
            """def page_after(orders, cursor, size={nn}):
    if cursor is not None:
        orders = orders.filter(
            Q(placed_at__lt=cursor.placed_at)
            | Q(placed_at=cursor.placed_at, id__lt=cursor.id)
        )
    rows = list(orders.order_by("-placed_at", "-id")[: size + 1])
    return rows[:size], len(rows) > size""",
        ),
        Listing(
            "ini",
            "connection pooling",
            """[pgbouncer]
pool_mode = transaction
max_client_conn = {nnn}
default_pool_size = {nn}
server_idle_timeout = 60""",
        ),
        Listing(
            "java",
            "connection pooling",
            """HikariConfig config = new HikariConfig();
config.setMaximumPoolSize({nn});
config.setConnectionTimeout({nnn});
config.setMaxLifetime(Duration.ofMinutes(20).toMillis());
DataSource pool = new HikariDataSource(config);""",
        ),
    ),
    "Caching": (
        Listing(
            "vcl",
            "cache key design",
            """sub vcl_backend_response {
    if (beresp.http.Set-Cookie) {
        set beresp.uncacheable = true;
        return (deliver);
    }
    set beresp.ttl = {nn}s;
    set beresp.grace = {nnn}s;
}""",
        ),
        Listing(
            "nginx",
            "stampede protection",
            """proxy_cache_path /var/cache/pages keys_zone=pages:{nn}m inactive=1h;

location / {
    proxy_cache pages;
    proxy_cache_lock on;
    proxy_cache_use_stale updating error timeout;
    proxy_cache_valid 200 {nn}s;
}""",
        ),
        Listing(
            "python",
            "stampede protection",
            """@contextmanager
def lease(redis, key, seconds={nn}):
    token = secrets.token_hex(8)
    won = redis.set(f"lease:{key}", token, nx=True, ex=seconds)
    try:
        yield bool(won)
    finally:
        if won:
            release(keys=[f"lease:{key}"], args=[token])""",
        ),
        Listing(
            "lua",
            "stampede protection",
            """local page = redis.call('GET', KEYS[1])
if page then
  return page
end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', {nnn}) then
  return 'rebuild'
end
return false""",
        ),
        Listing(
            "bash",
            "cache eviction",
            """redis-cli --bigkeys -i 0.01 | tail -n {nn}
redis-cli info stats | grep -E 'evicted|expired|keyspace'
redis-cli config get maxmemory-policy""",
        ),
    ),
}
