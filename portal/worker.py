"""The task worker, as the supervisor starts it.

Until huey has its own handler, SIGINT means to stop at once and in silence: Python's would
print the place in some import where it was caught. The supervisor starts this with the signal
held back, so that there is no moment before it either.
"""

import os
import signal
import sys


def main() -> None:
    signal.signal(signal.SIGINT, lambda number, frame: os._exit(0))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", "run_huey", *sys.argv[1:]])


if __name__ == "__main__":
    main()
