"""A setting is read from the environment: safe when absent, loud when wrong."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal import environment
from tests.processes import plain_environment
from tests.test_settings import CHINESE, ROOT

VAR = Path("/srv/portal")


# One name at a time ------------------------------------------------------------------------
READERS: dict[str, Callable[[], Any]] = {
    "PORT": lambda: environment.integer("PORT", 8000, least=1),
    "TRUST_CONTACTS": lambda: environment.switch("TRUST_CONTACTS", default=False),
    "ALLOWED_HOSTS": lambda: environment.words("ALLOWED_HOSTS"),
    "TRUSTED_PROXIES": lambda: environment.networks("TRUSTED_PROXIES"),
    "BASE_URL": lambda: environment.base_url("http://localhost:8000"),
    "DATABASE_URL": lambda: environment.database(VAR / "portal.sqlite3"),
    "CACHE_URL": lambda: environment.cache("db://"),
    "QUEUE_URL": lambda: environment.queue(VAR / "queue.sqlite3"),
    "STORAGE_URL": lambda: environment.storage(VAR / "media"),
    "EMAIL_URL": lambda: environment.email(VAR / "mail"),
}

DEFAULTS: dict[str, Any] = {
    "PORT": 8000,
    "TRUST_CONTACTS": False,
    "ALLOWED_HOSTS": [],
    "TRUSTED_PROXIES": [],
    "BASE_URL": ("http://localhost:8000", "localhost", False),
    "DATABASE_URL": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{VAR}/portal.sqlite3"},
    "CACHE_URL": {"LOCATION": "portal_cache"},
    "QUEUE_URL": {"huey_class": "huey.SqliteHuey", "filename": f"{VAR}/queue.sqlite3"},
    "STORAGE_URL": {"BACKEND": "portal.storage.LocalStorage"},
    "EMAIL_URL": {"EMAIL_FILE_PATH": f"{VAR}/mail"},
}


def _holds(found: Any, wanted: Any) -> bool:
    """Equal; of a mapping, only what is named is compared."""
    if isinstance(wanted, dict):
        return all(_holds(found[name], value) for name, value in wanted.items())
    return bool(found == wanted)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("value", [None, ""])
def test_what_is_absent_or_empty_has_the_embedded_default(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str | None
) -> None:
    monkeypatch.delenv(name, raising=False)
    if value is not None:
        monkeypatch.setenv(name, value)

    assert _holds(READERS[name](), DEFAULTS[name])


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("PORT", "8080", 8080),
        ("ALLOWED_HOSTS", " a.example.org, ,b.example.org,", ["a.example.org", "b.example.org"]),
        (
            "TRUSTED_PROXIES",
            "10.0.0.0/8, 127.0.0.1,fd00::/8",
            [ip_network("10.0.0.0/8"), ip_network("127.0.0.1/32"), ip_network("fd00::/8")],
        ),
        ("BASE_URL", "https://p.example.org/", ("https://p.example.org", "p.example.org", True)),
        ("BASE_URL", "http://box:81", ("http://box:81", "box", False)),
        ("DATABASE_URL", "sqlite:////srv/x.db", {"NAME": "/srv/x.db"}),
        (
            "DATABASE_URL",
            "postgres://u:p%40ss@db.example.org:5433/portal",
            {"HOST": "db.example.org", "PORT": 5433, "PASSWORD": "p@ss", "NAME": "portal"},
        ),
        ("CACHE_URL", "db://", {"BACKEND": "django.core.cache.backends.db.DatabaseCache"}),
        (
            "CACHE_URL",
            "redis://cache:6379/0",
            {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "LOCATION": "redis://cache:6379/0",
            },
        ),
        ("QUEUE_URL", "sqlite:////srv/q.db", {"filename": "/srv/q.db"}),
        (
            "QUEUE_URL",
            "redis://cache:6379/1",
            {"huey_class": "huey.RedisHuey", "url": "redis://cache:6379/1"},
        ),
        ("STORAGE_URL", "file:///srv/a%20b", {"OPTIONS": {"location": "/srv/a b"}}),
        (
            "STORAGE_URL",
            "s3://key:se%2Fcret@objects:9000/media?secure=False&region=cn-1",
            {
                "BACKEND": "portal.storage.ObjectStorage",
                "OPTIONS": {
                    "bucket_name": "media",
                    "endpoint_url": "http://objects:9000",
                    "access_key": "key",
                    "secret_key": "se/cret",
                    "region_name": "cn-1",
                    "default_acl": "private",
                },
            },
        ),
        ("STORAGE_URL", "s3://k:s@objects/m", {"OPTIONS": {"endpoint_url": "https://objects"}}),
        ("EMAIL_URL", "file:///srv/mail", {"EMAIL_FILE_PATH": "/srv/mail"}),
        (
            "EMAIL_URL",
            "smtp+tls://u%40x:p%3Ass@mail.example.org",
            {
                "EMAIL_HOST": "mail.example.org",
                "EMAIL_PORT": 587,
                "EMAIL_HOST_USER": "u@x",
                "EMAIL_HOST_PASSWORD": "p:ss",
                "EMAIL_USE_TLS": True,
                "EMAIL_USE_SSL": False,
            },
        ),
        ("TRUST_CONTACTS", "on", True),
        ("TRUST_CONTACTS", " True ", True),
        ("TRUST_CONTACTS", "1", True),
        ("TRUST_CONTACTS", "off", False),
        ("TRUST_CONTACTS", "0", False),
        ("EMAIL_URL", "smtps://mail", {"EMAIL_PORT": 465, "EMAIL_USE_SSL": True}),
        ("EMAIL_URL", "smtp://mail:2525", {"EMAIL_PORT": 2525, "EMAIL_USE_TLS": False}),
    ],
)
def test_what_is_set_is_taken(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, wanted: Any
) -> None:
    monkeypatch.setenv(name, value)

    assert _holds(READERS[name](), wanted)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "-1"),
        ("PORT", "80x"),
        ("PORT", "８０８０"),
        ("TRUST_CONTACTS", "maybe"),
        ("TRUST_CONTACTS", "2"),
        ("TRUSTED_PROXIES", "proxy.example.org"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("BASE_URL", "portal.example.org"),
        ("BASE_URL", "ftp://portal.example.org"),
        ("BASE_URL", "https://"),
        ("BASE_URL", "https://portal.example.org/sub"),
        ("BASE_URL", "https://portal.example.org?x=1"),
        ("BASE_URL", "https://user@portal.example.org"),
        ("BASE_URL", "https://portal.example.org:port"),
        ("BASE_URL", "https://[::1"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "mysql://u:hidden@db/portal"),
        ("DATABASE_URL", "postgres://u:hidden@db:port/portal"),
        ("CACHE_URL", "memcached://cache"),
        ("CACHE_URL", "redis://"),
        ("CACHE_URL", "redis://:hidden@cache:port/0"),
        ("QUEUE_URL", "amqp://u:hidden@queue"),
        ("QUEUE_URL", "sqlite://relative.db"),
        ("QUEUE_URL", "sqlite:///"),
        ("STORAGE_URL", "file://relative/media"),
        ("STORAGE_URL", "media"),
        ("STORAGE_URL", "s3://k:hidden@objects"),
        ("STORAGE_URL", "s3://k:hidden@objects:port/media"),
        ("STORAGE_URL", "s3://k:hidden@objects/media?secure=false"),
        ("EMAIL_URL", "file://relative/mail"),
        ("EMAIL_URL", "mail.example.org"),
        ("EMAIL_URL", "smtp://"),
        ("EMAIL_URL", "smtp://u:hidden@mail:port"),
    ],
)
def test_what_is_wrong_is_refused_in_chinese_by_name_and_shows_no_password(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ImproperlyConfigured) as refused:
        READERS[name]()

    said = str(refused.value)
    assert said.startswith(name)
    assert CHINESE.search(said)
    assert "hidden" not in said


def test_files_lie_in_the_folder_that_was_named_whatever_is_in_its_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("QUEUE_URL", "STORAGE_URL", "EMAIL_URL", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    odd = Path("/srv/财税 #1 100%?")

    assert environment.queue(odd / "q")["filename"] == f"{odd}/q"
    assert environment.storage(odd / "media")["OPTIONS"]["location"] == f"{odd}/media"
    assert environment.email(odd / "mail")["EMAIL_FILE_PATH"] == f"{odd}/mail"
    assert environment.database(odd / "db")["NAME"] == f"{odd}/db"
    # A folder beside the program, not beside the root.
    assert environment.queue(Path("var/q"))["filename"] == f"{Path.cwd()}/var/q"


# The secret key ----------------------------------------------------------------------------
def test_a_short_key_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECRET_KEY", "k" * 49)

    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY 太短"):
        environment.secret_key(tmp_path / "secret-key", embedded=True)


def test_a_real_address_makes_no_key_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)

    with pytest.raises(ImproperlyConfigured, match="须设置 SECRET_KEY"):
        environment.secret_key(tmp_path / "secret-key", embedded=False)

    assert not list(tmp_path.iterdir())


def test_a_damaged_key_file_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    (tmp_path / "secret-key").write_text("\n")

    with pytest.raises(ImproperlyConfigured, match="已损坏"):
        environment.secret_key(tmp_path / "secret-key", embedded=True)


MAKE_KEY = """
import sys, time
from pathlib import Path
from portal.environment import secret_key
time.sleep(max(float(sys.argv[2]) - time.time(), 0))
print(secret_key(Path(sys.argv[1]), embedded=True))
"""


def test_processes_that_start_together_make_one_key_that_only_they_can_read(
    tmp_path: Path,
) -> None:
    kept = tmp_path / "var" / "secret-key"
    at = str(time.time() + 1.5)
    started = [
        subprocess.Popen(
            [sys.executable, "-c", MAKE_KEY, kept, at],
            cwd=ROOT,
            env=plain_environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(6)
    ]
    keys = {process.communicate(timeout=30)[0] for process in started}

    assert [process.returncode for process in started] == [0] * 6
    assert len(keys) == 1
    assert len(keys.pop().strip()) >= 50
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    assert os.listdir(kept.parent) == ["secret-key"]
