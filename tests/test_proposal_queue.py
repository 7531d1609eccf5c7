"""推荐: the secretariat's queue: one person approves or declines, whole or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from lxml import html

from members import audit, contacts, proposals, seats
from members.audit import COMMAND_LINE
from members.models import (
    AuditEntry,
    AuditPersonal,
    Invitation,
    Membership,
    Organization,
    Proposal,
    Seat,
    User,
)
from members.roles import Role
from tests import factories
from tests.firm import NEW, PROPOSE, firm_of, page_of, said

SignIn = Callable[[User], Client]
State = Proposal.State

pytestmark = pytest.mark.django_db
QUEUE = "/admin/members/proposal/"


@pytest.fixture
def contact() -> User:
    return factories.create_contact(name="甲联系人")


def holder(contact: User, **fields: Any) -> Seat:
    return seats.give(firm_of(contact), factories.create_user(**fields), by=COMMAND_LINE)


def agree(client: Client, proposal: Proposal, whose: object = "new", **more: Any) -> Any:
    values = {"act": "approve", "approve-whose": str(whose), **more}
    return client.post(page_of(proposal), values, follow=True)


def everything() -> list[object]:
    """All that an approval could change."""
    tables = (User, Seat, Invitation, Proposal, Membership, Organization, AuditEntry)
    return [list(model.objects.order_by("pk").values_list()) for model in tables]


# The queue ------------------------------------------------------------------------------------
def test_the_queue_shows_what_is_to_be_done_what_waited_longest_first(
    contact: User, membership_staff: User, signed_in: SignIn
) -> None:
    names = ["第三", "第一", "第二"]
    for name, days in zip(names, (1, 3, 2), strict=True):
        Organization.objects.update(seat_limit=10)
        made = factories.create_proposal(contact, name=name)
        Proposal.objects.filter(pk=made.pk).update(
            proposed_at=timezone.now() - dt.timedelta(days=days)
        )
    declined = factories.create_proposal(contact, name="第零")
    proposals.decline(declined, by=membership_staff, reason="样例")
    client = signed_in(membership_staff)

    def listed(query: str = "") -> list[str]:
        rows = client.get(QUEUE + query).context["cl"].result_list
        return [row.name for row in rows]

    assert listed() == ["第一", "第二", "第三"]
    assert listed("?state=declined") == ["第零"]
    assert listed("?state=all") == ["第一", "第二", "第三", "第零"]
    assert listed("?q=第二") == ["第二"]


def test_the_queue_asks_a_constant_number_of_queries(
    membership_staff: User, signed_in: SignIn
) -> None:
    client = signed_in(membership_staff)

    def queries(more: int) -> int:
        for _ in range(more):
            contact = factories.create_contact()
            factories.create_proposal(contact, replaces=holder(contact))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(QUEUE).status_code == 200
        return len(captured)

    few = queries(1)
    assert queries(10) == few


@pytest.mark.parametrize(
    "who", ["member", "lapsed", "editor", "chief_editor", "auditor", "administrator"]
)
def test_nobody_but_who_keeps_the_members_looks_or_decides(
    who: str, contact: User, signed_in: SignIn, request: pytest.FixtureRequest
) -> None:
    made = factories.create_proposal(contact)
    client = signed_in(request.getfixturevalue(who))
    before = everything()

    for path in (QUEUE, page_of(made), f"{QUEUE}{made.pk}/history/"):
        assert client.get(path).status_code in (403, 404), path
    assert client.post(page_of(made), {"act": "approve", "approve-whose": "new"}).status_code in (
        403,
        404,
    )
    assert client.post(page_of(made), {"act": "decline", "decline-reason": "样例"}).status_code in (
        403,
        404,
    )
    assert client.post(f"{QUEUE}{made.pk}/delete/", {"post": "yes"}).status_code in (403, 404)

    assert everything() == before


def test_who_may_only_look_sees_no_button_and_decides_nothing(
    contact: User, auditor: User, signed_in: SignIn
) -> None:
    auditor.user_permissions.add(Permission.objects.get(codename="view_proposal"))
    made = factories.create_proposal(contact)
    client = signed_in(auditor)
    before = everything()

    assert "同意，安排席位" not in said(client.get(page_of(made)))
    assert client.post(page_of(made), {"act": "approve", "approve-whose": "new"}).status_code == 403
    assert everything() == before


def test_to_look_decides_nothing_and_nobody_adds_or_deletes(
    contact: User, membership_staff: User, signed_in: SignIn
) -> None:
    made = factories.create_proposal(contact)
    client = signed_in(membership_staff)
    before = everything()

    client.get(page_of(made), {"act": "approve", "approve-whose": "new"})
    client.post(page_of(made), {})
    assert client.get(f"{QUEUE}add/").status_code == 403
    assert client.post(f"{QUEUE}{made.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get(f"{QUEUE}999999/change/").status_code == 404

    assert everything() == before


def test_a_candidate_is_shown_with_the_firm_where_they_sit_now(
    contact: User, membership_staff: User, signed_in: SignIn
) -> None:
    client = signed_in(membership_staff)
    made = factories.create_proposal(contact, name="乙同名")
    factories.create_user(name="乙同名")
    seated = factories.create_member(name="乙同名")
    firm = seated.seats.get().organization

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page_of(made)).status_code == 200
        return len(captured)

    few = queries()
    page = html.fromstring(client.get(page_of(made)).content.decode())
    places = {
        row.xpath(".//input/@value")[0]: (row.text_content(), row.xpath(".//a/@href"))
        for row in page.xpath("//fieldset/p")
    }
    words, links = places[str(seated.pk)]
    assert firm.name in words
    assert links == [f"/admin/members/organization/{firm.pk}/change/"]
    assert sum("现在没有席位" in words for words, _ in places.values()) == 1
    assert not places["new"][1]
    for _ in range(5):
        factories.create_member(name="乙同名")
    assert queries() == few


# To approve -----------------------------------------------------------------------------------
def test_approving_makes_person_seat_and_letter(
    contact: User, membership_staff: User, signed_in: SignIn
) -> None:
    signed_in(contact).post(PROPOSE, NEW)
    made = Proposal.objects.get()
    client = signed_in(membership_staff)
    words = said(client.get(page_of(made)))
    for shown in ("甲联系人", firm_of(contact).name, "+8613812345678", "yi@example.org", "财务"):
        assert shown in words, shown

    assert "已为乙新人" in said(agree(client, made))

    person = User.objects.get(name="乙新人")
    assert (person.phone, person.email) == ("+8613812345678", "yi@example.org")
    assert not person.has_usable_password()
    seat = person.seats.get()
    assert (seat.organization, seat.until, seat.is_contact) == (firm_of(contact), None, False)
    assert person.invitations.get().channel == Invitation.Channel.EMAIL
    made.refresh_from_db()
    assert (made.state, made.seat, made.decided_by) == (State.APPROVED, seat, membership_staff)
    assert made.name == made.phone == made.email == made.note == "", "who it is, the seat says"
    trail = AuditEntry.objects.filter(actor=membership_staff.audit_ref).order_by("id")
    assert list(trail.values_list("action", flat=True)) == [
        "user.add",
        "seat.add",
        "invitation.send",
        "proposal.approve",
    ]
    about = AuditPersonal.objects.filter(person=person.audit_ref)
    assert "乙新人" in str(list(about.values_list("values", flat=True)))
    details = list(AuditEntry.objects.values_list("detail", flat=True))
    assert not any(word in str(details) for word in ("乙新人", "13812345678", "yi@example.org"))


def test_who_has_no_e_mail_is_offered_a_slip(
    contact: User, membership_staff: User, signed_in: SignIn
) -> None:
    made = factories.create_proposal(contact, name="乙无邮箱")
    client = signed_in(membership_staff)

    answer = agree(client, made)

    assert "打印登录条" in said(answer)
    assert not Invitation.objects.exists()
    [form] = html.fromstring(answer.content).xpath("//form[.//button[@value='print_slips']]")
    values = dict(form.form_values()) | {"action": "print_slips"}
    assert "制作 1 张登录条" in client.post(form.get("action"), values).content.decode()


def test_the_same_person_gets_the_seat_and_keeps_what_is_registered(
    contact: User, membership_staff: User, signed_in: SignIn
) -> None:
    known = factories.create_user(name="乙旧名", phone="+8613812345678", last_login=timezone.now())
    made = factories.create_proposal(contact, name="乙新名", phone="13812345678")
    client = signed_in(membership_staff)
    people = User.objects.count()
    words = said(client.get(page_of(made)))
    assert f"{known}：电话相同" in words
    assert "新人员" not in [
        label.text_content().strip()
        for label in html.fromstring(client.get(page_of(made)).content).xpath("//fieldset//label")
    ]

    refused = agree(client, made, "new")
    assert Proposal.objects.get().state == State.PENDING, said(refused)
    agree(client, made, known.pk)

    known.refresh_from_db()
    assert (known.name, known.phone) == ("乙旧名", "+8613812345678")
    assert known.seats.get().organization == firm_of(contact)
    assert User.objects.count() == people
    assert not Invitation.objects.exists(), "they know their password"


def test_a_namesake_may_be_somebody_else_and_another_may_be_named(
    contact: User, membership_staff: User, signed_in: SignIn
) -> None:
    namesake = factories.create_user(name="乙同名")
    changed = factories.create_user(name="乙曾用名", email="old@example.org")
    client = signed_in(membership_staff)
    one = factories.create_proposal(contact, name="乙同名")
    assert "姓名相同" in said(client.get(page_of(one)))
    agree(client, one, "new")
    assert User.objects.filter(name="乙同名").count() == 2
    assert not namesake.seats.exists()

    other = factories.create_proposal(contact, name="乙现名")
    for typed in ("", "nobody@example.org"):
        wrong = agree(client, other, "other", **{"approve-who": typed})
        assert "没有找到这个人" in said(wrong)
    agree(client, other, "other", **{"approve-who": "OLD@example.org"})
    assert changed.seats.get().organization == firm_of(contact)
    assert changed.invitations.get().channel == Invitation.Channel.EMAIL


def test_somebody_who_is_not_alike_is_not_chosen_by_number(
    contact: User, membership_staff: User, signed_in: SignIn
) -> None:
    made = factories.create_proposal(contact)
    client = signed_in(membership_staff)
    before = everything()

    for whose in (factories.create_user().pk, "", "9" * 30):
        assert agree(client, made, whose).status_code == 200
    assert not firm_of(contact).seats.exclude(person=contact).exists()
    assert everything()[1:4] == before[1:4]


def test_a_holder_of_a_role_gets_a_seat_but_no_invitation_from_staff(
    contact: User, membership_staff: User, signed_in: SignIn
) -> None:
    known = factories.create_user(name="乙编辑", email="yi@example.org")
    known.groups.add(Group.objects.get(name=Role.EDITOR.value))
    made = factories.create_proposal(contact, name="乙编辑")

    agree(signed_in(membership_staff), made, known.pk)

    assert known.seats.get().organization == firm_of(contact)
    assert not Invitation.objects.exists()


def test_the_replaced_seat_ends_with_the_approval(
    contact: User, membership_staff: User, signed_in: SignIn
) -> None:
    Organization.objects.update(seat_limit=2)
    held = holder(contact, name="丙离任")
    made = factories.create_proposal(contact, name="乙接任", replaces=held)

    agree(signed_in(membership_staff), made)

    held.refresh_from_db()
    assert held.until == timezone.localdate()
    assert [seat.person.name for seat in firm_of(contact).seats.current()] == ["甲联系人", "乙接任"]


def _full(contact: User, made: Proposal, known: User) -> None:
    Organization.objects.update(seat_limit=1)


def _seat_elsewhere(contact: User, made: Proposal, known: User) -> None:
    seats.give(factories.create_organization(), known, by=COMMAND_LINE)


def _sits_there(contact: User, made: Proposal, known: User) -> None:
    Organization.objects.update(seat_limit=9)
    seats.give(firm_of(contact), known, by=COMMAND_LINE)


def _suspended(contact: User, made: Proposal, known: User) -> None:
    User.objects.filter(pk=known.pk).update(suspended_at=timezone.now())


def _made_contact(contact: User, made: Proposal, known: User) -> None:
    assert made.replaces is not None
    seats.name_contact(firm_of(contact), made.replaces.person, by=COMMAND_LINE)


@pytest.mark.parametrize(
    ("meanwhile", "words"),
    [
        (_full, "席位都有人了"),
        (_seat_elsewhere, "已有现任席位"),
        (_sits_there, "已经在本单位的席位上"),
        (_suspended, "账号已停用或暂停"),
        (_made_contact, "现在是该单位的联系人"),
    ],
    ids=["full", "elsewhere", "there", "suspended", "contact"],
)
def test_what_has_become_impossible_is_told_and_changes_nothing(
    meanwhile: Callable[[User, Proposal, User], None],
    words: str,
    contact: User,
    membership_staff: User,
    signed_in: SignIn,
) -> None:
    known = factories.create_user(name="乙其人")
    held = holder(contact)
    made = factories.create_proposal(
        contact, name="乙其人", replaces=None if meanwhile is _full else held
    )
    if meanwhile is _full:
        contacts.release(held, by=contact)
    meanwhile(contact, made, known)
    client = signed_in(membership_staff)
    before = everything()

    assert words in said(agree(client, made, known.pk))
    assert everything() == before


def test_half_an_approval_is_none(
    contact: User, membership_staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last entry of the trail fails: person, seat and invitation are undone with it."""
    made = factories.create_proposal(contact, email="yi@example.org")
    before = everything()
    written = audit.record

    def fail(action: str, **what: Any) -> Any:
        if action == "proposal.approve":
            raise OSError("the disk is full")
        return written(action, **what)

    monkeypatch.setattr(audit, "record", fail)
    with pytest.raises(OSError, match="disk"), transaction.atomic():
        proposals.approve(made, by=membership_staff)

    assert everything() == before


def test_of_two_who_decide_one_wins_and_the_other_is_told(
    contact: User, membership_staff: User, signed_in: SignIn
) -> None:
    made = factories.create_proposal(contact)
    one, other = Proposal.objects.get(), Proposal.objects.get()
    client = signed_in(membership_staff)
    proposals.decline(one, by=membership_staff, reason="样例")
    before = everything()

    for late in (
        lambda: proposals.approve(other, by=membership_staff),
        lambda: proposals.decline(other, by=membership_staff, reason="样例"),
        lambda: proposals.withdraw(other, by=contact),
    ):
        with pytest.raises(ValidationError, match="刚刚已经办结"):
            late()
    assert "刚刚已经办结" in said(agree(client, made))
    assert everything() == before
