"""本单位: a firm's contact sees their own firm, and no other; nobody else sees the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from lxml import html

from members import contacts, invitations
from members.audit import COMMAND_LINE
from members.invitations import Channel
from members.models import Invitation, Proposal, Seat, User
from tests import factories
from tests.firm import PAGE, PROPOSE, address, colleague, said, seat_of

SignIn = Callable[[User], Client]

pytestmark = pytest.mark.django_db


@pytest.fixture
def contact() -> User:
    return factories.create_contact(name="甲联系人", phone="+8613700000001", seat_limit=4)


# Who comes here -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    "who",
    ["member", "lapsed", "suspended", "seatless", "membership_staff", "editor", "administrator"],
)
def test_for_everybody_but_a_contact_there_is_no_such_page(
    who: str, contact: User, signed_in: SignIn, request: pytest.FixtureRequest
) -> None:
    other = colleague(contact)
    proposal = factories.create_proposal(contact)
    client = signed_in(request.getfixturevalue(who))
    withdrawal = reverse("members:proposal_withdraw", args=[proposal.pk])

    for path in (PAGE, PROPOSE, *(address(act, other) for act in ACTS)):
        assert client.get(path).status_code == 404, path
        assert client.post(path, FILLED).status_code == 404 or path == PAGE, path
    assert client.post(PAGE).status_code == 404
    assert client.post(withdrawal).status_code == 404

    assert seat_of(other).until is None
    assert Proposal.objects.get().state == Proposal.State.PENDING
    assert not Invitation.objects.exists()
    assert seat_of(contact).is_contact


ACTS = ["replace", "invite", "release", "hand_over"]
FILLED = {"name": "乙", "phone": "13812345678", "stays": "on"}


def test_a_stranger_is_sent_to_sign_in(contact: User) -> None:
    answer = Client().post(address("release", colleague(contact)))

    assert answer["Location"].startswith("/accounts/login/")
    assert Seat.objects.current().count() == 2


def test_a_seat_that_has_ended_or_lost_the_flag_opens_nothing(
    contact: User, signed_in: SignIn
) -> None:
    client = signed_in(contact)
    assert client.get(PAGE).status_code == 200

    seat = seat_of(contact)
    Seat.objects.filter(pk=seat.pk).update(is_contact=False)
    assert client.get(PAGE).status_code == 404
    Seat.objects.filter(pk=seat.pk).update(is_contact=True, until=timezone.localdate())
    assert client.get(PAGE).status_code == 404


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_another_firms_seats_are_not_there(
    act: str, method: str, contact: User, signed_in: SignIn
) -> None:
    stranger = factories.create_contact()
    foreign = colleague(stranger)
    before = Seat.objects.order_by("pk").values_list()
    snapshot = list(before)

    answer = getattr(signed_in(contact), method)(address(act, foreign), FILLED)

    assert answer.status_code == 404
    assert list(before.all()) == snapshot
    assert not Proposal.objects.exists()
    assert not Invitation.objects.exists()


def test_another_firms_proposal_is_not_withdrawn(contact: User, signed_in: SignIn) -> None:
    foreign = factories.create_proposal(factories.create_contact())

    path = reverse("members:proposal_withdraw", args=[foreign.pk])

    assert signed_in(contact).post(path).status_code == 404
    assert signed_in(contact).get(path).status_code == 405
    foreign.refresh_from_db()
    assert foreign.state == Proposal.State.PENDING


def test_the_acts_themselves_refuse_another_firms_seat(contact: User) -> None:
    foreign = seat_of(colleague(factories.create_contact()))

    for act in (
        lambda: contacts.release(foreign, by=contact),
        lambda: contacts.invite_again(foreign, by=contact),
        lambda: contacts.hand_over(foreign, by=contact, stays=True),
        lambda: factories.create_proposal(contact, replaces=foreign),
    ):
        with pytest.raises(contacts.NoContact):
            act()
    foreign.refresh_from_db()
    assert foreign.until is None
    assert not Proposal.objects.exists()


@pytest.mark.parametrize(("whom", "words"), [("person", "您的账号"), ("firm", "本单位已暂停")])
def test_suspension_closes_the_page_and_every_act_and_says_why(
    whom: str, words: str, contact: User, signed_in: SignIn
) -> None:
    other = colleague(contact)
    client = signed_in(contact)
    held = contact if whom == "person" else seat_of(contact).organization
    held.suspended_at = timezone.now()
    held.save()

    for path in (PAGE, PROPOSE, *(address(act, other) for act in ACTS)):
        for answer in (client.get(path), client.post(path, FILLED)):
            assert answer.status_code == 403, path
            assert words in answer.content.decode()

    assert Seat.objects.current().count() == 2
    assert not Proposal.objects.exists()


def test_a_suspension_that_comes_in_between_stops_the_act(contact: User) -> None:
    other = colleague(contact)
    User.objects.filter(pk=contact.pk).update(suspended_at=timezone.now())

    with pytest.raises(contacts.NoContact):
        contacts.release(seat_of(other), by=contact)
    assert seat_of(other).until is None


# The page -----------------------------------------------------------------------------------
def test_the_page_tells_seats_membership_and_who_has_come_in(
    contact: User, signed_in: SignIn
) -> None:
    firm = seat_of(contact).organization
    colleague(contact, name="乙已登录", phone="+8613812345678", is_in=True)
    slip = colleague(contact, name="丙有登录条", email="bing@example.org")
    [issued] = invitations.invite([slip], by=COMMAND_LINE, channel=Channel.SLIP)
    factories.create_proposal(contact, name="丁待办", phone="13912345678")
    last = firm.memberships.get().last_day

    page = signed_in(contact).get(PAGE)

    words = said(page)
    day = timezone.localdate(issued.invitation.expires_at)
    for expected in (
        firm.name,
        f"会籍至 {last.year}年{last.month}月{last.day}日（含当日）",
        "已用 3 个，共 4 个",
        "甲联系人 您，联系人",
        "138****5678 已登录过",
        f"b***@example.org 尚未登录，登录条{day.year}年{day.month}月{day.day}日（含当日）前有效",
        "丁待办 139********",
    ):
        assert expected in words, expected
    for whole in ("13812345678", "13912345678", "13700000001", "bing@example.org"):
        assert whole not in page.content.decode()


@pytest.mark.parametrize("how", ["never", "signed in", "chose a password"])
def test_the_last_digits_are_hidden_as_long_as_they_open_the_door(
    how: str, contact: User, signed_in: SignIn
) -> None:
    """A slip asks for them: who may make one should not read the answer beside it."""
    other = colleague(contact, name="乙其人", phone="+8613812345678", is_in=how == "signed in")
    if how == "chose a password":
        invitations.invite([other], by=COMMAND_LINE, channel=Channel.SLIP)
        Invitation.objects.update(redeemed_at=timezone.now())

    page = signed_in(contact).get(PAGE)

    is_in = how != "never"
    assert ("138****5678" if is_in else "138********") in said(page)
    assert ("5678" in page.content.decode()) is is_in


def test_a_firm_of_one_sees_nothing_of_the_other(contact: User, signed_in: SignIn) -> None:
    stranger = factories.create_contact(name="外单位联系人")
    colleague(stranger, name="外单位的人")
    factories.create_proposal(stranger, name="外单位推荐")

    assert "外单位" not in said(signed_in(contact).get(PAGE))


def test_the_number_of_queries_does_not_grow_with_the_seats(signed_in: SignIn) -> None:
    contact = factories.create_contact(seat_limit=200)
    client = signed_in(contact)

    def queries(seats_more: int) -> int:
        for _ in range(seats_more):
            person = colleague(contact, email=f"p{User.objects.count()}@example.org")
            invitations.invite([person], by=COMMAND_LINE, channel=Channel.SLIP)
            factories.create_proposal(contact)
            factories.create_proposal(contact, replaces=seat_of(person))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(PAGE).status_code == 200
        return len(captured)

    few = queries(1)
    assert queries(6) == few
    assert few < 12


def test_many_seats_come_in_pages(signed_in: SignIn) -> None:
    contact = factories.create_contact(seat_limit=200)
    for number in range(60):
        colleague(contact, name=f"第{number:02d}号")

    client = signed_in(contact)

    first, second = said(client.get(PAGE)), said(client.get(f"{PAGE}?page=2"))
    assert "第00号" in first
    assert "第59号" in second
    assert "第59号" not in first
    assert "已用 61 个" in second


@pytest.mark.parametrize("is_contact", [True, False])
def test_the_account_leads_a_contact_here_and_nobody_else(
    is_contact: bool, contact: User, member: User, signed_in: SignIn
) -> None:
    page = html.fromstring(signed_in(contact if is_contact else member).get("/me/").content)

    assert bool(page.xpath("//a[@href='/organization/']")) is is_contact


# A firm whose membership has ended --------------------------------------------------------------
@pytest.mark.parametrize("days_left", [-1, None])
def test_without_membership_one_looks_and_releases_but_brings_nobody_in(
    days_left: int | None, signed_in: SignIn
) -> None:
    contact = factories.create_contact(days_left=days_left or 0)
    if days_left is None:
        seat_of(contact).organization.memberships.all().delete()
    elif days_left == -1:
        assert not seat_of(contact).organization.memberships.current().exists()
    other, third = colleague(contact, name="乙"), colleague(contact, name="丙")
    client = signed_in(contact)

    page = client.get(PAGE)
    assert "要等会籍延续以后" in said(page)
    assert not html.fromstring(page.content).xpath(
        "//main//a[contains(@href,'propose') or contains(@href,'replace')"
        " or contains(@href,'invite')]"
    )
    for path in (PROPOSE, address("replace", other), address("invite", other)):
        answer = client.post(path, FILLED, follow=True)
        assert "没有有效的会籍，暂不能" in said(answer), path
    assert not Proposal.objects.exists()
    assert not Invitation.objects.exists()

    client.post(address("release", other))
    client.post(address("hand_over", third), {"stays": "on"})
    assert {seat.person: seat.is_contact for seat in Seat.objects.current()} == {
        contact: False,
        third: True,
    }


def test_on_the_last_day_all_is_open_and_on_the_next_it_is_not(signed_in: SignIn) -> None:
    contact = factories.create_contact(days_left=0)
    last = timezone.localdate()
    midnight = dt.datetime.combine(last, dt.time.max, tzinfo=timezone.get_current_timezone())

    with time_machine.travel(midnight, tick=False):
        assert "要等会籍延续以后" not in said(signed_in(contact).get(PAGE))
    with time_machine.travel(midnight + dt.timedelta(seconds=1), tick=False):
        assert "要等会籍延续以后" in said(signed_in(contact).get(PAGE))
