"""Tasks and the cache: on SQLite when embedded, on Redis by settings alone."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from huey import RedisHuey, SqliteHuey
from huey.contrib.djhuey import HUEY

from members.models import User
from members.tasks import forget_ended_sessions
from newsletter.importing import draft
from newsletter.models import IncomingFile
from newsletter.tasks import UNKEPT_FOR, forget_unkept_files
from portal import environment
from tests import factories
from tests.processes import free_port, plain_environment, until

ROOT = Path(__file__).resolve().parent.parent
HOUR = dt.timedelta(hours=1)


# What is done periodically -----------------------------------------------------------------
def test_the_worker_knows_the_periodic_tasks_and_when_they_are_due() -> None:
    due = {
        task.name: [
            (hour, minute)
            for hour in range(24)
            for minute in range(60)
            if task.validate_datetime(dt.datetime(2026, 6, 1, hour, minute))  # noqa: DTZ001
        ]
        for task in HUEY._registry.periodic_tasks
    }

    assert due == {
        "forget_ended_sessions": [(3, 20)],
        "forget_lists": [(4, 10)],
        "forget_declined_proposals": [(3, 30)],
        "forget_unkept_files": [(3, 40)],
        "forget_applications": [(3, 50)],
        "send_owed_application_letters": [
            (hour, minute) for hour in range(24) for minute in range(0, 60, 5)
        ],
        "destroy_sealed_links": [(4, 0)],
        "remind_of_ends": [(hour, 10) for hour in range(8, 21)],
        "send_owed_invitations": [
            (hour, minute) for hour in range(24) for minute in range(0, 60, 5)
        ],
    }


def received(age: dt.timedelta, **fields: Any) -> tuple[IncomingFile, str]:
    kept = draft.keep_file(b"x" * 10, name="x.txt", by=None)
    IncomingFile.objects.filter(pk=kept.pk).update(received_at=timezone.now() - age, **fields)
    return kept, kept.file.name or ""


def test_a_file_that_nobody_kept_is_forgotten_after_seven_days_and_not_before(db: None) -> None:
    assert dt.timedelta(days=7) == UNKEPT_FOR
    young, young_file = received(UNKEPT_FOR - HOUR)
    _, old_file = received(UNKEPT_FOR + HOUR)
    _, older_file = received(UNKEPT_FOR * 100)
    kept, kept_file = received(UNKEPT_FOR * 100, issue=factories.create_issue())

    forget_unkept_files.call_local()
    forget_unkept_files.call_local()  # a job can run twice

    assert set(IncomingFile.objects.all()) == {young, kept}
    files = (young_file, old_file, older_file, kept_file)
    assert [default_storage.exists(name) for name in files] == [True, False, False, True]


def test_a_file_already_gone_stops_nothing(db: None) -> None:
    _, first = received(UNKEPT_FOR + HOUR)
    received(UNKEPT_FOR + HOUR)
    default_storage.delete(first)

    forget_unkept_files.call_local()

    assert not IncomingFile.objects.exists()


def test_ended_sessions_are_forgotten_and_current_ones_are_not(
    member: User, signed_in: Callable[[User], Client]
) -> None:
    client, other = signed_in(member), signed_in(member)
    ended = other.session.session_key
    Session.objects.filter(pk=ended).update(expire_date=timezone.now() - HOUR)

    forget_ended_sessions.call_local()

    assert not Session.objects.filter(pk=ended).exists()
    assert client.get("/me/").status_code == 200


# Servers of our own ------------------------------------------------------------------------
class Redis:
    """A real server on a free port of this machine, without a file."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        program = shutil.which("redis-server")
        assert program
        options = [
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
            "--loglevel",
            "warning",
        ]
        self.process = subprocess.Popen(
            [program, "--port", str(self.port), "--dir", self.folder, *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert until(self._answers, seconds=20)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(10).startswith(b"+PONG")
        return False


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    if not shutil.which("redis-server"):
        if os.environ.get("CI"):
            pytest.fail("redis-server is not installed")
        pytest.skip("needs redis-server (Debian: redis-server)")
    server = Redis(tmp_path)
    server.start()
    yield server
    server.stop()


def use_cache(url: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("CACHE_URL", url)
    settings.CACHES = {"default": environment.cache("db://")}
    if url.startswith("db"):
        call_command("createcachetable", verbosity=0)
    return caches["default"]


@pytest.mark.parametrize("kind", ["db", "redis"])
def test_the_cache_keeps_for_all_processes_and_for_its_time(
    request: pytest.FixtureRequest,
    db: None,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    url = "db://" if kind == "db" else f"{request.getfixturevalue('redis').url}/0"
    cache = use_cache(url, settings, monkeypatch)

    cache.set("词", {"值": [1, "二"]}, 60)
    assert cache.add("once", 1, 60)
    assert not cache.add("once", 2, 60)
    cache.set("gone", 1, 0)

    # Another connection, as another process has.
    elsewhere = caches.create_connection("default")
    assert elsewhere.get("词") == {"值": [1, "二"]}
    assert elsewhere.get("once") == 1
    assert elsewhere.incr("once") == 2
    assert elsewhere.get("gone") is None


def test_a_lost_redis_signs_nobody_out_and_closes_nothing(
    redis: Redis,
    member: User,
    signed_in: Callable[[User], Client],
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cache = use_cache(f"{redis.url}/0", settings, monkeypatch)
    cache.set("x", 1)
    client = signed_in(member)
    article = factories.create_article(factories.create_issue())
    paths = ["/", "/issues/", f"/articles/{article.pk}/", "/me/"]
    assert [client.get(path).status_code for path in paths] == [200] * 4

    redis.stop()

    assert [client.get(path).status_code for path in paths] == [200] * 4
    redis.start()
    assert cache.get("x") is None
    assert [client.get(path).status_code for path in paths] == [200] * 4


# The queue ---------------------------------------------------------------------------------
def queue_at(url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """huey's queue as the settings would make it."""
    monkeypatch.setenv("QUEUE_URL", url)
    found = environment.queue(Path("/nowhere/queue"))
    kind = {"huey.SqliteHuey": SqliteHuey, "huey.RedisHuey": RedisHuey}[found.pop("huey_class")]
    return kind(**found)


@pytest.mark.parametrize("kind", ["sqlite", "redis"])
def test_a_task_waits_in_the_queue_until_somebody_takes_it_once(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str
) -> None:
    sqlite = f"sqlite:///{tmp_path}/queue.sqlite3"
    url = sqlite if kind == "sqlite" else f"{request.getfixturevalue('redis').url}/1"
    queue, elsewhere = queue_at(url, monkeypatch), queue_at(url, monkeypatch)
    done: list[int] = []
    put = queue.task(name="put")(done.append)
    elsewhere.task(name="put")(done.append)

    put(7)

    assert done == []
    assert elsewhere.pending_count() == 1
    elsewhere.execute(elsewhere.dequeue())
    assert done == [7]
    assert elsewhere.dequeue() is None


def python(script: str, **env: str) -> str:
    result = subprocess.run(
        [sys.executable, "-c", f"import django\ndjango.setup()\n{script}"],
        cwd=ROOT,
        env=plain_environment(DJANGO_SETTINGS_MODULE="portal.settings", **env),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


PREPARE = """
import datetime as dt
from django.core.management import call_command
from django.utils import timezone
from newsletter.importing import draft
from newsletter.models import IncomingFile
call_command("set_up", verbosity=0)
draft.keep_file(b"x", name="x.txt", by=None)
IncomingFile.objects.update(received_at=timezone.now() - dt.timedelta(days=8))
draft.keep_file(b"y", name="y.txt", by=None)
"""
ASK = """
from newsletter.tasks import forget_unkept_files
forget_unkept_files()
"""
LEFT = """
from newsletter.models import IncomingFile
print(",".join(IncomingFile.objects.values_list("name", flat=True)))
"""


@pytest.mark.parametrize("kind", ["sqlite", "redis"])
def test_the_worker_takes_what_another_process_asks_for(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    env = {"VAR_DIR": str(tmp_path / "var")}
    if kind == "redis":
        env["QUEUE_URL"] = f"{request.getfixturevalue('redis').url}/1"
    python(PREPARE, **env)
    files = tmp_path / "var" / "media" / "incoming"
    assert len(list(files.iterdir())) == 2
    # Asked for while no worker runs: it waits.
    python(ASK, **env)
    assert len(list(files.iterdir())) == 2

    worker = subprocess.Popen(
        [sys.executable, "manage.py", "run_huey", "--quiet", "--workers", "1"],
        cwd=ROOT,
        env=plain_environment(**env),
        stderr=subprocess.PIPE,
    )
    try:
        assert until(lambda: len(list(files.iterdir())) == 1, seconds=30)
    finally:
        worker.send_signal(signal.SIGINT)
        _, said = worker.communicate(timeout=30)

    assert b"Traceback" not in said
    assert python(LEFT, **env).strip() == "y.txt"
