"""`make run` and the supervisor: what they start, how it stops, what they leave (nothing)."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.processes import child, descendants, free_port, plain_environment, processes, until

ROOT = Path(__file__).resolve().parent.parent
READY = "会员门户已启动"
STOPPED = "已停止。"


class Portal:
    """A supervisor with data of its own, started as a shell starts it in the background."""

    def __init__(self, folder: Path, database: Path) -> None:
        self.port = free_port()
        self.var = folder / "var"
        self.var.mkdir()
        shutil.copy(database, self.var)
        (self.var / "demo-accounts.txt").write_text("编辑  bianji  口令在此\n", encoding="utf-8")
        self.log = folder / "log"
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                # Such a shell makes its commands deaf to SIGINT.
                ["sh", "-c", 'trap "" INT; exec "$0" -m portal.supervisor', sys.executable],
                cwd=ROOT,
                env=plain_environment(VAR_DIR=str(self.var), PORT=str(self.port), WEB_WORKERS="1"),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def get(self, path: str) -> int:
        with urllib.request.urlopen(f"http://localhost:{self.port}{path}", timeout=10) as answer:
            status: int = answer.status
            return status


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One with its tables: a task may be due at the very minute of a test."""
    folder = tmp_path_factory.mktemp("tables")
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT,
        env=plain_environment(VAR_DIR=str(folder)),
        check=True,
        timeout=120,
    )
    return folder / "portal.sqlite3"


@pytest.fixture
def portal(tmp_path: Path, database: Path) -> Iterator[Portal]:
    started = Portal(tmp_path, database)
    family: set[int] = set()
    try:
        assert until(lambda: READY in started.output), started.output
        family = descendants(started.process.pid)
        yield started
    finally:
        family |= descendants(started.process.pid)
        started.process.kill()
        started.process.wait()
        for number in family & processes().keys():
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)


def test_it_serves_names_its_address_and_accounts_and_stops_on_an_impatient_ctrl_c(
    portal: Portal,
) -> None:
    assert f"http://localhost:{portal.port}\n" in portal.output
    assert "编辑  bianji  口令在此" in portal.output
    assert portal.get("/healthz") == 200

    family = descendants(portal.process.pid)
    assert len(family) >= 3, "the web server, its worker and the task worker"
    # A terminal sends it to the whole group, where it would cut requests and tasks short, and
    # people press it twice.
    assert all(os.getpgid(number) != portal.process.pid for number in family)
    os.killpg(portal.process.pid, signal.SIGINT)
    os.killpg(portal.process.pid, signal.SIGINT)

    assert portal.process.wait(30) == 0
    assert portal.output.rstrip().endswith(STOPPED)
    assert "Traceback" not in portal.output
    assert not family & processes().keys()


def test_nothing_outlives_a_supervisor_that_was_killed(portal: Portal) -> None:
    family = descendants(portal.process.pid)
    assert len(family) >= 3

    portal.process.kill()

    assert until(lambda: not family & processes().keys(), seconds=30)


@pytest.mark.parametrize(
    ("program", "title"),
    [("gunicorn", "网站"), ("portal.worker", "后台任务")],
    ids=["web", "worker"],
)
def test_when_one_dies_the_other_is_stopped_and_the_reason_told(
    portal: Portal, program: str, title: str
) -> None:
    family = descendants(portal.process.pid)
    assert len(family) >= 3

    os.kill(child(portal.process.pid, program), signal.SIGKILL)

    assert portal.process.wait(30) == 1
    assert f"{title}意外停止（被信号 SIGKILL 终止）" in portal.output
    assert not family & processes().keys()


@pytest.mark.parametrize("argument", [[], ["check"]], ids=["serve", "check"])
def test_a_taken_port_is_refused_in_a_sentence(argument: list[str], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        result = subprocess.run(
            [sys.executable, "-m", "portal.supervisor", *argument],
            cwd=ROOT,
            env=plain_environment(VAR_DIR=str(tmp_path / "var"), PORT=str(port)),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert result.returncode == 1
    assert f"端口 {port} 已被占用" in result.stdout
    assert "Traceback" not in result.stderr


def contents(database: Path) -> str:
    """The schema and every row; of a full-text index the tables that it is made of."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        schema = connection.execute("SELECT * FROM sqlite_master ORDER BY name").fetchall()
        tables = [
            name
            for kind, name, _, _, sql in schema
            if kind == "table" and not sql.startswith("CREATE VIRTUAL")
        ]
        reading = 'SELECT * FROM "{}"'.format
        rows = [connection.execute(reading(name)).fetchall() for name in tables]
    return repr([schema, *rows])


def make_run(var: Path, log: Path) -> str:
    """`make run` until it serves a styled page, then stop it; what it printed."""
    port = free_port()
    with log.open("wb") as output:
        make = subprocess.Popen(
            ["make", "-C", ROOT, "run", f"PORT={port}"],
            env=plain_environment(VAR_DIR=str(var)),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        assert until(lambda: READY in log.read_text() or make.poll() is not None, seconds=300)
        assert make.poll() is None, log.read_text()
        with urllib.request.urlopen(f"http://localhost:{port}/", timeout=20) as answer:
            page = answer.read().decode()
        assert answer.url.startswith(f"http://localhost:{port}/accounts/login/")
        [style, *_] = re.findall(r'href="(/static/[^"]+\.css)"', page)
        with urllib.request.urlopen(f"http://localhost:{port}{style}", timeout=20) as answer:
            assert answer.headers["Content-Type"].startswith("text/css")
    finally:
        family = descendants(make.pid)
        make.terminate()
        make.wait(60)
    assert STOPPED in log.read_text()
    assert not family & processes().keys()
    return log.read_text()


def test_make_run_makes_all_it_needs_and_a_second_one_changes_nothing(tmp_path: Path) -> None:
    var = tmp_path / "var"

    first = make_run(var, tmp_path / "first")
    accounts = (var / "demo-accounts.txt").read_text()
    assert accounts.rstrip() in first
    assert {path.name: path.stat().st_mode & 0o777 for path in (var, *var.glob("*.*"))} == {
        path.name: 0o700 if path.is_dir() else 0o600 for path in (var, *var.glob("*.*"))
    }
    before = contents(var / "portal.sqlite3")
    collected = (var / "static" / "staticfiles.json").stat().st_mtime_ns
    assert "样例" in before

    second = make_run(var, tmp_path / "second")
    assert accounts.rstrip() in second
    assert (var / "demo-accounts.txt").read_text() == accounts
    assert contents(var / "portal.sqlite3") == before
    assert (var / "static" / "staticfiles.json").stat().st_mtime_ns == collected


def test_the_worker_stops_in_silence_however_early_it_is_told(
    tmp_path: Path, database: Path
) -> None:
    """Every moment of its start: while Python, Django and the tasks are still being loaded."""
    shutil.copy(database, tmp_path)
    for delay in (0.0, 0.02, 0.1, 0.3, 0.8):
        worker = subprocess.Popen(
            [sys.executable, "-m", "portal.worker", "--quiet"],
            cwd=ROOT,
            env=plain_environment(VAR_DIR=str(tmp_path)),
            stderr=subprocess.PIPE,
            preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_SETMASK, {signal.SIGINT}),
        )
        time.sleep(delay)
        worker.send_signal(signal.SIGINT)
        _, said = worker.communicate(timeout=30)
        assert worker.returncode == 0, said.decode()
        assert b"Traceback" not in said
