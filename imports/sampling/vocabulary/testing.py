from imports.sampling.vocabulary.shapes import Area, Subject

TESTING = Area(
    name="Testing",
    tools=("pytest", "Playwright", "Hypothesis", "k6", "Testcontainers", "JUnit", "Vitest", "Schemathesis"),
    stacks=("Django", "React", "Spring Boot", "Rails", "Go", "Rust"),
    standards=("TAP", "OpenAPI 3.1", "Gherkin", "JUnit XML"),
    tags=("quality", "automation", "ci", "regression", "test-data"),
    subjects=(
        Subject(
            name="test flakiness",
            goal="trust a red build again",
            metric="rate of unexplained failures",
            unit="per week",
            symptoms=(
                "people pressed the button until the build turned green",
                "the same test failed on Fridays and nowhere else",
            ),
            causes=(
                "the test slept for a second and hoped",
                "two tests shared a row that one of them deleted",
            ),
            remedies=(
                "waiting for a condition instead of for a time",
                "running the suite in random order every night",
            ),
            steps=(
                "Record each failure with its seed",
                "Wait for conditions and never for seconds",
                "Shuffle the order every night",
                "Give quarantine a deadline",
            ),
            facts=(
                "A suite of a thousand tests that are each right 99.9 percent of the time fails most days.",
                "A retry hides a race from everybody but the customers.",
                "Time, order, network and randomness explain almost all of them.",
            ),
            settings=("--randomly-seed", "retries", "freeze_time"),
            tools=("pytest", "Playwright", "Vitest"),
            tags=("flaky-tests", "ci"),
        ),
        Subject(
            name="load testing",
            goal="find the limit before a campaign does",
            metric="p99 latency at peak",
            unit="ms",
            symptoms=(
                "the test promised ten thousand users and Monday brought two",
                "the site fell over at half of the load it had passed",
            ),
            causes=(
                "virtual users waited for answers and so slowed down with the system",
                "every test user asked for the same article",
            ),
            remedies=(
                "sending requests at a fixed rate, whatever comes back",
                "replaying the addresses of a real Monday",
            ),
            steps=(
                "Send at a fixed rate",
                "Use the spread of real addresses",
                "Hold the peak for longer than your caches live",
                "Write down the limit and what gave way",
            ),
            facts=(
                "Coordinated omission makes a slow system look patient.",
                "A test with one address measures the cache.",
                "The knee of the curve matters more than its height.",
            ),
            settings=("constant-arrival-rate", "ramping-vus", "thresholds"),
            tools=("k6", "Gatling", "wrk2"),
            tags=("load-testing", "capacity"),
        ),
        Subject(
            name="property-based testing",
            goal="let the machine think of the strange input",
            metric="rate of late bugs",
            unit="per quarter",
            symptoms=(
                "a title of a single combining accent broke the import",
                "all examples passed and the round trip did not",
            ),
            causes=(
                "examples were written by the person who wrote the code",
                "nobody had thought of an empty list inside a list",
            ),
            remedies=(
                "stating what holds for every input and letting a tool look for the exception",
                "comparing the fast version with an obvious slow one",
            ),
            steps=(
                "Start with a round trip",
                "Compare with a slow and obvious version",
                "Keep each found example as a test",
                "Let the strategy make only what can occur",
            ),
            facts=(
                "Shrinking turns a page of noise into two characters.",
                "A property that repeats the implementation cannot fail.",
                "Idempotence, inverses and oracles cover most of what is worth stating.",
            ),
            settings=("max_examples", "deadline", "derandomize"),
            tools=("Hypothesis", "fast-check", "jqwik"),
            tags=("property-testing", "fuzzing"),
        ),
        Subject(
            name="test data",
            goal="test with data that looks like life",
            metric="time to a usable dataset",
            unit="min",
            symptoms=(
                "everything worked with three customers called Test",
                "a copy of production was found on a laptop in a train",
            ),
            causes=(
                "real data was the only data with real shapes",
                "factories built the same perfect record each time",
            ),
            remedies=(
                "generating archives of any size from a seed",
                "masking on the way out, with the same answer for the same person",
            ),
            steps=(
                "Generate from a seed and print the seed",
                "Copy the distribution and not the people",
                "Mask before anything leaves production",
                "Include the record that broke you last year",
            ),
            facts=(
                "Averages have no long names, no empty lists and no future dates.",
                "Deterministic masking keeps joins alive.",
                "Generated data is the only kind that everybody may see.",
            ),
            settings=("seed", "mask_salt", "fraction"),
            tools=("Testcontainers", "Greenmask", "Faker"),
            tags=("fixtures", "privacy"),
        ),
        Subject(
            name="contract testing",
            goal="find out that a partner changed before their release",
            metric="rate of broken integrations",
            unit="per quarter",
            symptoms=(
                "a renamed field stopped invoices for a day",
                "both sides passed their tests against their own imagination",
            ),
            causes=(
                "the mock had not changed in three years and the service had",
                "nobody had written down which fields were used",
            ),
            remedies=(
                "letting the consumer record what it needs and the provider replay it",
                "fuzzing the published schema on every commit",
            ),
            steps=(
                "Record what the consumer reads and nothing more",
                "Replay contracts in the provider's build",
                "Keep the schema next to the code",
                "Add fields freely and remove them slowly",
            ),
            facts=(
                "A mock is a belief with a green tick.",
                "Consumers depend on everything that they can observe, documented or not.",
                "A schema that is not checked is a drawing.",
            ),
            settings=("provider_states", "can-i-deploy", "additionalProperties"),
            tools=("Pact", "Schemathesis", "Spectral"),
            tags=("contracts", "api"),
        ),
        Subject(
            name="browser testing",
            goal="test what people see and not what the code returns",
            metric="suite duration",
            unit="min",
            symptoms=(
                "the suite took an hour and half of it was waiting",
                "a button was covered by a banner and every test was green",
            ),
            causes=(
                "each test signed in through the form",
                "selectors followed the structure of the markup",
            ),
            remedies=(
                "signing in once and keeping the state",
                "finding elements the way assistive technology does",
            ),
            steps=(
                "Find by role and by name",
                "Reuse the signed-in state",
                "Keep traces of failures only",
                "Test one path to the end and the rest below it",
            ),
            facts=(
                "A selector by role fails when the page becomes unusable, which is the point.",
                "Screenshots differ by font before they differ by fault.",
                "The browser is the slowest assertion that you own.",
            ),
            settings=("storageState", "trace", "workers"),
            tools=("Playwright", "Selenium", "Cypress"),
            tags=("end-to-end", "browsers"),
        ),
        Subject(
            name="chaos engineering",
            goal="break it on purpose, at ten in the morning",
            metric="time to recover",
            unit="min",
            symptoms=(
                "the standby took over and nothing could connect to it",
                "losing one cache took the whole site with it",
            ),
            causes=(
                "the failover path had never carried traffic",
                "a dependency that was called optional was not",
            ),
            remedies=(
                "stopping one instance a week, with the team in the room",
                "failing open wherever an answer without it is still an answer",
            ),
            steps=(
                "Write down what you expect before you break it",
                "Start with one instance in working hours",
                "Agree on the word that stops the experiment",
                "Fix what surprised you before the next one",
            ),
            facts=(
                "A failover that is never used is a theory.",
                "An experiment without a hypothesis is an outage.",
                "Optional dependencies turn out to be optional only after they have been switched off.",
            ),
            settings=("blast_radius", "toxiproxy", "abort_condition"),
            tools=("Toxiproxy", "Chaos Mesh", "Litmus"),
            tags=("chaos", "resilience"),
        ),
    ),
)
