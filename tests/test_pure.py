"""A test that is marked pure reaches no database, whichever way it tries."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable

import pytest

from members.models import User

pytestmark = pytest.mark.pure

WAYS: dict[str, Callable[[], object]] = {
    "the tests' own": lambda: User.objects.count(),
    "one of its own": lambda: sqlite3.connect(":memory:"),
    "a program of ours": lambda: subprocess.run([sys.executable, "-c", ""]),
    "a command of ours": lambda: subprocess.run(["/usr/bin/env", "./manage.py", "migrate"]),
}


@pytest.mark.parametrize("way", WAYS)
def test_whatever_would_reach_a_database_is_refused(way: str) -> None:
    with pytest.raises(RuntimeError, match=r"Database access not allowed|marked pure"):
        WAYS[way]()


def test_another_program_may_be_started() -> None:
    assert subprocess.run(["true"]).returncode == 0
