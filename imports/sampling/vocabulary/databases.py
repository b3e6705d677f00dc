from imports.sampling.vocabulary.shapes import Area, Subject

DATABASES = Area(
    name="Databases",
    tools=("PostgreSQL", "PgBouncer", "MySQL", "pgBackRest", "Patroni", "SQLite", "TiDB", "gh-ost", "psql"),
    stacks=("PostgreSQL", "Django", "Rails", "Spring Boot", "Laravel", "Go"),
    standards=("SQL:2016", "SQL:2023", "RFC 9562", "ISO/IEC 9075"),
    tags=("sql", "postgresql", "storage", "transactions", "capacity"),
    subjects=(
        Subject(
            name="connection pooling",
            goal="keep connections few and busy",
            metric="connection wait time",
            unit="ms",
            symptoms=(
                "requests queued for a free connection while the CPU idled",
                "the server refused new clients at the morning peak",
            ),
            causes=(
                "every worker held a connection for its whole life",
                "three services shared one ceiling and none of them knew it",
            ),
            remedies=(
                "moving the pool out of the workers and into a pooler",
                "giving each service a pool with a ceiling of its own",
            ),
            steps=(
                "Count connections by state before touching a limit",
                "Size the pool from cores and disks, not from workers",
                "Find session state that transaction pooling would break",
                "Rehearse a restart of the pooler under load",
            ),
            facts=(
                "Each connection costs PostgreSQL a process and several megabytes before its first query.",
                "Transaction pooling breaks advisory locks, session settings and prepared statements.",
                "A pool that is too large moves the queue into the database, where nobody can see it.",
            ),
            settings=("max_client_conn", "default_pool_size", "idle_in_transaction_session_timeout"),
            tools=("PgBouncer", "PostgreSQL", "HikariCP"),
            tags=("pooling", "connections"),
        ),
        Subject(
            name="index design",
            goal="write an index that the planner uses",
            metric="number of rows read per result",
            unit="rows",
            symptoms=(
                "a list that used to be instant took four seconds",
                "sequential scans crowded everything else out of memory",
            ),
            causes=(
                "the index began with the column that had three values",
                "a cast in the predicate hid the column from the planner",
            ),
            remedies=(
                "ordering the columns of one composite index by how they are compared",
                "replacing four overlapping indexes with one partial index",
            ),
            steps=(
                "Read the plan with buffers, not only with timings",
                "Put equality columns first and the sorted column last",
                "Drop indexes that no query has used for a month",
                "Build the new index concurrently and check that it is valid",
            ),
            facts=(
                "An index-only scan needs a visibility map that vacuum has kept fresh.",
                "Every index makes each write slower and each vacuum longer.",
                "A partial index is small because it leaves out the rows that nobody asks for.",
            ),
            settings=("random_page_cost", "effective_cache_size", "maintenance_work_mem"),
            tools=("PostgreSQL", "MySQL", "psql"),
            tags=("indexes", "query-plans"),
        ),
        Subject(
            name="schema migration",
            goal="change a table while people use it",
            metric="longest lock wait",
            unit="s",
            symptoms=(
                "one added column stopped all writes for nine minutes",
                "the deployment hung behind a report that nobody remembered",
            ),
            causes=(
                "the statement queued for a lock and everything queued behind it",
                "old and new code disagreed on what a missing value meant",
            ),
            remedies=(
                "splitting the change into expand, backfill and contract",
                "setting a short lock timeout and trying again",
            ),
            steps=(
                "Set a lock timeout before any statement that changes a table",
                "Backfill in batches small enough to be interrupted",
                "Keep both versions of the code working for one release",
                "Validate the constraint in a transaction of its own",
            ),
            facts=(
                "A waiting exclusive lock blocks every later reader, however short its own work is.",
                "Adding a column with a constant default has rewritten no table since PostgreSQL 11.",
                "A constraint added as not valid is checked for new rows at once and for old ones later.",
            ),
            settings=("lock_timeout", "statement_timeout", "deadlock_timeout"),
            tools=("gh-ost", "PostgreSQL", "Flyway"),
            tags=("migrations", "zero-downtime"),
        ),
        Subject(
            name="replica lag",
            goal="read from replicas without reading the past",
            metric="replication delay",
            unit="s",
            symptoms=(
                "customers saved an address and saw the old one again",
                "the standby fell an hour behind every night at two",
            ),
            causes=(
                "a long report on the standby held back the replay of changes",
                "reads went to any replica, whatever it had already applied",
            ),
            remedies=(
                "pinning a session to the primary until its own write has arrived",
                "moving reports to a replica that is allowed to lag",
            ),
            steps=(
                "Measure lag in seconds and in bytes, and alert on both",
                "Route reads after a write by its log position",
                "Decide which queries may be canceled on a standby",
                "Fail over once a quarter, in daylight",
            ),
            facts=(
                "Lag in seconds reads as zero on an idle primary and as a lie on a busy one.",
                "Feedback from a standby prevents canceled queries at the price of bloat on the primary.",
                "A synchronous replica turns the slowest disk into everybody's disk.",
            ),
            settings=("max_standby_streaming_delay", "hot_standby_feedback", "wal_receiver_status_interval"),
            tools=("Patroni", "PostgreSQL", "HAProxy"),
            tags=("replication", "consistency"),
        ),
        Subject(
            name="vacuum tuning",
            goal="stop tables from growing without new rows",
            metric="dead row share",
            unit="%",
            symptoms=(
                "a table of two million rows filled ninety gigabytes",
                "queries slowed down a little more each week",
            ),
            causes=(
                "a forgotten transaction kept old row versions alive",
                "the default thresholds waited for millions of dead rows",
            ),
            remedies=(
                "lowering the scale factor for the five busiest tables",
                "ending idle transactions before they outlive a vacuum",
            ),
            steps=(
                "List tables by dead rows and by the time of their last vacuum",
                "Lower the scale factor table by table",
                "Alert on the age of the oldest transaction",
                "Rebuild the bloated index before the bloated table",
            ),
            facts=(
                "Vacuum gives space back to the table, not to the operating system.",
                "The oldest open transaction decides which dead rows may be removed anywhere.",
                "Freezing is the one kind of vacuum that cannot be put off for ever.",
            ),
            settings=("autovacuum_vacuum_scale_factor", "autovacuum_max_workers", "vacuum_cost_limit"),
            tools=("PostgreSQL", "pg_repack"),
            tags=("vacuum", "bloat"),
        ),
        Subject(
            name="restore testing",
            goal="restore before you have to",
            metric="time to restore",
            unit="min",
            symptoms=(
                "the first restore in two years stopped at a missing segment",
                "the dump was complete and the roles were not in it",
            ),
            causes=(
                "archiving had failed since spring and returned success",
                "nobody had ever restored more than one table",
            ),
            remedies=(
                "restoring last night's backup every morning and querying it",
                "shipping the log continuously and proving point-in-time recovery",
            ),
            steps=(
                "Restore into an empty machine, with nothing at hand but the manual",
                "Compare row counts with those written down at backup time",
                "Write the recovery target into the calendar, not only into the wiki",
                "Keep one copy where the production account cannot delete it",
            ),
            facts=(
                "A backup that was never restored is a hope.",
                "Logical dumps leave out roles, tablespaces and the settings of the cluster.",
                "Point-in-time recovery needs an unbroken chain of segments since the base backup.",
            ),
            settings=("archive_command", "recovery_target_time", "wal_level"),
            tools=("pgBackRest", "Barman", "restic"),
            tags=("backups", "recovery"),
        ),
        Subject(
            name="keyset pagination",
            goal="page through millions of rows at a constant price",
            metric="latency of the last page",
            unit="ms",
            symptoms=(
                "page nine thousand of the archive timed out",
                "crawlers alone kept the database at eighty percent",
            ),
            causes=(
                "every page read and threw away all the pages before it",
                "the count under the list scanned the whole table",
            ),
            remedies=(
                "continuing from the last row instead of counting rows to skip",
                "answering 'is there more' by asking for one row too many",
            ),
            steps=(
                "Give the order a tie breaker that is unique",
                "Compare rows as tuples, so that the index does the work",
                "Encode the position in a cursor that clients cannot invent",
                "Leave out the total, or keep it somewhere cheap",
            ),
            facts=(
                "An offset is paid in rows read, and nobody sees the rows.",
                "A keyset needs a unique last column, or it skips and repeats rows.",
                "Row comparison is in the SQL standard, and planners know how to use an index for it.",
            ),
            settings=("work_mem", "cursor_tuple_fraction"),
            tools=("PostgreSQL", "Django", "MySQL"),
            tags=("pagination", "latency"),
        ),
    ),
)
