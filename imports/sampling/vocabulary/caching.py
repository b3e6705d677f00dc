from imports.sampling.vocabulary.shapes import Area, Subject

CACHING = Area(
    name="Caching",
    tools=("Redis", "Varnish", "Memcached", "nginx", "Valkey", "Fastly", "Caddy", "redis-cli"),
    stacks=("Redis", "Django", "WordPress", "Rails", "Symfony", "Node.js"),
    standards=("RFC 9111", "RFC 5861", "RFC 9211", "RFC 9110"),
    tags=("http", "latency", "cdn", "redis", "edge"),
    subjects=(
        Subject(
            name="cache invalidation",
            goal="make a change visible within a second",
            metric="age of stale pages",
            unit="s",
            symptoms=(
                "a corrected price stayed wrong on half of the pages",
                "editors pressed save three times and phoned the office",
            ),
            causes=(
                "the purge ran before the transaction had been committed",
                "nobody could say which pages showed a given record",
            ),
            remedies=(
                "tagging each stored page with the records that it shows",
                "writing the purge into an outbox within the same transaction",
            ),
            steps=(
                "Write down which pages a change can reach",
                "Purge after the commit and never before it",
                "Keep what still has to be purged in a table, not in memory",
                "Purge the inner cache first and the edge afterwards",
            ),
            facts=(
                "A purge before the commit lets the next reader store the old page again.",
                "Tags turn 'which addresses show this' into a question that the cache can answer.",
                "A short lifetime hides a missing purge until traffic is high enough.",
            ),
            settings=("Surrogate-Key", "Cache-Tag", "grace"),
            tools=("Varnish", "Fastly", "Redis"),
            tags=("invalidation", "purge"),
        ),
        Subject(
            name="stampede protection",
            goal="let one request rebuild what all of them want",
            metric="rate of rebuilds",
            unit="per minute",
            symptoms=(
                "the home page expired and four hundred workers rendered it",
                "each full hour began with ten seconds of errors",
            ),
            causes=(
                "all keys had been warmed in the same second",
                "nothing kept the second reader from starting the same work",
            ),
            remedies=(
                "handing out a lease for the rebuild and serving the old copy meanwhile",
                "spreading lifetimes by a random tenth",
            ),
            steps=(
                "Find the keys that are rebuilt more than once a second",
                "Serve stale while one worker rebuilds",
                "Let a lease expire sooner than a reader gives up",
                "Add jitter to every lifetime",
            ),
            facts=(
                "A lock without an expiry turns one crashed worker into an outage.",
                "Stale-while-revalidate moves the price of a miss from readers to a background worker.",
                "Early recomputation needs no lock, only a random number and the cost of the last rebuild.",
            ),
            settings=("stale-while-revalidate", "proxy_cache_lock", "lease_seconds"),
            tools=("nginx", "Redis", "Varnish"),
            tags=("thundering-herd", "leases"),
        ),
        Subject(
            name="cache key design",
            goal="store every page once and no page for the wrong reader",
            metric="number of variants per page",
            unit="variants",
            symptoms=(
                "a customer saw the first name of another customer",
                "the hit ratio fell to eleven percent after a campaign",
            ),
            causes=(
                "tracking parameters made a new page of every click",
                "a header that changed the page was not part of the key",
            ),
            remedies=(
                "sorting and allowing query parameters by name",
                "naming in one table what each page varies on",
            ),
            steps=(
                "List every input that can change a page",
                "Drop the parameters that no view reads",
                "Normalize languages before they reach the key",
                "Refuse to store an answer that sets a cookie",
            ),
            facts=(
                "Vary on a raw user agent stores one page for every browser build in the world.",
                "What is not in the key must not be able to change the answer.",
                "Two spellings of one address are two entries, two misses and two purges.",
            ),
            settings=("Vary", "proxy_cache_key", "hash_ignore_vary"),
            tools=("Varnish", "nginx", "Caddy"),
            tags=("vary", "normalization"),
        ),
        Subject(
            name="cache eviction",
            goal="decide what a full cache forgets",
            metric="cache miss ratio",
            unit="%",
            symptoms=(
                "sessions disappeared whenever the nightly report ran",
                "memory was full of keys that were read exactly once",
            ),
            causes=(
                "one instance held both disposable pages and irreplaceable sessions",
                "a scan pushed the popular keys out of a small memory",
            ),
            remedies=(
                "giving sessions an instance that never evicts",
                "choosing frequency over recency for the page cache",
            ),
            steps=(
                "Separate what can be rebuilt from what cannot",
                "Watch evictions and expirations as two different numbers",
                "Sample the largest keys before buying memory",
                "Set a lifetime on every key without exception",
            ),
            facts=(
                "Recency forgets a popular key as soon as a crawler has passed by.",
                "A cache without a memory limit has one: the kernel's.",
                "Evicted and expired keys look the same to a reader and mean opposite things to an operator.",
            ),
            settings=("maxmemory-policy", "maxmemory-samples", "lfu-decay-time"),
            tools=("Redis", "Memcached", "Valkey"),
            tags=("eviction", "memory"),
        ),
        Subject(
            name="HTTP revalidation",
            goal="send headers where a body would be a waste",
            metric="traffic per visit",
            unit="kB",
            symptoms=(
                "feed readers fetched the same two megabytes every ten minutes",
                "the egress bill grew and the audience did not",
            ),
            causes=(
                "each of the six servers computed another entity tag",
                "compression changed the bytes and kept the validator",
            ),
            remedies=(
                "deriving the entity tag from the version of the record",
                "answering 304 before anything is rendered",
            ),
            steps=(
                "Check that all servers give the same validator",
                "Answer the conditional request before rendering",
                "Use a weak tag where the bytes may differ",
                "Keep the cache headers on the 304",
            ),
            facts=(
                "A 304 must carry the cache headers that the full answer would have carried.",
                "A modification date has a resolution of one second, which is long for a machine.",
                "Weak validators say that two answers mean the same, not that they are the same.",
            ),
            settings=("ETag", "If-None-Match", "Last-Modified"),
            tools=("nginx", "Caddy", "curl"),
            tags=("etag", "bandwidth"),
        ),
        Subject(
            name="edge caching",
            goal="answer near the reader without losing control",
            metric="rate of origin requests",
            unit="per minute",
            symptoms=(
                "the origin was busy although the network reported ninety percent hits",
                "a login page was served to the whole of Oceania",
            ),
            causes=(
                "each of forty locations asked the origin for itself",
                "a rule on the edge overrode what the application had said",
            ),
            remedies=(
                "putting a shield between the locations and the origin",
                "deriving the rules of the edge from those of the application",
            ),
            steps=(
                "Ask from three continents and compare the headers",
                "Keep the rules of the edge in the repository",
                "Send the edge a lifetime of its own",
                "Practice a purge of everything on a quiet morning",
            ),
            facts=(
                "A hit ratio of ninety percent still doubles the origin's work when it falls to eighty.",
                "Shared caches obey s-maxage; browsers do not see it.",
                "A shield trades a few milliseconds for a single owner of each miss.",
            ),
            settings=("s-maxage", "Surrogate-Control", "CDN-Cache-Control"),
            tools=("Fastly", "Varnish", "Traffic Server"),
            tags=("cdn", "shielding"),
        ),
        Subject(
            name="memoization",
            goal="remember an answer without remembering it for ever",
            metric="memory per worker",
            unit="MB",
            symptoms=(
                "workers grew by a megabyte an hour until they were killed",
                "two users of one process saw each other's currency",
            ),
            causes=(
                "a decorator kept every argument that it had ever seen",
                "the cached function read a setting that differed by request",
            ),
            remedies=(
                "tying the memory to the request instead of the process",
                "bounding the table and counting what falls out",
            ),
            steps=(
                "Name the life span of each remembered value",
                "Bound every table",
                "Pass what matters as an argument, so that it is in the key",
                "Clear per-request memory even after an exception",
            ),
            facts=(
                "A method that is memoized by its instance keeps the instance alive.",
                "A function that reads a global is not a function of its arguments.",
                "Bounded tables cost one linked list and save one outage.",
            ),
            settings=("maxsize", "lru_cache", "weakref"),
            tools=("Memcached", "Redis", "py-spy"),
            tags=("memory", "python"),
        ),
    ),
)
