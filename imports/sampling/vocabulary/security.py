from imports.sampling.vocabulary.shapes import Area, Subject

SECURITY = Area(
    name="Security",
    tools=("Vault", "Keycloak", "Trivy", "OWASP ZAP", "CrowdSec", "age", "Semgrep", "ModSecurity"),
    stacks=("Django", "Spring Boot", "Kubernetes", "Laravel", "Node.js", "AWS"),
    standards=("OAuth 2.1", "CSP Level 3", "RFC 9700", "OWASP ASVS", "WebAuthn"),
    tags=("hardening", "authentication", "vulnerabilities", "secrets", "audit"),
    subjects=(
        Subject(
            name="secret rotation",
            goal="change every password without a night shift",
            metric="time to rotate",
            unit="min",
            symptoms=(
                "the database password was as old as the company",
                "a leaked key worked for eleven months after it was found",
            ),
            causes=(
                "nobody knew which jobs would stop when the secret changed",
                "only one value could be valid at a time",
            ),
            remedies=(
                "accepting two secrets while the change travels",
                "issuing credentials that expire by themselves",
            ),
            steps=(
                "List who uses a secret by looking at who presents it",
                "Accept old and new for as long as a deployment takes",
                "Rotate on a schedule, so that it is never an event",
                "Alert on the use of a retired secret",
            ),
            facts=(
                "A secret that cannot be changed has already leaked; only the date is open.",
                "Short-lived credentials turn revocation into waiting.",
                "Environment variables end up in crash reports.",
            ),
            settings=("SECRET_KEY_FALLBACKS", "lease_duration", "max_ttl"),
            tools=("Vault", "AWS Secrets Manager", "age"),
            tags=("secrets", "rotation"),
        ),
        Subject(
            name="content security policy",
            goal="let only your own scripts run",
            metric="rate of policy violations",
            unit="per day",
            symptoms=(
                "a comment field ran a script in the browsers of editors",
                "the policy was so long that nobody knew what it forbade",
            ),
            causes=(
                "unsafe-inline had been allowed for one analytics snippet",
                "hosts on the list also served files of strangers",
            ),
            remedies=(
                "replacing host lists by nonces",
                "running the strict policy in report mode for a month",
            ),
            steps=(
                "Start in report mode and read the reports",
                "Move inline handlers into files",
                "Issue a fresh nonce for every response",
                "Keep cached pages free of nonces",
            ),
            facts=(
                "A list of hosts is only as safe as the least careful of them.",
                "A nonce in a cached page is a constant.",
                "Browser extensions cause most reports, and none of the problems.",
            ),
            settings=("script-src", "strict-dynamic", "report-to"),
            tools=("django-csp", "OWASP ZAP", "Report URI"),
            tags=("csp", "xss"),
        ),
        Subject(
            name="dependency patching",
            goal="close a hole in a library within a day",
            metric="age of open advisories",
            unit="days",
            symptoms=(
                "the scanner listed nine hundred findings and nobody read them",
                "a patch release waited behind forty major upgrades",
            ),
            causes=(
                "upgrades were done once a year, all at once",
                "findings were not sorted by whether the code was reachable",
            ),
            remedies=(
                "upgrading a little every week, with tests that are believed",
                "sorting advisories by reachability and by exposure",
            ),
            steps=(
                "Lock every dependency, direct or not, by hash",
                "Upgrade weekly in small steps",
                "Ask whether the vulnerable function is ever called",
                "Remove the dependency instead, if you can",
            ),
            facts=(
                "The oldest dependency is usually one that nobody chose.",
                "A lock file without hashes pins the name and trusts the rest.",
                "Severity scores describe the library and not your use of it.",
            ),
            settings=("require-hashes", "ignore-unfixed", "minimum-release-age"),
            tools=("Trivy", "Renovate", "OSV-Scanner"),
            tags=("supply-chain", "upgrades"),
        ),
        Subject(
            name="session management",
            goal="know who is signed in, and for how long",
            metric="number of orphaned sessions",
            unit="sessions",
            symptoms=(
                "a dismissed colleague was still signed in on a tablet",
                "signing out signed out nothing",
            ),
            causes=(
                "tokens were valid for a month and checked by nobody",
                "the session id stayed the same across the sign-in",
            ),
            remedies=(
                "keeping sessions on the server and listing them for their owner",
                "issuing a new session id at each change of rights",
            ),
            steps=(
                "Issue a new id at sign-in",
                "Show people their sessions",
                "End all sessions when a password changes",
                "Keep tokens shorter than a coffee break",
            ),
            facts=(
                "A signed token cannot be taken back before it expires.",
                "An id that survives the sign-in may have been chosen by somebody else.",
                "Idle and absolute timeouts answer different threats.",
            ),
            settings=("SESSION_COOKIE_AGE", "SameSite", "__Host-"),
            tools=("Keycloak", "Django", "Redis"),
            tags=("sessions", "cookies"),
        ),
        Subject(
            name="rate limiting",
            goal="stop the flood and let the river pass",
            metric="rate of wrong rejections",
            unit="per day",
            symptoms=(
                "a whole university was locked out by one laboratory",
                "forty thousand passwords were tried in a night, one per address",
            ),
            causes=(
                "the limit counted addresses, and addresses are shared",
                "counters were kept per process and there were ninety processes",
            ),
            remedies=(
                "limiting by account and by network at the same time",
                "counting in one place with a sliding window",
            ),
            steps=(
                "Limit what is dear and not what is frequent",
                "Count in one place",
                "Tell clients when they may return",
                "Fail open for readers and closed for sign-ins",
            ),
            facts=(
                "A fixed window lets twice the limit through at its border.",
                "Behind carrier-grade NAT a thousand people share one address.",
                "A limit without a Retry-After invites a loop.",
            ),
            settings=("limit_req_zone", "Retry-After", "burst"),
            tools=("nginx", "Redis", "Envoy"),
            tags=("abuse", "limits"),
        ),
        Subject(
            name="threat modeling",
            goal="ask what could go wrong before it does",
            metric="number of late findings",
            unit="per release",
            symptoms=(
                "the penetration test found the same hole for the third time",
                "the review began when the design could no longer change",
            ),
            causes=(
                "nobody had drawn where trusted data meets untrusted data",
                "the model was a document and not a conversation",
            ),
            remedies=(
                "drawing the data flow together for one hour per feature",
                "turning each threat into a test or an accepted risk with a name",
            ),
            steps=(
                "Draw the flow on one page",
                "Mark each border of trust",
                "Ask four questions and write down the answers",
                "Turn threats into tests",
            ),
            facts=(
                "A threat without an owner is a paragraph.",
                "Most holes lie where two teams each thought that the other one checked.",
                "The drawing is out of date in a year; the habit is not.",
            ),
            settings=("STRIDE", "trust_boundary"),
            tools=("OWASP Threat Dragon", "Semgrep"),
            tags=("design-review", "risk"),
        ),
        Subject(
            name="HTML sanitizing",
            goal="accept markup from strangers",
            metric="rate of unsafe fragments",
            unit="per month",
            symptoms=(
                "an imported article opened a window for every reader",
                "a style attribute covered the page with an invisible link",
            ),
            causes=(
                "the filter removed what it knew instead of keeping what it knew",
                "text was cleaned first and decoded afterwards",
            ),
            remedies=(
                "keeping an explicit list of elements, attributes and schemes",
                "cleaning with a real parser, last, just before storing",
            ),
            steps=(
                "Allow by name and drop the rest",
                "Parse the way a browser parses",
                "Clean once more and compare",
                "Keep a test for every trick you have met",
            ),
            facts=(
                "Mutation attacks live where two parsers read the same bytes differently.",
                "Cleaning twice must change nothing the second time.",
                "An address can run code, and its scheme decides.",
            ),
            settings=("url_schemes", "clean_content_tags", "rel=noopener"),
            tools=("nh3", "DOMPurify", "ammonia"),
            tags=("xss", "html"),
        ),
    ),
)
