"""注销: asked for on one's own page, looked at, refused or done at the desk of staff."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import (
    AuditEntry,
    ErasureRequest,
    LeakCase,
    Seat,
    User,
)
from tests import factories
from tests.erased import NAME, erase, everything, person
from tests.factories import PASSWORD

__all__ = ["person"]  # a fixture
pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
State = ErasureRequest.State

ASK, WITHDRAW = "/me/data/erase/", "/me/data/erase/withdraw/"


def desk_of(person: User) -> str:
    return reverse("admin:members_erasurerequest_erase", args=[person.pk])


# Asking ---------------------------------------------------------------------------------------
def test_a_member_asks_sees_the_state_and_takes_it_back(person: User, signed_in: SignIn) -> None:
    client = signed_in(person)
    page = client.get(ASK).content.decode()
    assert "封存 183 天" in page
    assert person.seats.get().organization.name in page

    assert client.post(ASK, {"password": PASSWORD}).status_code == 302

    assert "正在办理，收到后 15 个工作日内办完" in client.get("/me/data/").content.decode()
    asked = ErasureRequest.objects.get(person=person)
    assert asked.state == State.PENDING
    assert client.get(ASK).status_code == 302, "once is enough"

    client.post(WITHDRAW)

    asked.refresh_from_db()
    assert asked.state == State.WITHDRAWN
    assert "申请注销并删除" in client.get("/me/data/").content.decode()
    assert list(
        AuditEntry.objects.filter(action__startswith="erasure.")
        .order_by("pk")
        .values_list("action", "actor")
    ) == [("erasure.ask", person.audit_ref), ("erasure.withdraw", person.audit_ref)]


@pytest.mark.parametrize("password", ["", "wrong"])
def test_without_the_password_nothing_is_asked_for(
    person: User, signed_in: SignIn, password: str
) -> None:
    answer = signed_in(person).post(ASK, {"password": password})

    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not ErasureRequest.objects.exists()


def test_asking_twice_is_asking_once(person: User, signed_in: SignIn) -> None:
    for _ in range(2):
        signed_in(person).post(ASK, {"password": PASSWORD})

    assert ErasureRequest.objects.count() == 1
    assert AuditEntry.objects.filter(action="erasure.ask").count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        ErasureRequest.objects.create(person=person)


def test_what_was_never_asked_for_is_not_taken_back(person: User, signed_in: SignIn) -> None:
    answer = signed_in(person).post(WITHDRAW, follow=True)

    assert "没有待办的注销申请" in answer.content.decode()
    assert signed_in(person).get(WITHDRAW).status_code == 405
    assert not AuditEntry.objects.filter(action__startswith="erasure.").exists()


def test_nobody_can_tell_from_their_page_that_a_leak_is_looked_for(
    person: User, auditor: User, signed_in: SignIn
) -> None:
    client = signed_in(person)
    client.post(ASK, {"password": PASSWORD})
    without = section_on_erasure(client)

    LeakCase.objects.create(title="样例追查", opened_by=auditor)

    assert "依法须暂缓的" in without
    assert section_on_erasure(client) == without


def section_on_erasure(client: Client) -> str:
    page = client.get("/me/data/").content.decode()
    section = page[page.index('id="erase"') :]
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"|nonce="[^"]+"', "", section)


# What stands in the way --------------------------------------------------------------------------
def refused(person: User, words: str, **more: Any) -> None:
    before = everything()
    with pytest.raises(ValidationError) as error:
        erase(person, **more)
    assert words in " ".join(error.value.messages)
    assert everything() == before


def test_who_holds_a_role_is_not_erased_before_it_is_taken(person: User, editor: User) -> None:
    refused(editor, "请先由系统管理员收回角色")
    refused(User.objects.create_superuser("ROOT1", password="x" * 12), "收回角色")

    editor.groups.clear()

    erase(editor)


def test_a_contact_hands_over_first_unless_nobody_is_there(person: User) -> None:
    organization = person.seats.get().organization
    person.seats.update(is_contact=True)
    colleague = Seat.objects.create(organization=organization, person=factories.create_user())
    refused(person, f"是「{organization}」的联系人。请先更换联系人")

    colleague.until = timezone.localdate()
    colleague.save()

    erase(person)


def test_while_a_leak_case_is_open_nobody_is_erased(person: User, auditor: User) -> None:
    case = LeakCase.objects.create(title="样例追查", opened_by=auditor)
    refused(person, "有泄密追查在办，依法暂缓删除")

    LeakCase.objects.filter(pk=case.pk).update(closed_at=timezone.now(), closed_by=auditor)

    erase(person)


def test_without_a_request_there_must_be_a_basis(person: User) -> None:
    refused(person, "请写明依据", basis=" ")


def test_nobody_is_erased_twice(person: User) -> None:
    erase(person)

    refused(User.objects.get(pk=person.pk), "已经注销")


# The desk -----------------------------------------------------------------------------------------
def test_staff_find_those_who_asked_the_longest_waiting_first(
    person: User, membership_staff: User, signed_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    now = timezone.now()
    for age, state in ((1, State.PENDING), (3, State.PENDING), (2, State.WITHDRAWN)):
        ErasureRequest.objects.create(
            person=factories.create_user(name=f"等了{age}天"),
            asked_at=now - dt.timedelta(days=age),
            state=state,
            closed_at=None if state == State.PENDING else now,
        )
    client = signed_in(membership_staff)

    with django_assert_max_num_queries(7):
        page = client.get("/admin/members/erasurerequest/").content.decode()

    assert page.index("等了3天") < page.index("等了1天") < page.index("等了2天")
    assert page.count(">办理</a>") == 2


def test_staff_look_check_and_erase(
    person: User, membership_staff: User, signed_in: SignIn
) -> None:
    signed_in(person).post(ASK, {"password": PASSWORD})
    client = signed_in(membership_staff)
    page = client.get(desk_of(person)).content.decode()
    assert "本人在" in page
    assert "不能恢复" in page

    unchecked = client.post(desk_of(person), {"basis": ""})
    assert "请先核对，再勾选" in unchecked.content.decode()
    assert User.objects.get(pk=person.pk).name == NAME

    answer = client.post(desk_of(person), {"basis": "", "checked": "on"}, follow=True)

    assert answer.redirect_chain == [("/admin/members/erasurerequest/", 302)]
    assert str(person.audit_ref) in answer.content.decode()
    assert User.objects.get(pk=person.pk).erased_at
    assert client.get(desk_of(person)).status_code == 404
    # Nowhere to be found or chosen any more.
    assert "已注销" not in client.get("/admin/members/user/").content.decode()
    for name in ("change", "history"):
        address = reverse(f"admin:members_user_{name}", args=[person.pk])
        assert client.get(address).status_code == 302


def test_on_a_written_request_staff_say_what_there_is(
    person: User, membership_staff: User, signed_in: SignIn
) -> None:
    client = signed_in(membership_staff)
    answer = client.post(desk_of(person), {"basis": "", "checked": "on"})
    assert "请写明依据" in answer.content.decode()

    client.post(desk_of(person), {"basis": f"{NAME}的书面申请", "checked": "on"})

    assert User.objects.get(pk=person.pk).erased_at
    assert NAME not in everything(), "what staff wrote is sealed too"


def test_the_desk_says_what_stands_in_the_way_and_offers_no_button(
    person: User, auditor: User, membership_staff: User, signed_in: SignIn
) -> None:
    LeakCase.objects.create(title="样例追查", opened_by=auditor)
    client = signed_in(membership_staff)

    page = client.get(desk_of(person)).content.decode()
    assert "依法暂缓删除" in page
    assert "已核对是本人的要求" not in page
    answer = client.post(desk_of(person), {"basis": "书面申请", "checked": "on"})

    assert answer.status_code == 200
    assert not User.objects.get(pk=person.pk).erased_at


@pytest.mark.parametrize("who", ["editor", "chief_editor", "auditor", "administrator"])
def test_no_other_role_erases_or_sees_who_asked(
    request: pytest.FixtureRequest, person: User, signed_in: SignIn, who: str
) -> None:
    client = signed_in(request.getfixturevalue(who))

    for answer in (
        client.get("/admin/members/erasurerequest/"),
        client.get(desk_of(person)),
        client.post(desk_of(person), {"basis": "书面申请", "checked": "on"}),
    ):
        assert answer.status_code == 403
    assert User.objects.get(pk=person.pk).name == NAME


def test_staff_cannot_erase_who_holds_a_role(
    membership_staff: User, administrator: User, signed_in: SignIn
) -> None:
    client = signed_in(membership_staff)

    assert client.get(desk_of(administrator)).status_code == 403
    answer = client.post(desk_of(administrator), {"basis": "x", "checked": "on"})

    assert answer.status_code == 403
    administrator.groups.set([Group.objects.get(name="系统管理员")])
    assert not User.objects.get(pk=administrator.pk).erased_at


def test_looking_at_the_desk_erases_nobody(
    person: User, membership_staff: User, signed_in: SignIn
) -> None:
    client = signed_in(membership_staff)

    client.get(desk_of(person), {"basis": "书面申请", "checked": "on"})

    assert not User.objects.get(pk=person.pk).erased_at
