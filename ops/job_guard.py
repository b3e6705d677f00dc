"""The process that leads a job's process group, and kills the group when the job's own process is gone.

A program of its own, started with nothing but the standard library. While it lives the number of the group
cannot be given to another one. It ends with the group: after the command too, so that nothing that the
command left behind runs on unrecorded."""

import os
import signal

if __name__ == "__main__":
    # These are sent to the whole group, and are meant for the command.
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    os.write(1, b".")
    # Standard input ends when the job closes it, or is killed.
    os.read(0, 1)
    os.killpg(0, signal.SIGKILL)
