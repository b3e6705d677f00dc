"""What scheduled jobs did: each run of `manage.py job` is a row."""

from django.db import models
from django.db.models import Q


class JobState(models.TextChoices):
    RUNNING = "running", "running"
    ENDED = "ended", "ended"
    LOST = "lost", "never ended"


class JobRun(models.Model):
    """One run of a job. `seen_at` moves while its process lives and can reach the database; a run that
    is LOST was still running for the database when the next one found its process dead or silent.

    `command` and `output` hold no value of a secret environment variable."""

    name = models.CharField(max_length=100)
    state = models.CharField(max_length=10, choices=JobState, default=JobState.RUNNING)
    command = models.JSONField(help_text="The command and its arguments")
    folder = models.TextField(help_text="Where the command was started")
    host = models.CharField(max_length=200)
    process = models.CharField(
        max_length=200, blank=True, help_text="Boot, process namespace, process id and start time"
    )
    started_by = models.CharField(max_length=150, blank=True)
    release = models.CharField(max_length=100)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(help_text="Last sign of life")
    ended_at = models.DateTimeField(null=True)
    seconds = models.FloatField(null=True, help_text="From the start of the command to its end")
    exit_code = models.PositiveSmallIntegerField(null=True, help_text="128 and its number for a signal")
    output = models.TextField(blank=True, help_text="The last lines of what the command wrote")
    remark = models.TextField(blank=True, help_text="What else happened, such as a signal")

    class Meta:
        constraints = [
            # PostgreSQL decides that a job does not overlap itself, whichever hosts start it.
            models.UniqueConstraint(
                name="jobrun_one_running", fields=["name"], condition=Q(state=JobState.RUNNING)
            ),
            models.CheckConstraint(
                name="jobrun_end_whole",
                condition=Q(
                    state=JobState.ENDED,
                    ended_at__isnull=False,
                    seconds__isnull=False,
                    exit_code__isnull=False,
                )
                | (
                    ~Q(state=JobState.ENDED)
                    & Q(ended_at__isnull=True, seconds__isnull=True, exit_code__isnull=True)
                ),
            ),
        ]
        indexes = [models.Index(name="jobrun_latest", fields=["name", "-id"])]

    def __str__(self) -> str:
        return f"run {self.pk} of {self.name}"

    @property
    def last_line(self) -> str:
        return next((line.strip() for line in reversed(self.output.splitlines()) if line.strip()), "")
