"""Run a command against a PostgreSQL of its own, and leave nothing of it behind.

    python scripts/with_postgres.py COMMAND [ARGUMENT ...]

The command finds TEST_DATABASE_URL in its environment: the one that is already set, or the
address of a fresh cluster in a temporary folder, reached through a socket in that folder and
nowhere else. PostgreSQL refuses to run as root, so root runs it as an unprivileged user that
owns this one folder. The exit status is the command's.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

START_WITHIN = 60.0  # seconds
STOP_WITHIN = 20.0  # seconds
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PR_SET_PDEATHSIG = 1  # prctl(2), Linux
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None

# Nothing here needs to outlive a power cut.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


def binaries() -> Path:
    """The folder of the newest server: Debian keeps them out of PATH, one folder a version."""
    found = [
        path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()
    ]
    if found:
        return max(found, key=lambda path: float(path.parent.name))
    initdb = shutil.which("initdb")
    if not initdb:
        sys.exit("找不到 PostgreSQL。请安装 Debian 软件包 postgresql，或设置 TEST_DATABASE_URL。")
    return Path(initdb).resolve().parent


def unprivileged() -> dict[str, Any]:
    """What makes `subprocess` start a program as the cluster's owner; nothing unless root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": ()}
    sys.exit("没有可用来运行 PostgreSQL 的普通用户（postgres 或 nobody）。")


def temporary_folder(owner: dict[str, Any]) -> Path:
    """A folder of 0700 that its owner can reach: root's TMPDIR may lie where others cannot go."""
    for parent in (Path(tempfile.gettempdir()).resolve(), Path("/tmp"), Path("/var/tmp")):  # noqa: S108
        reachable = all(folder.stat().st_mode & 0o001 for folder in (parent, *parent.parents))
        if reachable or not owner:
            folder = Path(tempfile.mkdtemp(prefix="portal-postgres-", dir=parent))
            if owner:
                os.chown(folder, owner["user"], owner["group"])
            return folder
    sys.exit("找不到其他用户可以到达的临时目录。")


def _before_exec(parent: int, on_death: signal.Signals) -> None:
    """In the new process: tie it to its parent's life (after the change of user, which unties)."""
    if LIBC:
        LIBC.prctl(PR_SET_PDEATHSIG, on_death)
    if os.getppid() != parent:
        os._exit(1)


@contextmanager
def cluster() -> Iterator[str]:
    """A running cluster, as an address for TEST_DATABASE_URL; stopped and deleted at the end."""
    programs, owner = binaries(), unprivileged()
    folder = temporary_folder(owner)
    data, log = folder / "data", folder / "log"
    server: subprocess.Popen[bytes] | None = None
    try:
        with log.open("wb") as output:
            started: dict[str, Any] = {
                "cwd": folder,
                "stdin": subprocess.DEVNULL,
                "stdout": output,
                "stderr": subprocess.STDOUT,
                # Ctrl-C is for the command: the cluster stays until that has ended.
                "start_new_session": True,
                "preexec_fn": partial(_before_exec, os.getpid(), signal.SIGQUIT),
                "env": os.environ | {"LC_ALL": "C.UTF-8"},
                **owner,
            }
            initdb = [str(programs / "initdb"), "--pgdata", str(data), "--username", "portal"]
            options = ["--encoding", "UTF8", "--auth", "trust", "--no-sync", "--no-instructions"]
            if subprocess.run([*initdb, *options], **started, check=False).returncode:
                sys.exit(f"PostgreSQL 未能建立：\n{log.read_text(errors='replace')}")
            settings = [f"unix_socket_directories={folder}", "listen_addresses=", *FAST]
            server = subprocess.Popen(
                [programs / "postgres", "-D", data, *(f"--{setting}" for setting in settings)],
                **started,
            )
        deadline = time.monotonic() + START_WITHIN
        ready = [str(programs / "pg_isready"), "--quiet", "--host", str(folder), "-U", "portal"]
        while subprocess.run([*ready, "--dbname", "postgres"], check=False).returncode:
            if server.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"PostgreSQL 未能启动：\n{log.read_text(errors='replace')}")
            time.sleep(0.1)
        yield f"postgres://portal@/postgres?host={folder}"
    finally:
        for number in SIGNALS:  # an impatient second Ctrl-C must not leave half of it behind
            signal.signal(number, signal.SIG_IGN)
        if server is not None:
            stop(server)
        shutil.rmtree(folder)


def stop(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGINT)  # "fast": sessions are ended, the cluster closes in order
    with suppress(subprocess.TimeoutExpired):
        server.wait(STOP_WITHIN)
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()


def run(command: list[str], url: str) -> int:
    """Run to the end on the database at `url`; a signal that only this process got is handed on.

    Ctrl-C reaches the command by itself, from the terminal.
    """
    process = subprocess.Popen(
        command,
        env=os.environ | {"TEST_DATABASE_URL": url},
        preexec_fn=partial(_before_exec, os.getpid(), signal.SIGTERM),
    )

    def hand_on(number: int, frame: FrameType | None) -> None:
        if number != signal.SIGINT:
            process.send_signal(number)

    for number in SIGNALS:
        signal.signal(number, hand_on)
    status = process.wait()
    return status if status >= 0 else 128 - status


def main(command: list[str]) -> int:
    if not command:
        sys.exit(__doc__)
    if named := os.environ.get("TEST_DATABASE_URL"):
        return run(command, named)
    # Before the command runs, a signal ends this process the way an exception does.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: sys.exit(128 + number))
    with cluster() as url:
        return run(command, url)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
