"""The settings as a whole: embedded without any, safe behind https, refused when wrong."""

from __future__ import annotations

import json
import os
import re
import string
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.processes import plain_environment

ROOT = Path(__file__).resolve().parent.parent
KEY = string.ascii_letters + string.digits  # long and varied; no secret
PRODUCTION = {"BASE_URL": "https://portal.example.org", "SECRET_KEY": KEY}
CHINESE = re.compile(r"[\u4e00-\u9fff]")

SHOW = """
import json, sys
from django.conf import settings
print(json.dumps({name: getattr(settings, name, None) for name in sys.argv[1:]}, default=str))
"""


def python(script: str, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT,
        env=plain_environment(DJANGO_SETTINGS_MODULE="portal.settings", **env),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def settings_of(*names: str, **env: str) -> dict[str, Any]:
    result = python(SHOW, *names, **env)
    assert result.returncode == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def manage(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=plain_environment(**env),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_without_any_setting_the_portal_is_embedded_on_localhost(tmp_path: Path) -> None:
    found = settings_of(
        "BASE_URL",
        "DEBUG",
        "ALLOWED_HOSTS",
        "SESSION_COOKIE_NAME",
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_NAME",
        "SECURE_SSL_REDIRECT",
        "SECURE_HSTS_SECONDS",
        "WEB_BIND",
        "SESSION_ENGINE",
        "TRUSTED_PROXIES",
        VAR_DIR=str(tmp_path),
    )

    assert found == {
        "BASE_URL": "http://localhost:8000",
        "DEBUG": False,
        "ALLOWED_HOSTS": ["localhost", "localhost", "127.0.0.1", "[::1]"],
        "SESSION_COOKIE_NAME": "session",
        "SESSION_COOKIE_SECURE": False,
        "CSRF_COOKIE_NAME": "csrf",
        "SECURE_SSL_REDIRECT": False,
        "SECURE_HSTS_SECONDS": 0,
        "WEB_BIND": "127.0.0.1",
        "SESSION_ENGINE": "django.contrib.sessions.backends.db",
        "TRUSTED_PROXIES": [],
    }
    assert os.listdir(tmp_path) == ["secret-key"], "reading settings makes nothing else"


def test_an_https_address_turns_on_all_that_hangs_on_it(tmp_path: Path) -> None:
    found = settings_of(
        "ALLOWED_HOSTS",
        "SESSION_COOKIE_NAME",
        "SESSION_COOKIE_SECURE",
        "SESSION_COOKIE_HTTPONLY",
        "SESSION_COOKIE_PATH",
        "SESSION_COOKIE_DOMAIN",
        "CSRF_COOKIE_NAME",
        "CSRF_COOKIE_SECURE",
        "CSRF_TRUSTED_ORIGINS",
        "SECURE_SSL_REDIRECT",
        "ACCOUNT_DEFAULT_HTTP_PROTOCOL",
        "SECURE_HSTS_SECONDS",
        VAR_DIR=str(tmp_path),
        **PRODUCTION,
    )

    assert found.pop("SECURE_HSTS_SECONDS") >= 365 * 24 * 3600
    assert found == {
        "ALLOWED_HOSTS": ["portal.example.org"],
        # RFC 6265bis, 4.1.3.2: Secure, path / and no domain, or the browser drops the cookie.
        "SESSION_COOKIE_NAME": "__Host-session",
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_PATH": "/",
        "SESSION_COOKIE_DOMAIN": None,
        "CSRF_COOKIE_NAME": "__Host-csrf",
        "CSRF_COOKIE_SECURE": True,
        "CSRF_TRUSTED_ORIGINS": ["https://portal.example.org"],
        "SECURE_SSL_REDIRECT": True,
        "ACCOUNT_DEFAULT_HTTP_PROTOCOL": "https",
    }
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize(
    "wrong",
    [
        {"BASE_URL": "https://portal.example.org"},
        {"PORT": "many"},
        {"EMAIL_URL": "pigeon://roof"},
    ],
)
def test_nothing_starts_on_a_wrong_setting(tmp_path: Path, wrong: dict[str, str]) -> None:
    result = python("import django; django.setup()", VAR_DIR=str(tmp_path), **wrong)

    assert result.returncode == 1
    last = result.stderr.strip().splitlines()[-1]
    assert "ImproperlyConfigured" in last
    assert CHINESE.search(last)


def test_production_settings_pass_the_deployment_checks(tmp_path: Path) -> None:
    result = manage(
        *("check", "--deploy", "--fail-level", "WARNING"),
        VAR_DIR=str(tmp_path),
        TRUSTED_PROXIES="127.0.0.1/32",
        **PRODUCTION,
    )

    assert result.returncode == 0, result.stderr


def test_https_without_a_trusted_proxy_is_warned_of(tmp_path: Path) -> None:
    result = manage(
        *("check", "--deploy", "--fail-level", "WARNING"), VAR_DIR=str(tmp_path), **PRODUCTION
    )

    assert result.returncode == 1
    assert re.findall(r"\([a-z]+\.[WE]\d+\)", result.stderr) == ["(portal.W001)"]
    assert "TRUSTED_PROXIES" in result.stderr


@pytest.mark.parametrize("address", ["http://192.0.2.7:8000", "http://[2001:db8::1]"])
def test_an_address_in_digits_is_an_error(tmp_path: Path, address: str) -> None:
    result = manage("check", VAR_DIR=str(tmp_path), BASE_URL=address, SECRET_KEY=KEY)

    assert result.returncode == 1
    assert "portal.E001" in result.stderr
