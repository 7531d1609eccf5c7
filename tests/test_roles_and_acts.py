"""Who may do what: every act there is, for every one of the cast.

A refused one changes nothing; an allowed one leaves its entry, and without it is not done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.admin import site
from django.db import transaction
from django.test import Client, RequestFactory
from django.urls import Resolver404, resolve
from django.utils import timezone

from members import audit
from members.models import AuditEntry, User
from tests import factories
from tests.acts import CAST, Act, Sent, World, all_acts
from tests.acts.shows import SHOWS
from tests.addresses import LEVELS
from tests.archive import make_archive
from tests.everything import Everything, differences, everything

pytestmark = pytest.mark.django_db

TRAIL = {"members.AuditEntry", "members.AuditPersonal"}
ACTS = all_acts()

# Doors rather than acts: what they do, and what they refuse, is told where it is tested.
DOORS = {
    "account_login": "test_sign_in.py",
    "account_logout": "test_sign_in.py",
    "account_reauthenticate": "test_sign_in.py",
    "account_set_password": "test_sign_in.py",
    "account_reset_password": "test_sign_in.py",
    "account_reset_password_from_key": "test_sign_in.py",
    "admin:logout": "test_sign_in.py",
    "admin:password_change": "test_sign_in.py",
    "members:redeem": "test_invitations.py",
    "members:display": "test_display.py",
}


@pytest.fixture
def cast(request: pytest.FixtureRequest, settings: Any) -> dict[str, User]:
    settings.APPLICATIONS_OPEN = True
    people = {
        name: request.getfixturevalue(name) for name in CAST if name not in ("anonymous", "contact")
    }
    return people | {"contact": factories.create_contact(name="联系人")}


@pytest.fixture
def root(db: None) -> Client:
    client = Client()
    root = User.objects.create_superuser("ROOT1", password=factories.PASSWORD)
    client.force_login(root)
    # Seen just now, so that no request notes it.
    User.objects.filter(pk=root.pk).update(last_seen_at=timezone.now())
    return client


@contextmanager
def undone() -> Iterator[None]:
    block = transaction.atomic()
    # As the one around the test: what must be outermost elsewhere may stand in it.
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(True)


def made_ready(
    act: Act, name: str, cast: dict[str, User], root: Client, signed_in: Any
) -> tuple[Client, Sent, Everything]:
    who = cast.get(name)
    client = signed_in(who) if who is not None else Client()
    sent = act.ready(World(who, root, cast))
    return client, sent, everything()


def send(client: Client, act: Act, sent: Sent) -> Any:
    for value in sent.data.values():
        if hasattr(value, "seek"):
            value.seek(0)  # it may have been sent before
    answer = getattr(client, act.method)(sent.path, sent.data)
    factories.content_of(answer)
    return answer


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_whoever_may_not_is_refused_and_nothing_is_changed(
    act: Act, cast: dict[str, User], root: Client, signed_in: Callable[[User], Client]
) -> None:
    refused = [name for name in CAST if name not in act.may]
    clients = {name: signed_in(cast[name]) if name in cast else Client() for name in refused}
    # What is somebody's own is here somebody else's.
    sent = act.ready(World(None, root, cast))
    before = everything()
    for name, client in clients.items():
        with undone():
            answer = send(client, act, sent)
            changed = differences(before, everything())
            # That it was refused may be noted; that it was done may not.
            noted = changed.pop("members.AuditEntry", (0, 0))[1]
            changed.pop("members.AuditPersonal", None)
            if name in act.beside:
                changed.pop("admin.LogEntry", None)
            else:
                to_sign_in = answer.get("Location", "").startswith("/accounts/login/")
                assert to_sign_in or answer.status_code in (403, 404), (name, answer.status_code)
                newest = AuditEntry.objects.order_by("-pk")[:noted]
                assert not any(entry.succeeded for entry in newest), name
            assert not changed, (name, changed)


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_whoever_may_does_it_and_leaves_an_entry(
    act: Act, cast: dict[str, User], root: Client, signed_in: Callable[[User], Client]
) -> None:
    assert act.entry or act.why
    for name in CAST:
        if name not in act.may:
            continue
        with undone():
            client, sent, before = made_ready(act, name, cast, root, signed_in)
            known = set(AuditEntry.objects.values_list("pk", flat=True))
            answer = send(client, act, sent)
            changed = differences(before, everything())
            assert answer.status_code < 400, (name, answer.status_code)
            assert changed, (name, answer.content.decode()[:4000])
            new = AuditEntry.objects.exclude(pk__in=known)
            if not act.entry:
                assert not new.exists(), name
                continue
            entry = new.filter(action=act.entry, succeeded=True).first()
            assert entry is not None, (name, list(new.values_list("action", flat=True)))
            who = cast.get(name)
            # An application is a stranger's, whoever sends it.
            if entry.actor_kind != "stranger":
                assert entry.actor == (who.audit_ref if who else None), name


class Closed(Exception):
    """The trail takes no entry."""


@pytest.mark.parametrize("act", [act for act in ACTS if act.entry], ids=lambda act: act.name)
def test_without_its_entry_it_is_not_done(
    act: Act,
    cast: dict[str, User],
    root: Client,
    signed_in: Callable[[User], Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record = audit.record

    def refuse(action: str, **values: Any) -> Any:
        if act.taken and action == act.entry:
            raise Closed
        entry = record(action, **values)
        if action == act.entry:
            raise Closed
        return entry

    name = min(act.may)
    client, sent, before = made_ready(act, name, cast, root, signed_in)
    monkeypatch.setattr(audit, "record", refuse)
    with pytest.raises(Closed):
        send(client, act, sent)
    assert not differences(before, everything())


# Nothing is forgotten ----------------------------------------------------------------------
def test_every_action_of_the_lists_is_a_row(rf: RequestFactory, root: Client) -> None:
    request = rf.get("/")
    request.user = User.objects.get(member_number="ROOT1")
    found = {
        f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist#{name}"
        for model, model_admin in site._registry.items()
        for name in model_admin.get_actions(request)
    }
    rows = {act.name for act in ACTS if act.address.endswith("_changelist")}
    assert found == rows


def test_every_address_is_a_row_or_a_door_or_shows_something() -> None:
    """A new one fails here until somebody has thought about who may do what there."""
    rows = {act.address for act in ACTS}
    assert not rows & SHOWS
    assert LEVELS.keys() - {"admin:"} == rows | DOORS.keys() | SHOWS


def test_what_only_shows_changes_nothing_whatever_is_sent(
    root: Client, membership_staff: User, settings: Any
) -> None:
    """By somebody who may do everything."""
    settings.APPLICATIONS_OPEN = True
    user = User.objects.get(member_number="ROOT1")
    factories.create_membership(person=user)
    contact = factories.create_contact()
    contact.seats.update(person=user)
    anything = {"confirmed": "1", "post": "yes", "on": "1", "name": "样例", "reason": "样例"}
    looked_at = set()
    paths = list(make_archive(received_by=membership_staff).paths())
    before = everything(without=TRAIL)
    for path in paths:
        try:
            name = resolve(path.partition("?")[0]).view_name
        except Resolver404:
            continue  # among the paths are some that are none
        if name in SHOWS:
            looked_at.add(name)
            factories.content_of(root.post(path, anything))
            assert not differences(before, everything(without=TRAIL)), path
    assert looked_at == SHOWS
