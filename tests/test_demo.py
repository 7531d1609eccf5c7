"""The demo: believable firms, forty people in every state, all of it or nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from members import audit, credit_code
from members.access import Reason, may_enter_admin, may_read
from members.models import (
    Application,
    AuditEntry,
    Consent,
    ErasureRequest,
    Invitation,
    Membership,
    Organization,
    Proposal,
    Reminder,
    Seat,
    User,
)
from members.tasks import remind_of_ends, send_owed_invitations
from newsletter.models import Issue
from portal import demo
from portal.demo_people import ACCOUNTS, PEOPLE
from tests import factories

pytestmark = pytest.mark.django_db
PASSWORD = "demo-demo-demo"


@pytest.fixture
def people() -> dict[str, User]:
    return demo.load_people(PASSWORD)


def test_forty_people_are_in_every_state_that_reading_knows(people: dict[str, User]) -> None:
    assert len(people) == 40
    found = Counter(may_read(person).reason for person in people.values())

    assert set(found) == set(Reason) - {Reason.STRANGER}
    assert found[Reason.SEAT] > 15


def test_the_firms_differ_and_their_codes_are_sound(people: dict[str, User]) -> None:
    firms = Organization.objects.all()

    assert len(firms) == 12
    assert all("样例" in firm.name for firm in firms)
    codes = [firm.credit_code for firm in firms if firm.credit_code]
    assert len(codes) == 11, "one is 待补"
    assert [credit_code.normalise(code) for code in codes] == codes
    assert {code[2:4] for code in codes} == {"99"}, "of no region that exists"
    assert len({firm.region for firm in firms}) >= 3
    assert len({firm.industry for firm in firms}) == 12
    assert len({firm.size for firm in firms}) == 4
    full = [one for one in firms if one.seats.current().count() == one.seat_limit]
    assert full
    without_contact = firms.exclude(
        pk__in=Seat.objects.current().filter(is_contact=True).values("organization")
    )
    assert without_contact.count() == 1
    assert firms.filter(suspended_at__isnull=False).count() == 1


def test_people_differ_in_how_they_can_be_reached_and_have_come_in(
    people: dict[str, User],
) -> None:
    assert User.objects.filter(phone="", email="").exists()
    assert User.objects.exclude(phone="").filter(email="").count() > 5
    assert User.objects.exclude(email="").filter(phone="").exists()
    assert Seat.objects.filter(until__isnull=False).exists()
    assert Membership.objects.filter(person__isnull=False).count() == 3
    assert Invitation.objects.open().filter(channel="email").count() == 1
    assert Invitation.objects.open().filter(channel="slip").count() == 1
    assert Invitation.objects.count() == 3, "and one has expired"
    agreed = set(Consent.objects.values_list("person", flat=True))
    invited = set(Invitation.objects.values_list("person", flat=True))
    assert agreed == {person.pk for person in people.values()} - invited


def test_the_desks_have_something_to_do_and_nothing_leaves_by_mail(
    people: dict[str, User],
) -> None:
    states = set(Reminder.objects.values_list("kind", "status"))
    assert {(30, "sent"), (7, "sent"), (-1, "sent")} <= states
    assert Reminder.objects.calls().count() >= 3
    assert Proposal.objects.pending().count() == 1
    assert Application.objects.pending().count() == 1
    assert ErasureRequest.objects.filter(state="pending").count() == 1

    remind_of_ends.call_local()
    send_owed_invitations.call_local()
    assert not mail.outbox


def test_what_is_made_is_the_same_each_time(people: dict[str, User]) -> None:
    assert [person.member_number for person in people.values()] == [
        one.member_number for one in PEOPLE
    ]
    # Guides and tests name these.
    assert " ".join(one.member_number for one in ACCOUNTS) == (
        "M10000001 M10000002 M10000003 M10000004 E10000001 E10000002 S10000001 A10000001 A10000002"
    )
    assert AuditEntry.objects.get(action="demo.load").detail == {
        "people": 40,
        "organizations": 12,
    }


def test_the_accounts_that_are_listed_sign_in(
    settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.VAR_DIR = tmp_path
    monkeypatch.setenv("DEMO_PASSWORD", PASSWORD)
    call_command("demo", verbosity=0)

    text = (tmp_path / demo.ACCOUNTS_FILE).read_text(encoding="utf-8")
    listed = re.findall(r"^  ([MESA]\d{8})　", text, re.MULTILINE)
    assert {one.member_number for one in ACCOUNTS} < set(listed)
    assert PASSWORD in text
    for number in listed:
        client = Client()
        client.post("/accounts/login/", {"login": number, "password": PASSWORD})
        assert client.get("/me/").status_code == 200, number
    assert Issue.objects.count() == 2
    member = Client()
    member.force_login(User.objects.get(member_number="M10000001"))
    assert member.get("/").status_code == 200


def test_the_demo_is_loaded_whole_or_not_at_all(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(password: str) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(demo, "_write_accounts", fail)
    with pytest.raises(OSError, match="disk full"):
        demo.load()

    for model in (User, Organization, Issue, Membership, Reminder, Application):
        assert not model.objects.exists(), model


def test_a_database_that_is_not_empty_is_left_alone() -> None:
    factories.create_user()

    with pytest.raises(CommandError, match="只载入空库"):
        call_command("demo", verbosity=0)
    call_command("demo", "--if-empty", verbosity=0)

    assert User.objects.count() == 1


def test_staff_see_the_desks_of_the_demo(
    people: dict[str, User], signed_in: Callable[[User], Client]
) -> None:
    staff = people["S10000001"]
    assert may_enter_admin(staff)
    client = signed_in(staff)

    due = client.get("/admin/members/reminder/").content.decode()
    calls = client.get("/admin/members/reminder/calls/").content.decode()

    assert "样例市晨曦纺织有限公司" in due
    assert "还有 30 天" in due
    assert "已过 1 天" in due
    assert "样例县清泉食品有限公司" in calls
    assert "没有联系人" in calls
    assert audit.ACTIONS["demo.load"] == "载入样例"
