from imports.sampling.vocabulary.shapes import Area, Subject

NETWORKING = Area(
    name="Networking",
    tools=("HAProxy", "Envoy", "nginx", "WireGuard", "CoreDNS", "curl", "Wireshark", "OpenResty"),
    stacks=("nginx", "Kubernetes", "Go", "AWS", "HAProxy", "Rust"),
    standards=("RFC 9110", "RFC 9114", "RFC 8446", "RFC 1035", "QUIC"),
    tags=("http", "dns", "tls", "proxies", "latency"),
    subjects=(
        Subject(
            name="timeout budgeting",
            goal="give up in the right order",
            metric="rate of abandoned requests",
            unit="per minute",
            symptoms=(
                "workers went on with answers that nobody was waiting for",
                "the proxy gave up first and the retry found the work half done",
            ),
            causes=(
                "each layer had a default of sixty seconds",
                "the deadline was measured anew at every hop",
            ),
            remedies=(
                "passing the remaining time along with the request",
                "making each inner timeout shorter than the outer one",
            ),
            steps=(
                "Write down all timeouts of one path in one table",
                "Make the inner ones shorter than the outer ones",
                "Pass the deadline on",
                "Cancel the query when the client has left",
            ),
            facts=(
                "A timeout of sixty seconds is a decision that nobody made.",
                "Connect and read timeouts protect against different failures.",
                "Work for a client that has left is the easiest load to shed.",
            ),
            settings=("proxy_read_timeout", "grpc-timeout", "statement_timeout"),
            tools=("Envoy", "nginx", "HAProxy"),
            tags=("timeouts", "deadlines"),
        ),
        Subject(
            name="load balancing",
            goal="send work where there is room",
            metric="spread of load",
            unit="%",
            symptoms=(
                "two of twelve servers were busy and ten were bored",
                "a new instance was flooded in its first second",
            ),
            causes=(
                "long connections were counted once and lived for days",
                "the balancer preferred whoever failed fastest",
            ),
            remedies=(
                "choosing the better of two random servers",
                "letting new instances warm up slowly",
            ),
            steps=(
                "Balance requests and not connections",
                "Pick two and take the one with less to do",
                "Start slowly after each deployment",
                "Eject on errors, but never more than a tenth",
            ),
            facts=(
                "Two random choices come close to perfect knowledge.",
                "A server that fails quickly looks idle to a naive balancer.",
                "Sticky sessions are a promise that a restart breaks.",
            ),
            settings=("least_conn", "slow_start", "outlier_detection"),
            tools=("HAProxy", "Envoy", "IPVS"),
            tags=("balancing", "capacity"),
        ),
        Subject(
            name="DNS caching",
            goal="move a service without waiting for strangers",
            metric="time to move traffic",
            unit="min",
            symptoms=(
                "a fifth of the traffic still went to the old address after a week",
                "each request began with forty milliseconds of name lookup",
            ),
            causes=(
                "the runtime resolved names once and never again",
                "search domains turned one question into six",
            ),
            remedies=(
                "lowering the lifetime two days before the move",
                "caching on the node and ending names with a dot",
            ),
            steps=(
                "Lower lifetimes well before a move",
                "Check how long each runtime remembers",
                "Cache negative answers, briefly",
                "Keep the old address alive for a month",
            ),
            facts=(
                "A resolver may keep an answer longer than you allowed, and some do.",
                "Negative answers are cached as well, for as long as the zone says.",
                "A trailing dot saves five questions in a cluster.",
            ),
            settings=("ndots", "networkaddress.cache.ttl", "max-ncache-ttl"),
            tools=("CoreDNS", "Unbound", "dig"),
            tags=("dns", "resolvers"),
        ),
        Subject(
            name="TLS termination",
            goal="encrypt everything and page nobody about certificates",
            metric="handshake time",
            unit="ms",
            symptoms=(
                "mobile visitors waited two round trips before the first byte",
                "half of the fleet served last year's certificate",
            ),
            causes=(
                "session tickets were encrypted with a key per machine",
                "renewal worked and the reload did not",
            ),
            remedies=(
                "sharing ticket keys and rotating them daily",
                "checking the certificate that is served and not the one on disk",
            ),
            steps=(
                "Check what is served, from outside",
                "Renew at two thirds of the lifetime",
                "Share ticket keys across the fleet",
                "Switch off what no client has used for a year",
            ),
            facts=(
                "A certificate on disk proves that renewal works and nothing else.",
                "Resumption saves a round trip only when every machine can read the ticket.",
                "Shorter lifetimes make automation a duty.",
            ),
            settings=("ssl_session_tickets", "ssl_early_data", "OCSP"),
            tools=("Caddy", "certbot", "nginx"),
            tags=("tls", "certificates"),
        ),
        Subject(
            name="HTTP/3 adoption",
            goal="try a new protocol on people who will not notice",
            metric="p95 time to first byte",
            unit="ms",
            symptoms=(
                "hotel networks dropped every packet of the new protocol",
                "CPU per gigabyte doubled on the day of the switch",
            ),
            causes=(
                "the kernel copied every datagram on its own",
                "clients fell back only after a long silence",
            ),
            remedies=(
                "advertising the protocol to a tenth of the networks at first",
                "switching on segmentation offload before the next try",
            ),
            steps=(
                "Advertise with a short lifetime",
                "Compare networks and not averages",
                "Watch CPU per gigabyte",
                "Keep the old protocol fast",
            ),
            facts=(
                "A lost packet delays one stream instead of all of them.",
                "Some networks drop UDP on purpose, and they are full of customers.",
                "A connection id lets a phone change networks in mid-download.",
            ),
            settings=("Alt-Svc", "quic_gso", "initial_max_data"),
            tools=("nginx", "HAProxy", "quiche"),
            tags=("http3", "quic"),
        ),
        Subject(
            name="service mesh adoption",
            goal="get the good parts of a mesh for one service at a time",
            metric="added latency",
            unit="ms",
            symptoms=(
                "the sidecars used more memory than the services",
                "a job never ended because its proxy would not",
            ),
            causes=(
                "every proxy knew about every service",
                "nobody had asked which of the features was needed",
            ),
            remedies=(
                "telling each proxy only about its neighbours",
                "starting with mutual TLS and stopping there for a quarter",
            ),
            steps=(
                "Name the one problem that you want solved",
                "Begin with two services",
                "Limit what each proxy has to know",
                "Practice removing it",
            ),
            facts=(
                "A sidecar adds two hops to every call.",
                "Configuration grows with the square of the services unless it is scoped.",
                "Retries in the mesh multiply with those in the library.",
            ),
            settings=("exportTo", "holdApplicationUntilProxyStarts", "PERMISSIVE"),
            tools=("Linkerd", "Istio", "Cilium"),
            tags=("service-mesh", "mtls"),
        ),
        Subject(
            name="client address trust",
            goal="know who is really asking",
            metric="rate of spoofed addresses",
            unit="per day",
            symptoms=(
                "an attacker appeared in the log as the office printer",
                "the limit by address could be passed with a single header",
            ),
            causes=(
                "the first entry of a header that anyone can write was believed",
                "the number of proxies differed between two regions",
            ),
            remedies=(
                "counting trusted proxies from the right",
                "dropping the header where requests enter the network",
            ),
            steps=(
                "List the proxies that you own",
                "Read the header from the right",
                "Overwrite it at the border",
                "Test with a forged header",
            ),
            facts=(
                "Everything to the left of your own proxy was written by the client.",
                "A list that grows by appending is trustworthy only at its end.",
                "The standard header is called Forwarded, and almost nobody sends it.",
            ),
            settings=("X-Forwarded-For", "set_real_ip_from", "PROXY protocol"),
            tools=("nginx", "Envoy", "curl"),
            tags=("proxies", "spoofing"),
        ),
    ),
)
