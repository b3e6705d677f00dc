from imports.sampling.vocabulary.shapes import Area, Subject

QUEUES = Area(
    name="Queues",
    tools=("RabbitMQ", "Kafka", "Celery", "NATS", "Sidekiq", "Temporal", "Pulsar", "RocketMQ"),
    stacks=("RabbitMQ", "Kafka", "Django", "Rails", "Spring Boot", "Phoenix"),
    standards=("AMQP 0-9-1", "CloudEvents", "MQTT 5", "JMS 3.1"),
    tags=("messaging", "background-jobs", "events", "throughput", "workers"),
    subjects=(
        Subject(
            name="idempotent consumption",
            goal="handle the same message twice without harm",
            metric="rate of duplicate effects",
            unit="per day",
            symptoms=(
                "forty customers were charged twice after a broker restart",
                "the same welcome letter went out on three mornings",
            ),
            causes=(
                "the acknowledgement was lost after the work was done",
                "the unique key was made from the time of arrival",
            ),
            remedies=(
                "recording the message id in the transaction that does the work",
                "deriving the key from the event and not from its delivery",
            ),
            steps=(
                "Give each event an id where it is born",
                "Store the id in the same transaction as the effect",
                "Make outside calls with an idempotency key",
                "Deliver everything twice in the test environment",
            ),
            facts=(
                "Exactly once is at least once with a memory.",
                "An acknowledgement can be lost on its way, and then the work is done again.",
                "Deduplication windows expire; replays do not read the manual.",
            ),
            settings=("Idempotency-Key", "acks_late", "dedup_window"),
            tools=("Kafka", "RabbitMQ", "Celery"),
            tags=("idempotency", "delivery"),
        ),
        Subject(
            name="retry design",
            goal="try again without making it worse",
            metric="number of retries per failure",
            unit="retries",
            symptoms=(
                "a slow partner was hit by eight times the usual traffic",
                "the recovery took longer than the failure",
            ),
            causes=(
                "three layers retried three times each",
                "all clients waited exactly one second",
            ),
            remedies=(
                "retrying in one layer, with backoff and full jitter",
                "giving retries a budget of a tenth of all calls",
            ),
            steps=(
                "Sort errors into those that pass and those that stay",
                "Retry in one layer only",
                "Add jitter, always",
                "Stop retrying when the caller has given up",
            ),
            facts=(
                "Retries multiply across layers: three times three is nine, and then a tenth caller appears.",
                "Backoff without jitter makes a wave of the crowd.",
                "A retry of something that cannot succeed is a way of waiting.",
            ),
            settings=("max_retries", "retry_backoff_max", "deadline"),
            tools=("Celery", "Temporal", "Resilience4j"),
            tags=("retries", "backoff"),
        ),
        Subject(
            name="dead letter handling",
            goal="make failed messages somebody's work",
            metric="age of the oldest dead letter",
            unit="min",
            symptoms=(
                "eleven thousand orders were found in a queue that nobody read",
                "one malformed message blocked a partition for a night",
            ),
            causes=(
                "the dead letter queue had no owner and no alert",
                "messages were moved without the reason for which they had failed",
            ),
            remedies=(
                "storing the error, the attempt and the consumer beside each message",
                "offering replay as a command with a filter and a dry run",
            ),
            steps=(
                "Name an owner for every dead letter queue",
                "Keep the reason beside the message",
                "Replay a single message before replaying them all",
                "Alert on age and not on count",
            ),
            facts=(
                "A dead letter queue without a reader is a slow way of deleting things.",
                "A poison message is usually the first of its kind and not the last.",
                "Order is lost at the moment in which a message is set aside.",
            ),
            settings=("x-dead-letter-exchange", "max_delivery_count", "redrive_policy"),
            tools=("RabbitMQ", "Pulsar", "NATS"),
            tags=("dead-letters", "replay"),
        ),
        Subject(
            name="consumer lag",
            goal="keep up, or know by how much you do not",
            metric="consumer lag",
            unit="s",
            symptoms=(
                "prices in the search page were forty minutes old by noon",
                "adding consumers changed nothing at all",
            ),
            causes=(
                "one key carried half of the traffic",
                "each rebalance stopped all consumers for half a minute",
            ),
            remedies=(
                "splitting the hot key by a second field",
                "switching to cooperative rebalancing with static membership",
            ),
            steps=(
                "Express lag in seconds, because people wait in seconds",
                "Look at partitions before looking at the sum",
                "Batch the slow side effect",
                "Pause fetching instead of dying of memory",
            ),
            facts=(
                "There is no use in more consumers than partitions.",
                "A sum over partitions hides the one that is stuck.",
                "Lag that grows only at noon is a capacity plan, not an incident.",
            ),
            settings=("max.poll.records", "group.instance.id", "fetch.min.bytes"),
            tools=("Kafka", "Burrow", "Redpanda"),
            tags=("lag", "partitions"),
        ),
        Subject(
            name="outbox delivery",
            goal="change the row and send the event, or neither",
            metric="rate of lost events",
            unit="per day",
            symptoms=(
                "orders existed that the warehouse had never heard of",
                "events arrived for rows that had been rolled back",
            ),
            causes=(
                "the event was sent before the commit",
                "the process died between the commit and the send",
            ),
            remedies=(
                "writing the event into a table within the same transaction",
                "letting one relay read the table in commit order",
            ),
            steps=(
                "Write event and change in one transaction",
                "Relay in order, and expect to relay twice",
                "Delete relayed rows in batches",
                "Alert on the oldest row that is still waiting",
            ),
            facts=(
                "Two systems cannot commit at once; one of them can remember for the other.",
                "Sequence numbers are handed out before the commit and become visible out of order.",
                "A relay that may repeat itself needs consumers that may be repeated to.",
            ),
            settings=("outbox_batch_size", "SKIP LOCKED", "poll_interval"),
            tools=("Debezium", "PostgreSQL", "Kafka"),
            tags=("outbox", "consistency"),
        ),
        Subject(
            name="backpressure",
            goal="say no early and politely",
            metric="queue wait",
            unit="s",
            symptoms=(
                "the queue held six hours of work that nobody wanted any more",
                "workers died of memory one after the other",
            ),
            causes=(
                "the queue had no bound, so it was never full",
                "producers were never told that consumers had slowed down",
            ),
            remedies=(
                "bounding every queue and refusing at the door",
                "dropping work whose deadline has already passed",
            ),
            steps=(
                "Bound every queue, including the hidden ones",
                "Refuse with a hint when to come back",
                "Carry the deadline with the work",
                "Shed the cheap requests last",
            ),
            facts=(
                "An unbounded queue turns overload into delay, and delay into more overload.",
                "Work that is too late costs as much as work that is in time.",
                "Little's law holds on bad days too.",
            ),
            settings=("prefetch_count", "x-max-length", "Retry-After"),
            tools=("RabbitMQ", "NATS", "Envoy"),
            tags=("overload", "load-shedding"),
        ),
        Subject(
            name="job scheduling",
            goal="run it once, even with two schedulers",
            metric="rate of missed runs",
            unit="per month",
            symptoms=(
                "the invoice run started twice on the night the clocks changed",
                "a job that takes an hour was started every half hour",
            ),
            causes=(
                "two machines believed that they were the leader",
                "the schedule was kept in local time",
            ),
            remedies=(
                "taking a lease with a fencing token before each run",
                "keeping schedules in UTC and the reason beside them",
            ),
            steps=(
                "Let a lease decide who runs",
                "Fence what a late runner may still write",
                "Record each run, and alert on the ones that are missing",
                "Skip a run while the last one is still going",
            ),
            facts=(
                "A lease without a fencing token is a polite suggestion.",
                "In most of Europe one night a year has two half past twos.",
                "A job that failed makes noise; a job that never started does not.",
            ),
            settings=("concurrencyPolicy", "startingDeadlineSeconds", "lease_token"),
            tools=("Temporal", "Celery", "cron"),
            tags=("cron", "leases"),
        ),
    ),
)
