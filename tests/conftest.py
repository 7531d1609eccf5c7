"""The cast of the tests, by name."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from members.models import Seat, User
from members.roles import Role, sync_roles
from tests import factories

SEED = Path(
    os.environ.get(
        "SEED_FILE",
        Path(__file__).resolve().parents[2] / "shared" / "seed" / "caishui-2022-3.txt",
    )
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A test of what one engine alone has belongs to the run on that engine; one that asks no
    database to the run on SQLite. That it asks none is seen to by `_pure`.
    """
    from django.db import connection

    others = {"sqlite", "postgresql"} - {connection.vendor}
    if connection.vendor != "sqlite":
        others.add("pure")
    left = [item for item in items if any(item.get_closest_marker(name) for name in others)]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


# Our own programs bring a database of theirs; others (a spreadsheet program) have none.
_OURS = re.compile(r"(^|/)(python[\d.]*|gunicorn|manage\.py)$")
_is_pure = False


def _refuse_a_database(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook (PEP 578), under a test that is marked pure."""
    if not _is_pure:
        return
    starts = event == "subprocess.Popen" and [str(arguments[0]), *map(str, arguments[1])]
    if event in ("sqlite3.connect", "os.fork") or (starts and any(map(_OURS.search, starts))):
        raise RuntimeError(f"a test that is marked pure does {event}: {arguments!r:.200}")


sys.addaudithook(_refuse_a_database)


@pytest.fixture(autouse=True)
def _pure(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that is marked pure reaches no database: not the tests' own, which pytest-django
    closes to whoever does not ask for it, nor one of its own, nor through a program of ours.
    """
    global _is_pure
    if request.node.get_closest_marker("pure") is None:
        yield
        return
    asks = {"db", "transactional_db", "django_db_setup"} & set(request.fixturenames)
    if asks or request.node.get_closest_marker("django_db"):
        pytest.fail("marked pure, and asks for the database")
    _is_pure = True
    yield
    _is_pure = False


@pytest.fixture(scope="session", autouse=True)
def _static_files() -> None:
    """Pages name static files by their hashes: they are collected as they are in production."""
    call_command("collectstatic", interactive=False, verbosity=0)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> None:
    """Roles are part of every installation (`manage.py set_up`)."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        sync_roles()


@pytest.fixture(autouse=True)
def _quick_passwords(settings: object) -> None:
    # Slow by design is right for secrets, and wrong for thousands of tests.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def seed() -> Path:
    """The real printed issue. No sentence of it is in this repository."""
    if not SEED.is_file():
        if os.environ.get("CI"):
            pytest.fail(f"the real issue is not there: {SEED}")
        pytest.skip(f"needs the real issue: SEED_FILE or {SEED}")
    return SEED


@pytest.fixture
def member(db: None) -> User:
    return factories.create_member(name="现任会员")


@pytest.fixture
def lapsed(db: None) -> User:
    return factories.create_member(name="逾期会员", days_left=-1)


@pytest.fixture
def suspended(db: None) -> User:
    return factories.create_member(name="暂停会员", suspended_at=timezone.now())


@pytest.fixture
def seatless(db: None) -> User:
    user = factories.create_user(name="无席位")
    organization = factories.create_organization()
    today = timezone.localdate()
    Seat.objects.create(organization=organization, person=user, since=today, until=today)
    return user


def _with_role(role: Role) -> User:
    user = factories.create_user(name=role.value)
    user.groups.add(Group.objects.get(name=role.value))
    return user


@pytest.fixture
def editor(db: None) -> User:
    return _with_role(Role.EDITOR)


@pytest.fixture
def chief_editor(db: None) -> User:
    return _with_role(Role.CHIEF_EDITOR)


@pytest.fixture
def membership_staff(db: None) -> User:
    return _with_role(Role.MEMBERSHIP)


@pytest.fixture
def auditor(db: None) -> User:
    return _with_role(Role.AUDITOR)


@pytest.fixture
def administrator(db: None) -> User:
    return _with_role(Role.ADMINISTRATOR)


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    """A browser in which somebody has signed in, moments ago."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        # Seen just now, so that no test counts the note of it among its queries.
        User.objects.filter(pk=user.pk).update(last_seen_at=timezone.now())
        return client

    return sign_in
