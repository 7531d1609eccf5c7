"""The real portal, started as a person starts it, on data of its own."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.processes import (
    descendants,
    free_port,
    own_database,
    plain_environment,
    processes,
    until,
)

ROOT = Path(__file__).resolve().parents[2]
READY = "会员门户已启动"
STOPPED = "已停止。"


@dataclass(frozen=True)
class Portal:
    """A portal that serves the demo.

    Attributes:
        url: its address, without a slash at the end.
        password: of every account of the demo.
        environment: what its programs are started with.
    """

    url: str
    password: str
    environment: dict[str, str]

    def manage(self, *arguments: str | Path) -> str:
        """Run a command of `manage.py` to its end; what it printed."""
        result = subprocess.run(
            [sys.executable, "manage.py", *map(str, arguments)],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert result.returncode == 0, f"manage.py {arguments[0]}:\n{result.stdout}{result.stderr}"
        return result.stdout


@contextmanager
def serving(folder: Path) -> Iterator[Portal]:
    """A portal with the demo on an empty database, until the block ends.

    Stopping it is tried too: it must end by itself, say so, and leave no process.

    Args:
        folder: an empty one, for its data and its log.
    """
    port = free_port()
    password = secrets.token_urlsafe(12)
    with own_database() as database:
        portal = Portal(
            f"http://localhost:{port}",
            password,
            plain_environment(
                VAR_DIR=str(folder / "var"),
                PORT=str(port),
                DEMO_PASSWORD=password,
                APPLICATIONS_OPEN="on",
                **database,
            ),
        )
        portal.manage("set_up", "--verbosity", "0")
        portal.manage("demo", "--verbosity", "0")
        portal.manage("collectstatic", "--no-input", "--verbosity", "0")
        with _supervised(portal, folder / "log"):
            yield portal


@contextmanager
def _supervised(portal: Portal, log: Path) -> Iterator[None]:
    with log.open("wb") as output:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "portal.supervisor"],
            cwd=ROOT,
            env=portal.environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    family: set[int] = set()
    try:
        assert until(
            lambda: READY in log.read_text("utf-8") or supervisor.poll() is not None, seconds=120
        )
        assert supervisor.poll() is None, log.read_text("utf-8")
        yield
        family = descendants(supervisor.pid)
        assert len(family) >= 3, "the web server, its worker and the task worker"
        supervisor.send_signal(signal.SIGINT)  # as Ctrl-C does
        status = supervisor.wait(60)
        said = log.read_text("utf-8")
        assert status == 0, said
        assert said.rstrip().endswith(STOPPED), said
        assert "Traceback" not in said, said
        assert not family & processes().keys(), "nothing of it is left"
    finally:
        family |= descendants(supervisor.pid)
        supervisor.kill()
        supervisor.wait()
        for number in family & processes().keys():
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
