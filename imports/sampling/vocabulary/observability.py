from imports.sampling.vocabulary.shapes import Area, Subject

OBSERVABILITY = Area(
    name="Observability",
    tools=(
        "Prometheus",
        "Grafana",
        "OpenTelemetry",
        "Loki",
        "Jaeger",
        "Sentry",
        "VictoriaMetrics",
        "SkyWalking",
    ),
    stacks=("Kubernetes", "Go", "Django", "Spring Boot", "Node.js", "Phoenix"),
    standards=("OpenMetrics", "W3C Trace Context", "RFC 5424", "RED method"),
    tags=("monitoring", "alerting", "on-call", "metrics", "logs"),
    subjects=(
        Subject(
            name="alert fatigue",
            goal="page a person only when a person can help",
            metric="number of pages per shift",
            unit="pages",
            symptoms=(
                "the on-call phone rang sixty times in a weekend",
                "the one alert that mattered was muted with the others",
            ),
            causes=(
                "alerts described machines instead of what users could feel",
                "every incident added an alert and none took one away",
            ),
            remedies=(
                "alerting on the speed at which the error budget burns",
                "deleting each alert that nobody acted on for a quarter",
            ),
            steps=(
                "Write next to each alert what the reader should do",
                "Delete alerts that were acknowledged and ignored",
                "Alert on symptoms and chart the causes",
                "Review the pages of the week every Monday",
            ),
            facts=(
                "An alert without an action is a log line with a ringtone.",
                "Two burn rates, one fast and one slow, catch both the outage and the leak.",
                "People learn in three nights which alerts they can sleep through.",
            ),
            settings=("group_wait", "repeat_interval", "burn_rate"),
            tools=("Alertmanager", "PagerDuty", "Prometheus"),
            tags=("slo", "on-call"),
        ),
        Subject(
            name="distributed tracing",
            goal="follow one request through nine services",
            metric="time to find the slow hop",
            unit="min",
            symptoms=(
                "every service was fast and the page took six seconds",
                "traces ended at the queue and nobody knew what came after",
            ),
            causes=(
                "the context was lost where work changed from one thread to another",
                "head sampling threw away the traces that were worth keeping",
            ),
            remedies=(
                "carrying the trace context in the message itself",
                "keeping every slow or failed trace and a hundredth of the rest",
            ),
            steps=(
                "Propagate one header format everywhere",
                "Link the consumer's span to the producer's",
                "Sample at the tail, where the outcome is known",
                "Put the trace id into every log line",
            ),
            facts=(
                "A trace is only as complete as its most forgetful library.",
                "Spans cost little; attributes with unbounded values cost a cluster.",
                "Tail sampling needs all spans of a trace in one place for as long as it lasts.",
            ),
            settings=("traceparent", "OTEL_TRACES_SAMPLER", "decision_wait"),
            tools=("OpenTelemetry", "Jaeger", "Tempo"),
            tags=("tracing", "sampling"),
        ),
        Subject(
            name="structured logging",
            goal="write log lines that can be asked questions",
            metric="log volume per request",
            unit="kB",
            symptoms=(
                "searching one day of logs took eleven minutes and two regular expressions",
                "a password appeared in the log of a failed sign-in",
            ),
            causes=(
                "each team formatted the same event in its own way",
                "whole request bodies were written just in case",
            ),
            remedies=(
                "writing one wide event per request",
                "naming the fields once and refusing the rest",
            ),
            steps=(
                "Agree on ten field names and enforce them",
                "Give each request an id and return it to the client",
                "Redact where the line is made, not where it is stored",
                "Budget log volume the way you budget memory",
            ),
            facts=(
                "One wide event per request answers more than thirty narrow lines.",
                "What was never logged cannot leak.",
                "A log level is a promise about who will read the line.",
            ),
            settings=("LOG_FORMAT", "request_id", "redact_keys"),
            tools=("Loki", "Vector", "Elasticsearch"),
            tags=("logging", "privacy"),
        ),
        Subject(
            name="metric cardinality",
            goal="keep labels useful and the bill small",
            metric="number of active series",
            unit="thousand",
            symptoms=(
                "the metrics server used more memory than the product",
                "a dashboard that loaded in a second needed a minute",
            ),
            causes=(
                "a user id had become a label",
                "raw paths made one series for every article",
            ),
            remedies=(
                "labeling by route name instead of by path",
                "dropping unused series before they are stored",
            ),
            steps=(
                "List the ten metrics with the most series",
                "Replace values without bound by names from a list",
                "Drop at the scrape, not at the query",
                "Fail the build when a label takes a new kind of value",
            ),
            facts=(
                "Series multiply: ten statuses, fifty routes and a hundred hosts are fifty thousand.",
                "A histogram costs one series for each bucket and each combination of labels.",
                "Logs are for the one request, metrics for all of them.",
            ),
            settings=("metric_relabel_configs", "sample_limit", "label_limit"),
            tools=("Prometheus", "VictoriaMetrics", "Mimir"),
            tags=("metrics", "cost"),
        ),
        Subject(
            name="service level management",
            goal="agree on how broken is too broken",
            metric="budget burned per week",
            unit="%",
            symptoms=(
                "the availability report was green in the week everybody complained",
                "product and operations argued about each incident anew",
            ),
            causes=(
                "availability was measured at the balancer, which never failed",
                "the target had been copied from a provider's contract",
            ),
            remedies=(
                "measuring at the edge what a reader would call working",
                "agreeing in advance on what happens when the budget is gone",
            ),
            steps=(
                "Pick the three journeys that matter",
                "Count good events over valid events",
                "Choose a target that you have already met",
                "Write down what stops when the budget is spent",
            ),
            facts=(
                "A target of a hundred percent forbids every release.",
                "Averages hide exactly the requests that people complain about.",
                "An objective that changes nothing when it is missed is decoration.",
            ),
            settings=("objective", "window", "good_events"),
            tools=("Grafana", "Sloth", "Prometheus"),
            tags=("slo", "reliability"),
        ),
        Subject(
            name="continuous profiling",
            goal="see where the time goes in production",
            metric="CPU per request",
            unit="ms",
            symptoms=(
                "a third of the fleet was busy parsing the same configuration",
                "the benchmark improved and the bill did not",
            ),
            causes=(
                "the hot path on a laptop was not the hot path under load",
                "serializing the answer cost more than finding it",
            ),
            remedies=(
                "sampling every process at a hundred hertz, always",
                "comparing the profiles of two releases before each rollout",
            ),
            steps=(
                "Profile production and not the benchmark",
                "Compare two releases in one flame graph",
                "Look at allocations before looking at instructions",
                "Stop when the top frame is the work itself",
            ),
            facts=(
                "A sampling profiler at a hundred hertz costs about one percent.",
                "Wall time and CPU time disagree wherever something waits.",
                "Frame pointers cost a register and give back every stack.",
            ),
            settings=("profiling_frequency", "perf_event_paranoid"),
            tools=("Pyroscope", "py-spy", "async-profiler"),
            tags=("profiling", "cpu"),
        ),
        Subject(
            name="synthetic monitoring",
            goal="find out before the first visitor does",
            metric="time to detect",
            unit="min",
            symptoms=(
                "the checkout was down all night and the graphs were flat",
                "a certificate expired on a Sunday in four time zones",
            ),
            causes=(
                "no traffic at night meant no errors at night",
                "the health check answered from memory and touched nothing",
            ),
            remedies=(
                "walking the three main journeys every minute from outside",
                "checking what a reader sees instead of a status code",
            ),
            steps=(
                "Check from outside your own network",
                "Assert on words in the page",
                "Alert on two failures from two places",
                "Mark synthetic visits, so that nobody counts them",
            ),
            facts=(
                "A check that cannot fail tells you that the check is running.",
                "An empty page with status 200 is the outage that dashboards like best.",
                "Expiry dates are the only incidents that announce themselves a year ahead.",
            ),
            settings=("scrape_timeout", "fail_if_not_matches_regexp"),
            tools=("Blackbox exporter", "Checkly", "Playwright"),
            tags=("probes", "certificates"),
        ),
    ),
)
