"""Listings for articles about servers, by the name of an area.

`{nn}` and `{nnn}` stand for numbers that differ from article to article."""

from imports.sampling.vocabulary.shapes import Listing

SERVER_LISTINGS: dict[str, tuple[Listing, ...]] = {
    "Deployment": (
        Listing(
            "yaml",
            "rolling deployment",
            """strategy:
  rollingUpdate:
    maxSurge: 1
    maxUnavailable: 0
template:
  spec:
    terminationGracePeriodSeconds: {nn}
    containers:
      - name: web
        lifecycle:
          preStop:
            exec:
              command: ["sleep", "8"]""",
        ),
        Listing(
            "dockerfile",
            "container image building",
            """FROM python:3.13-slim AS build
COPY requirements.lock .
RUN python -m venv /venv && /venv/bin/pip install --require-hashes -r requirements.lock

FROM python:3.13-slim
COPY --from=build /venv /venv
COPY . /srv
USER 10{nnn}""",
        ),
        Listing(
            "hcl",
            "infrastructure as code",
            """resource "aws_db_instance" "archive" {
  allocated_storage       = {nnn}
  backup_retention_period = {nn}
  deletion_protection     = true

  lifecycle {
    prevent_destroy = true
  }
}""",
        ),
        Listing(
            "bash",
            "rollback practice",
            """set -euo pipefail
kubectl rollout status deployment/web --timeout={nnn}s || {
    kubectl rollout undo deployment/web
    echo "rolled back; see the events above" >&2
    exit 1
}""",
        ),
        Listing(
            "go",
            "rolling deployment",
            """ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
defer stop()
<-ctx.Done()
ready.Store(false)
time.Sleep({nn} * time.Second)
if err := server.Shutdown(context.Background()); err != nil {
	log.Printf("shutdown: %v", err)
}""",
        ),
    ),
    "Observability": (
        Listing(
            "promql",
            "service level management",
            """sum(rate(http_requests_total{status=~"5.."}[5m])) by (route)
  / sum(rate(http_requests_total[5m])) by (route)
  > 0.0{nn}""",
        ),
        Listing(
            "yaml",
            "alert fatigue",
            """- alert: ErrorBudgetBurn
  expr: slo:burn_rate:1h > 14.4 and slo:burn_rate:5m > 14.4
  for: {nn}s
  labels:
    severity: page
  annotations:
    runbook: /runbooks/error-budget""",
        ),
        Listing(
            "python",
            "structured logging",
            """logger.info(
    "request finished",
    extra={
        "route": match.view_name,
        "status": response.status_code,
        "milliseconds": round(elapsed * 1000),
        "queries": len(captured),
        "trace": trace_id,
    },
)""",
        ),
        Listing(
            "go",
            "metric cardinality",
            """histogram := prometheus.NewHistogramVec(prometheus.HistogramOpts{
	Name:    "request_seconds",
	Buckets: prometheus.ExponentialBuckets(0.005, 2, {nn}),
}, []string{"route", "status"})
prometheus.MustRegister(histogram)""",
        ),
    ),
    "Queues": (
        Listing(
            "python",
            "idempotent consumption",
            """@app.task(bind=True, acks_late=True, max_retries={nn})
def charge(self, order_id):
    try:
        with transaction.atomic():
            if not Processed.claim(self.request.id):
                return
            Order.objects.get(id=order_id).charge()
    except GatewayBusy as error:
        raise self.retry(exc=error, countdown=backoff(self.request.retries))""",
        ),
        Listing(
            "sql",
            "outbox delivery",
            """WITH batch AS (
    SELECT id FROM outbox
    WHERE sent_at IS NULL
    ORDER BY id
    LIMIT {nnn}
    FOR UPDATE SKIP LOCKED
)
UPDATE outbox SET sent_at = now()
FROM batch WHERE outbox.id = batch.id
RETURNING outbox.topic, outbox.payload;""",
        ),
        Listing(
            "ruby",
            "job scheduling",
            """class SyncJob
  include Sidekiq::Job
  sidekiq_options retry: {nn}, lock: :until_executed

  def perform(record_id)
    record = Record.find_by(id: record_id) or return
    record.with_lock { record.sync! }
  end
end""",
        ),
        Listing(
            "elixir",
            "dead letter handling",
            """def handle_message(_processor, message, _context) do
  case Orders.apply_once(message.metadata.id, message.data) do
    :ok -> message
    :seen -> message
    {:error, reason} -> Message.failed(message, reason)
  end
end""",
        ),
        Listing(
            "kotlin",
            "retry design",
            """val delay = Random.nextLong(0, minOf(cap, base shl attempt))
if (clock.now() + delay.milliseconds > deadline) {
    throw DeadlineExceeded(attempt)
}
delay(delay + {nn})""",
        ),
    ),
    "Networking": (
        Listing(
            "nginx",
            "load balancing",
            """upstream app {
    least_conn;
    server 10.0.3.11:8000 max_fails=3 fail_timeout={nn}s;
    server 10.0.3.12:8000 max_fails=3 fail_timeout={nn}s;
    keepalive {nnn};
}""",
        ),
        Listing(
            "rust",
            "timeout budgeting",
            """let answer = tokio::time::timeout(
    Duration::from_millis({nnn}),
    client.get(uri),
)
.await
.map_err(|_| Error::DeadlineExceeded)??;""",
        ),
        Listing(
            "bash",
            "TLS termination",
            """curl --silent --output /dev/null \\
  --write-out '%{time_namelookup} %{time_connect} %{time_starttransfer}\\n' \\
  --max-time {nn} https://shop.example.org/health""",
        ),
        Listing(
            "go",
            "timeout budgeting",
            """ctx, cancel := context.WithTimeout(r.Context(), {nnn}*time.Millisecond)
defer cancel()
rows, err := db.QueryContext(ctx, query, customer)
if errors.Is(err, context.DeadlineExceeded) {
	http.Error(w, "too slow, try again", http.StatusServiceUnavailable)
	return
}""",
        ),
    ),
}
