"""What can be wrong with a delivery, and with one record of it."""


class DeliveryRefused(Exception):
    """The delivery cannot be brought in as it is. One sentence: what, where, what to do next."""


class SourceBusy(Exception):
    """Another run holds the source."""


class RunLost(Exception):
    """Another process has taken the run over, or it was ended by hand."""


class RunCutOff(Exception):
    """The database went away from a run. What was committed stays."""

    def __init__(self, message: str, *, run: int) -> None:
        super().__init__(message)
        self.run = run


class LimitReached(Exception):
    """A limit that the caller set stops the run. What was committed stays."""


class RunCanceled(Exception):
    """A person asked the run to stop for good. What was committed stays."""


class RecordRejected(ValueError):
    """One record breaks a rule; the rest of its delivery goes on.

    `code` is stable and meant for programs: `not-json`, `not-an-object`, `missing-key`,
    `missing-title`, `missing-body`, `bad-date`, `bad-type`, `too-large`, `bad-url`,
    `illegal-character`, `not-text`, `not-storable`. `key` is set where it can be told although it cannot
    be used."""

    def __init__(self, code: str, message: str, *, key: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.key = key


class Interrupted(BaseException):
    """A signal asked the run to stop. Not an Exception, so that nothing on the way takes it for a fault."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal_number)
        self.signal_number = signal_number


def described(error: Exception) -> str:
    """For logs and for people: of what PostgreSQL says only the first line, because the rest quotes rows."""
    return str(error).partition("\n")[0]
