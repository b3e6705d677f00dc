from imports.sampling.vocabulary.shapes import Area, Subject

DATA = Area(
    name="Data",
    tools=("dbt", "Airflow", "DuckDB", "Spark", "Parquet", "ClickHouse", "Dagster", "Apache Doris"),
    stacks=("Python", "dbt", "Spark", "ClickHouse", "PostgreSQL", "AWS"),
    standards=("Apache Iceberg", "Apache Arrow", "ISO 8601", "RFC 4180"),
    tags=("etl", "analytics", "warehouse", "quality", "batch"),
    subjects=(
        Subject(
            name="bulk import",
            goal="load ten million rows and sleep well",
            metric="load time",
            unit="min",
            symptoms=(
                "the nightly load was still running when the office opened",
                "a stopped import left half of a catalog behind",
            ),
            causes=(
                "rows were inserted one by one through the ORM",
                "the position in the file was saved apart from the rows",
            ),
            remedies=(
                "copying batches into a staging table and merging them by sets",
                "committing each batch together with its position",
            ),
            steps=(
                "Copy into a table without indexes, then merge",
                "Commit rows and position in one transaction",
                "Skip unchanged records by hash",
                "Kill the load at random and compare the result",
            ),
            facts=(
                "COPY is ten times as fast as single inserts because it plans once.",
                "A resume point that is not in the same transaction is a guess.",
                "Most records of a second delivery are those of the first.",
            ),
            settings=("batch_size", "synchronous_commit", "maintenance_work_mem"),
            tools=("PostgreSQL", "DuckDB", "pgloader"),
            tags=("bulk-load", "resume"),
        ),
        Subject(
            name="data quality",
            goal="find the bad row before the board does",
            metric="number of rejected rows",
            unit="per load",
            symptoms=(
                "turnover doubled on the day a supplier changed a separator",
                "a country called null appeared in every report",
            ),
            causes=(
                "types were guessed from the first hundred rows",
                "nobody owned the column that everybody joined on",
            ),
            remedies=(
                "testing assumptions where data enters and not where it is shown",
                "rejecting a bad row alone, with its line and its reason",
            ),
            steps=(
                "Write each assumption as a test that can fail",
                "Reject rows one by one, and keep them",
                "Compare today's counts with last week's",
                "Name the owner of each table in the table",
            ),
            facts=(
                "A pipeline without rejects has not looked.",
                "Null means unknown, absent, zero and broken, depending on whom you ask.",
                "A distribution drifts before a constraint breaks.",
            ),
            settings=("on_error", "accepted_values", "severity"),
            tools=("dbt", "Great Expectations", "Soda"),
            tags=("validation", "contracts"),
        ),
        Subject(
            name="incremental modeling",
            goal="recompute only what changed",
            metric="number of rows scanned per run",
            unit="million",
            symptoms=(
                "the warehouse bill grew with the history instead of the traffic",
                "late events were counted in no day at all",
            ),
            causes=(
                "each run rebuilt eight years to add one day",
                "the watermark followed event time and events came late",
            ),
            remedies=(
                "rebuilding a sliding window of three days",
                "keeping arrival time beside event time and filtering by arrival",
            ),
            steps=(
                "Partition by what you filter on",
                "Reprocess a window that covers late events",
                "Prove that a full rebuild gives the same rows",
                "Rebuild in full once a month",
            ),
            facts=(
                "An incremental model is a cache and has all the problems of one.",
                "Event time tells what happened; arrival time tells what you may have missed.",
                "Merging by key makes a repeated run harmless.",
            ),
            settings=("unique_key", "lookback", "partition_by"),
            tools=("dbt", "ClickHouse", "Spark"),
            tags=("incremental", "late-data"),
        ),
        Subject(
            name="columnar storage",
            goal="read three columns and not thirty",
            metric="scan volume per query",
            unit="GB",
            symptoms=(
                "a question about one column read four terabytes",
                "two hundred thousand tiny files took longer to list than to read",
            ),
            causes=(
                "each micro-batch wrote files of its own",
                "rows were sorted by arrival, so that no block could be skipped",
            ),
            remedies=(
                "compacting files to a few hundred megabytes",
                "sorting by the columns that people filter on",
            ),
            steps=(
                "Look at file sizes before looking at queries",
                "Sort by the most common filter",
                "Compact on a schedule",
                "Check how many row groups a query skips",
            ),
            facts=(
                "Statistics per row group let a reader skip what it does not need.",
                "Sorting improves compression and skipping at the same time.",
                "Small files cost a request each before they give a single row.",
            ),
            settings=("row_group_size", "target_file_size", "ZSTD"),
            tools=("Parquet", "DuckDB", "Apache Iceberg"),
            tags=("parquet", "lakehouse"),
        ),
        Subject(
            name="pipeline orchestration",
            goal="know what runs, what waits and why",
            metric="rate of late deliveries",
            unit="per month",
            symptoms=(
                "a report was on time and a day old",
                "restarting one task restarted the whole of yesterday",
            ),
            causes=(
                "tasks waited for a time of day instead of for their input",
                "retries repeated side effects that were not meant to be repeated",
            ),
            remedies=(
                "starting a task when its input is there",
                "making each task replace its partition as a whole",
            ),
            steps=(
                "Depend on data and not on the clock",
                "Replace partitions instead of appending to them",
                "Show the age of the data next to the data",
                "Backfill with a limit on parallel runs",
            ),
            facts=(
                "A schedule is a dependency that lies on busy days.",
                "A task that overwrites its partition can be run again by anybody.",
                "Freshness is the only status that readers of a report care about.",
            ),
            settings=("max_active_runs", "depends_on_past", "catchup"),
            tools=("Airflow", "Dagster", "Prefect"),
            tags=("orchestration", "freshness"),
        ),
        Subject(
            name="time zone handling",
            goal="agree on what day it was",
            metric="rate of misdated rows",
            unit="per day",
            symptoms=(
                "sales of New Year's Eve appeared in two years",
                "one hour in October had twice as many orders",
            ),
            causes=(
                "moments were stored without an offset",
                "days were cut in the zone of whoever ran the query",
            ),
            remedies=(
                "storing moments in UTC and the zone of the event beside them",
                "cutting days in one place, in the zone of the business",
            ),
            steps=(
                "Refuse a moment without an offset",
                "Store the zone by name and not by offset",
                "Cut days once, upstream",
                "Test the two nights on which clocks change",
            ),
            facts=(
                "An offset tells what the clock showed; a zone tells what it will show next year.",
                "Future appointments belong in local time, past events in UTC.",
                "Governments change time zones with less notice than you release.",
            ),
            settings=("TIME_ZONE", "timestamptz", "date_trunc"),
            tools=("PostgreSQL", "DuckDB", "tzdata"),
            tags=("time-zones", "correctness"),
        ),
        Subject(
            name="personal data erasure",
            goal="forget a person everywhere",
            metric="time until erasure",
            unit="days",
            symptoms=(
                "an erased customer came back with the next backup",
                "nobody could list the tables that held a name",
            ),
            causes=(
                "exports had been copied into four departments",
                "the identifier differed from system to system",
            ),
            remedies=(
                "encrypting personal columns by person and throwing away the key",
                "keeping a register of erased identifiers that every load obeys",
            ),
            steps=(
                "Draw the map of copies before writing code",
                "Erase by key where rewriting is too dear",
                "Replay erasures after each restore",
                "Give every export an expiry date",
            ),
            facts=(
                "Backups are copies too, and regulators know it.",
                "Crypto-shredding turns a rewrite of history into the deletion of one row.",
                "A pseudonym with a lookup table is still personal data.",
            ),
            settings=("retention_days", "erasure_log", "key_id"),
            tools=("Vault", "Spark", "PostgreSQL"),
            tags=("privacy", "gdpr"),
        ),
    ),
)
