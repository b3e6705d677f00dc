from imports.sampling.vocabulary.shapes import Area, Subject

DEPLOYMENT = Area(
    name="Deployment",
    tools=(
        "Kubernetes",
        "Terraform",
        "Ansible",
        "Docker",
        "Argo CD",
        "Helm",
        "GitHub Actions",
        "BlueKing 蓝鲸",
    ),
    stacks=("Kubernetes", "AWS", "Docker Compose", "Django", "Go", "Spring Boot"),
    standards=("OCI Image Spec", "SemVer", "SLSA", "systemd"),
    tags=("releases", "ci", "containers", "infrastructure", "rollback"),
    subjects=(
        Subject(
            name="rolling deployment",
            goal="replace every instance while readers stay",
            metric="number of errors during a release",
            unit="errors",
            symptoms=(
                "each release dropped a few hundred requests",
                "old pages asked new servers for files that were gone",
            ),
            causes=(
                "instances were stopped before the balancer had let go of them",
                "readiness was reported before the first connection was open",
            ),
            remedies=(
                "draining connections before the stop signal is sent",
                "keeping the assets of two releases side by side",
            ),
            steps=(
                "Fail readiness first, wait, and only then stop",
                "Give the grace period to the slowest request you want to keep",
                "Serve the previous release's assets for one more day",
                "Watch errors by version and not only by service",
            ),
            facts=(
                "A balancer needs several seconds to learn that an instance has left.",
                "Readiness says 'send me traffic'; liveness says 'do not kill me'; they share no code.",
                "Two versions run side by side in every rolling release, whether or not anybody planned it.",
            ),
            settings=("maxUnavailable", "terminationGracePeriodSeconds", "preStop"),
            tools=("Kubernetes", "Argo CD", "HAProxy"),
            tags=("zero-downtime", "draining"),
        ),
        Subject(
            name="configuration drift",
            goal="make staging tell the truth about production",
            metric="number of undeclared differences",
            unit="items",
            symptoms=(
                "a release passed every test on staging and failed in a minute",
                "the same playbook changed eleven machines and broke the twelfth",
            ),
            causes=(
                "a limit had been raised by hand during an incident in winter",
                "staging ran another minor version of the database",
            ),
            remedies=(
                "comparing both environments every night, setting by setting",
                "giving each intended difference an owner and an expiry date",
            ),
            steps=(
                "Print the effective configuration, not the files",
                "Compare fingerprints of secrets and never the secrets",
                "Declare each wanted difference with a reason",
                "Fail the release when a declared difference has expired",
            ),
            facts=(
                "Every difference that nobody declared is a test that nobody ran.",
                "Files say what should be set; only the process knows what is.",
                "A change made by hand survives exactly until the next automation run.",
            ),
            settings=("ENVIRONMENT", "RELEASE", "CONFIG_SHA"),
            tools=("Ansible", "Terraform", "diffoscope"),
            tags=("parity", "staging"),
        ),
        Subject(
            name="container image building",
            goal="build small images that are the same twice",
            metric="image size",
            unit="MB",
            symptoms=(
                "a one-line change took fourteen minutes to reach a cluster",
                "two builds of one commit behaved differently",
            ),
            causes=(
                "the dependency layer was invalidated by each changed file",
                "the base image was named by a tag that had moved",
            ),
            remedies=(
                "copying the lock file before the source",
                "pinning the base image by digest and renewing it on a schedule",
            ),
            steps=(
                "Order layers from the slowest to change to the fastest",
                "Leave compilers in the first stage",
                "Pin the base by digest",
                "Run as a user without a shell",
            ),
            facts=(
                "A deleted file still weighs on the layer that added it.",
                "Tags move; digests do not.",
                "The cheapest layer is the one that did not have to be built.",
            ),
            settings=("SOURCE_DATE_EPOCH", "BUILDKIT_INLINE_CACHE", "DOCKER_BUILDKIT"),
            tools=("Docker", "Podman", "BuildKit"),
            tags=("docker", "reproducible-builds"),
        ),
        Subject(
            name="feature flagging",
            goal="separate shipping from switching on",
            metric="lead time",
            unit="min",
            symptoms=(
                "a branch lived for eleven weeks and took two to merge",
                "nobody dared to remove the switch from the last relaunch",
            ),
            causes=(
                "flags had no owner and no date on which they should be gone",
                "two flags were tested alone and never together",
            ),
            remedies=(
                "shipping dark and switching on for one percent of sessions",
                "failing the build when a flag has outlived its date",
            ),
            steps=(
                "Give each flag an owner and a last day",
                "Evaluate a flag once per request",
                "Log the variant with every event",
                "Delete the losing branch in the week of the decision",
            ),
            facts=(
                "Ten independent flags are a thousand products, of which two are tested.",
                "A flag read twice in a request can answer twice.",
                "The cost of a flag begins after its launch.",
            ),
            settings=("FLAG_CHECKOUT_V2", "rollout_percentage", "sticky_bucketing"),
            tools=("OpenFeature", "Unleash", "LaunchDarkly"),
            tags=("flags", "trunk-based"),
        ),
        Subject(
            name="rollback practice",
            goal="get back to yesterday in two minutes",
            metric="time to roll back",
            unit="min",
            symptoms=(
                "going back was slower than fixing forward, and both were slow",
                "the old version could not read what the new one had written",
            ),
            causes=(
                "the migration had dropped a column in the same release",
                "nobody had practiced the way back since the first launch",
            ),
            remedies=(
                "keeping the previous release warm next to the current one",
                "separating destructive changes from the release that makes them possible",
            ),
            steps=(
                "Practice the way back on a day when nothing is wrong",
                "Record which release wrote which rows",
                "Keep the last three images within reach",
                "Decide beforehand who may press the button",
            ),
            facts=(
                "A rollback that needs a decision takes as long as the meeting.",
                "Code goes back in seconds; data does not go back at all.",
                "What is practiced monthly works at three in the morning.",
            ),
            settings=("revisionHistoryLimit", "progressDeadlineSeconds"),
            tools=("Helm", "Argo CD", "Kubernetes"),
            tags=("rollback", "releases"),
        ),
        Subject(
            name="infrastructure as code",
            goal="review a network the way you review a function",
            metric="number of unplanned changes",
            unit="changes",
            symptoms=(
                "a plan wanted to destroy the database, and somebody typed yes",
                "two colleagues applied at once and the state file lost",
            ),
            causes=(
                "state was kept on a laptop and copied by hand",
                "one module held both the network and the nightly job",
            ),
            remedies=(
                "cutting the state where the pace of change differs",
                "letting only the pipeline apply what a person has approved",
            ),
            steps=(
                "Keep state remote, locked and versioned",
                "Protect what holds data from being destroyed",
                "Read each plan as a diff of the real world",
                "Import what was clicked together before changing it",
            ),
            facts=(
                "A plan is true for the minute in which it was made.",
                "State holds secrets, whatever the documentation recommends.",
                "Small states make small mistakes.",
            ),
            settings=("prevent_destroy", "backend", "parallelism"),
            tools=("Terraform", "OpenTofu", "Pulumi"),
            tags=("infrastructure-as-code", "state"),
        ),
        Subject(
            name="pipeline speed",
            goal="get an answer from CI before the coffee is cold",
            metric="pipeline duration",
            unit="min",
            symptoms=(
                "people merged without waiting for the tests",
                "the queue for runners was longer than the tests themselves",
            ),
            causes=(
                "every job installed the world before it did anything",
                "forty jobs waited for the one that always took twenty minutes",
            ),
            remedies=(
                "splitting tests by their measured duration",
                "restoring dependencies from a cache that is keyed by the lock file",
            ),
            steps=(
                "Draw the critical path before buying runners",
                "Split by recorded time and not by file count",
                "Cancel what a newer push has made pointless",
                "Move flaky tests to quarantine with a deadline",
            ),
            facts=(
                "A pipeline is as fast as its longest chain, however many runners it has.",
                "A cache without a key is a bug with a good average.",
                "After ten minutes people switch tasks, and they do not come back at eleven.",
            ),
            settings=("concurrency", "fail-fast", "restore-keys"),
            tools=("GitHub Actions", "GitLab CI", "Buildkite"),
            tags=("ci", "feedback"),
        ),
    ),
)
