"""注销: what names somebody outside their own record: lists, what was declined, remarks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from allauth.core.context import request_context
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from members import own_data
from members.listing import keeping
from members.merging import merge
from members.models import (
    Application,
    AuditEntry,
    LeakCase,
    ListImport,
    Organization,
    PrivacyNotice,
    Proposal,
    Reminder,
    Seat,
    User,
)
from members.privacy_notices import publish_first
from tests import factories, spreadsheets
from tests.erased import EMAIL, NAME, PHONE, erase, everything, person
from tests.lists import SOUND, accept, page, uploaded

__all__ = ["person"]  # a fixture
pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
FORMER = "+8613900246811"


@pytest.fixture
def desk(membership_staff: User, signed_in: SignIn) -> Client:
    return signed_in(membership_staff)


def change(person: User, **values: str) -> None:
    known = {name: getattr(person, name) for name in own_data.CORRECTED}
    request = RequestFactory().get("/")
    with request_context(request):  # the letter that tells of it looks there
        own_data.correct(person, **known | values, request=request)
    person.refresh_from_db()


# Lists --------------------------------------------------------------------------------------------
def test_a_list_uploaded_before_does_not_bring_the_erased_back(
    person: User, desk: Client, membership_staff: User
) -> None:
    firm = person.seats.get().organization.name
    kept = uploaded(desk, [["单位名称", "姓名", "手机"], [firm, NAME, "139 0024-6810"]])
    seen = desk.get(page("change", kept)).context["seen"]
    text = desk.get(reverse("admin:members_erasurerequest_erase", args=[person.pk]))
    assert f"上传的名单「{kept.file_name}」里有此人，没有导入，随即作废" in text.content.decode()

    erase(person, by=membership_staff)
    accept(desk, kept, seen)

    kept.refresh_from_db()
    assert kept.state == ListImport.State.ABANDONED
    assert (bytes(kept.sheet), bytes(kept.original)) == (b"", b"")
    assert not User.objects.filter(name=NAME).exists()
    assert PHONE not in everything()
    entry = AuditEntry.objects.get(action="list.abandon")
    assert entry.detail == {"because": "erasure"}
    assert entry.actor == membership_staff.audit_ref


@pytest.mark.parametrize(
    "cells",
    [
        {"会员号": "m24681357"},
        {"手机": "+86 139-0024-6810"},
        {"手机": "１３９００２４６８１０"},
        {"手机": "13900246811"},  # theirs until it was changed
        {"邮箱": " Leaving@Example.org"},
        {"备注": "另一手机139 0024 6810"},
        {"单位名称": "样例 单位甲", "姓名": "甄　要走"},
    ],
)
def test_a_list_names_somebody_however_it_is_written(
    person: User, desk: Client, cells: dict[str, str]
) -> None:
    Organization.objects.filter(seats__person=person).update(name="样例单位甲")
    change(person, phone=FORMER)
    change(person, phone=PHONE)
    row = {"单位名称": "样例乙公司", "姓名": "别人", "备注": ""} | cells
    kept = uploaded(desk, [[*row], [*row.values()]])

    erase(person)

    kept.refresh_from_db()
    assert kept.state == ListImport.State.ABANDONED


def test_what_was_mended_and_further_sheets_are_looked_through_too(
    person: User, desk: Client, membership_staff: User
) -> None:
    mended = uploaded(desk, SOUND)
    keeping.mend(mended, {(2, "phone"): "13900246810"}, by=membership_staff)
    more = spreadsheets.workbook(SOUND, more={"二": [["姓名", "手机"], ["别人", "13900246810"]]})
    second = uploaded(desk, more)

    erase(person)

    for kept in (mended, second):
        kept.refresh_from_db()
        assert kept.state == ListImport.State.ABANDONED


def test_lists_of_others_stay_open(person: User, desk: Client) -> None:
    namesake = [["单位名称", "姓名", "手机"], ["样例乙公司", NAME, "13900000005"]]
    others = [uploaded(desk, SOUND), uploaded(desk, namesake)]

    erase(person)

    for kept in others:
        kept.refresh_from_db()
        assert kept.state == ListImport.State.OPEN
        assert bytes(kept.sheet)


def test_an_erasure_that_is_refused_gives_up_no_list(person: User, desk: Client) -> None:
    kept = uploaded(desk, [["姓名", "手机"], [NAME, "13900246810"]])

    with pytest.raises(ValidationError):
        erase(person, basis="")

    kept.refresh_from_db()
    assert kept.state == ListImport.State.OPEN


def test_a_closed_list_is_not_called_after_anybody(desk: Client) -> None:
    given_up = uploaded(desk, SOUND, name=f"{NAME}.xlsx")
    desk.post(page("abandon", given_up))
    accepted = uploaded(desk, SOUND, name=f"{NAME}.xlsx")
    accept(desk, accepted)

    for kept in (given_up, accepted):
        kept.refresh_from_db()
        assert kept.state != ListImport.State.OPEN
        assert kept.file_name == f"名单 {timezone.localdate()}"
        assert kept.sheet_title == ""
    assert NAME not in everything()


# What was declined ----------------------------------------------------------------------------
def create_declined(by: User, **fields: Any) -> tuple[Application, Proposal]:
    """An application and a proposal of yesterday, declined."""
    notice = PrivacyNotice.objects.first() or publish_first()
    assert notice
    who = {"name": "曾用甄", "phone": "", "email": ""} | fields
    decided: dict[str, Any] = {
        "state": "declined",
        "decided_at": timezone.now(),
        "decided_by": by,
    }
    when = who.pop("at", timezone.now() - dt.timedelta(days=1))
    application = Application.objects.create(
        organization_name="样例单位", notice=notice, created_at=when, **who | decided
    )
    proposal = factories.create_proposal(factories.create_contact(), **who)
    Proposal.objects.filter(pk=proposal.pk).update(proposed_at=when, reason="甄的", **decided)
    return application, proposal


def names(rows: tuple[Application, Proposal]) -> list[str]:
    for row in rows:
        row.refresh_from_db()
    return [row.name for row in rows]


def test_what_was_declined_under_a_former_phone_or_address_is_emptied(
    person: User, membership_staff: User
) -> None:
    by_phone = create_declined(membership_staff, phone=PHONE)
    by_email = create_declined(membership_staff, email=EMAIL)
    change(person, phone=FORMER, email="another@example.org")

    erase(person, by=membership_staff)

    assert names(by_phone) == names(by_email) == ["", ""]
    assert "曾用甄" not in everything()
    assert PHONE not in everything()


def test_so_is_what_came_by_the_phone_of_a_record_merged_into_theirs(
    person: User, membership_staff: User
) -> None:
    other = factories.create_user(name=NAME, phone=FORMER)
    declined = create_declined(membership_staff, phone=FORMER)
    merge(person, other, by=membership_staff)

    erase(person, by=membership_staff)

    assert names(declined) == ["", ""]


def test_who_got_the_number_later_keeps_what_they_wrote(
    person: User, membership_staff: User
) -> None:
    change(person, phone=FORMER)
    later = create_declined(
        membership_staff, phone=PHONE, at=timezone.now() + dt.timedelta(minutes=1)
    )

    erase(person, by=membership_staff)

    assert names(later) == ["曾用甄", "曾用甄"]


# What staff wrote ---------------------------------------------------------------------------------
def test_staff_are_shown_where_else_somebody_is_named(
    person: User, desk: Client, auditor: User
) -> None:
    for number, words in enumerate((f"请找{NAME}", "电话 139 0024 6810", "m24681357", "无关")):
        factories.create_organization(name=f"样例提到{number}", remark=words)
    LeakCase.objects.create(
        title="样例旧案", note=NAME, opened_by=auditor, closed_by=auditor, closed_at=timezone.now()
    )

    text = desk.get(reverse("admin:members_erasurerequest_erase", args=[person.pk]))

    shown = text.content.decode()
    for number in range(3):
        assert f"「样例提到{number}」的备注" in shown
    assert "样例提到3" not in shown
    assert "1 件已结案的泄密追查" in shown
    assert "样例旧案" not in shown, "that is for the auditors"


def test_the_page_is_bounded_however_many_firms_name_them(
    person: User, desk: Client, django_assert_max_num_queries: Any
) -> None:
    for _ in range(25):
        factories.create_organization(remark=NAME)

    with django_assert_max_num_queries(30):
        answer = desk.get(reverse("admin:members_erasurerequest_erase", args=[person.pk]))

    assert answer.content.decode().count("的备注</a>") == 20


def test_what_was_noted_of_a_call_to_the_firms_contact_is_emptied(
    person: User, membership_staff: User
) -> None:
    firm = factories.create_organization()
    Seat.objects.filter(person=person).update(organization=firm, is_contact=True)
    other = factories.create_organization()
    kept = [
        Reminder.objects.create(
            membership=one.memberships.get(),
            last_day=one.memberships.get().last_day,
            kind=Reminder.Kind.WEEK,
            note="本人接的电话",
        )
        for one in (firm, other)
    ]

    erase(person, by=membership_staff)

    assert [Reminder.objects.get(pk=one.pk).note for one in kept] == ["", "本人接的电话"]
