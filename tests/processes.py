"""What tests of whole programs ask the system: what runs under what, and whether it is gone."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2

ROOT = Path(__file__).resolve().parent.parent


def until(condition: Callable[[], object], *, seconds: float = 60.0) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def processes() -> dict[int, int]:
    """Every living process as number → its parent's; one that only waits to be reaped is dead."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                if state != "Z":
                    found[int(entry.name)] = int(parent)
    return found


def descendants(of: int) -> set[int]:
    parents = processes()
    family = {of}
    while more := {number for number, parent in parents.items() if parent in family} - family:
        family |= more
    return family - {of}


def child(of: int, program: str) -> int:
    """The direct child that runs `program`."""
    for number, parent in processes().items():
        if parent == of and program in Path(f"/proc/{number}/cmdline").read_text():
            return number
    raise AssertionError(f"no {program} under {of}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def plain_environment(**more: str) -> dict[str, str]:
    """No setting of the test run itself, so that the defaults are what is tried."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return kept | {"LC_ALL": "C.UTF-8"} | more


@contextmanager
def own_database() -> Iterator[dict[str, str]]:
    """The setting that names the database: none for SQLite in the portal's own folder, or one
    made in the server at TEST_DATABASE_URL and dropped afterwards.
    """
    server = os.environ.get("TEST_DATABASE_URL", "")
    if not server:
        yield {}
        return
    name = f"apart_{os.getpid()}_{secrets.token_hex(4)}"
    _execute(server, f'CREATE DATABASE "{name}"')
    try:
        yield {"DATABASE_URL": urlunsplit(urlsplit(server)._replace(path=f"/{name}"))}
    finally:
        # Without FORCE: a connection that the portal left open is a fault to be seen.
        _execute(server, f'DROP DATABASE "{name}"')


def _execute(server: str, statement: str) -> None:
    with closing(psycopg2.connect(server)) as connection:
        connection.autocommit = True  # databases are neither made nor dropped in a transaction
        with connection.cursor() as cursor:
            cursor.execute(statement)


# Those who reach at once wait for each other: started programs differ by seconds.
_REACH = """
import pathlib, time
folder = pathlib.Path({folder!r})
{before}
(folder / "ready-{number}").touch()
while not (folder / "go").exists():
    time.sleep(0.001)
{act}
"""


@dataclass(frozen=True)
class Programs:
    """`manage.py` in processes of their own, which share one portal and its database."""

    folder: Path
    environment: dict[str, str]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments, "--verbosity", "0"],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: str) -> str:
        """What it says; that it ends well is asserted."""
        said, _ = (started := self.start(*arguments)).communicate(timeout=120)
        assert started.returncode == 0, said
        return said.strip()

    def shell(self, script: str) -> str:
        return self.run("shell", "--command", script)

    def at_once(self, reaching: Iterable[tuple[str, str]]) -> list[str]:
        """What each of several processes says who reach for something at the same moment.

        Args:
            reaching: of each, what it makes ready and what it does then, as Python.
        """
        started = [
            self.start(
                "shell",
                "--command",
                _REACH.format(folder=str(self.folder), number=number, before=before, act=act),
            )
            for number, (before, act) in enumerate(reaching)
        ]

        def ready() -> bool:
            return len(list(self.folder.glob("ready-*"))) == len(started)

        try:
            # One that has ended already is never ready: no use in waiting.
            until(lambda: ready() or any(one.poll() is not None for one in started), seconds=90)
            all_ready = ready()
        finally:
            (self.folder / "go").touch()
            answers = [one.communicate(timeout=60)[0].strip() for one in started]
        assert all_ready, answers
        return answers


@contextmanager
def programs(folder: Path) -> Iterator[Programs]:
    """An installation that is migrated and empty, on the engine of this run."""
    with own_database() as database:
        made = Programs(folder, plain_environment(VAR_DIR=str(folder / "var"), **database))
        made.run("migrate")
        yield made
