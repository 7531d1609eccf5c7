"""Names and places are one line of what can be seen, whoever wrote them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from members.models import Application, Organization, Proposal, User
from members.one_line import one_line
from tests import factories
from tests.forms import form_of

SignIn = Callable[[User], Client]
UNSEEN = (
    "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069"
    "\u061c\ufeff\u00ad\0\x07\x1b\x7f\u3164\u2800"
)
# Three characters in NFC where it was one.
GROWS = "\ufb2c"


def test_nothing_unseen_is_left() -> None:
    for one in UNSEEN:
        assert one_line(f"{one}甄{one}会员{one}") == "甄会员", ascii(one)


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("甄\n会员", "甄 会员"),
        ("甄\r\n\t 会员", "甄 会员"),
        ("　甄　 会员\u2028", "甄 会员"),
        ("Jose\u0301", "José"),
        ("艾力·买买提", "艾力·买买提"),
        ("葛\U000e0100", "葛\U000e0100"),  # a variant of a character is part of a name
        ("", ""),
    ],
)
def test_it_is_one_line_and_what_is_seen_stays(written: str, line: str) -> None:
    assert one_line(written) == line


@given(st.text())
def test_once_is_enough_whatever_it_is(text: str) -> None:
    line = one_line(text)

    assert one_line(line) == line
    assert line == line.strip()
    assert len(line.splitlines()) <= 1
    assert unicodedata.is_normalized("NFC", line)


# The rows ----------------------------------------------------------------------------------
SPOILT, TIDY = " 样例\u202e\n名\u200b字 ", "样例 名字"


@pytest.mark.django_db
def test_every_row_that_has_a_name_keeps_it_tidy() -> None:
    person = User.objects.create_user(name=SPOILT)
    firm = Organization(name=SPOILT, region=SPOILT, industry=SPOILT)
    firm.full_clean()
    asks = factories.create_application()
    asks.organization_name = asks.region = asks.industry = asks.name = SPOILT
    asks.full_clean()
    proposed = Proposal(
        organization=factories.create_organization(),
        proposed_by=person,
        name=SPOILT,
        phone="13812345678",
    )
    proposed.full_clean()

    assert person.name == proposed.name == TIDY
    assert {firm.name, firm.region, firm.industry} == {TIDY}
    assert {asks.organization_name, asks.region, asks.industry, asks.name} == {TIDY}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("written", "words"), [("\u200b\u2066", "姓名里没有看得见的字"), (GROWS * 50, "50")]
)
def test_what_is_nothing_or_too_long_afterwards_is_refused(written: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        User.objects.create_user(name=written)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "written",
    ["https://example.org", "领奖 WWW.example.org", "ｈｔｔｐ：／／例.example", "www．例"],
)
def test_no_stranger_and_no_contact_puts_an_address_into_a_name(written: str) -> None:
    asks = factories.create_application()
    asks.organization_name = asks.name = asks.region = written
    with pytest.raises(ValidationError) as told:
        asks.full_clean()
    assert told.value.message_dict.keys() == {"organization_name", "name", "region"}
    assert "单位名称里不能有网址" in str(told.value)

    proposed = Proposal(organization=factories.create_organization(), name=written)
    with pytest.raises(ValidationError, match="姓名里不能有网址"):
        proposed.clean()


# The pages ---------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_stranger_is_told_at_the_box(settings: Any) -> None:
    settings.APPLICATIONS_OPEN = True
    notice = factories.create_notice()
    answer = Client().post(
        "/apply/",
        {
            "organization_name": "样例单位 www.example.org",
            "region": "样例省",
            "name": "甄\u200b申请",
            "phone": "13911112222",
            "consent": str(notice.version),
        },
    )

    assert answer.status_code == 200
    [field] = answer.context["form"].errors
    assert field == "organization_name"
    assert not Application.objects.exists()


@pytest.mark.django_db
def test_a_contact_is_told_in_the_page(signed_in: SignIn) -> None:
    client = signed_in(factories.create_contact())
    values = {"name": "乙 http://example.org", "phone": "13812345678"}

    answer = client.post("/organization/propose/", values)

    assert "姓名里不能有网址" in answer.content.decode()
    assert not Proposal.objects.exists()


@pytest.mark.django_db
def test_staff_and_the_person_write_it_tidy(membership_staff: User, signed_in: SignIn) -> None:
    person = factories.create_member(name="甄会员")
    client = signed_in(membership_staff)
    address = reverse("admin:members_user_change", args=[person.pk])
    assert client.post(address, form_of(client.get(address)) | {"name": SPOILT}).status_code == 302
    assert User.objects.get(pk=person.pk).name == TIDY

    values = {"name": f"乙{SPOILT}", "password": factories.PASSWORD}
    assert signed_in(person).post("/me/data/correct/", values).status_code == 302
    assert User.objects.get(pk=person.pk).name == f"乙 {TIDY}"


# What stands there from before a rule was made ---------------------------------------------
@pytest.fixture
def old(db: None) -> User:
    """Somebody whose number and phone no rule of today would let pass."""
    person = factories.create_member(name="甄旧会员")
    User.objects.filter(pk=person.pk).update(member_number="13912345678", phone="+8612")
    person.refresh_from_db()
    return person


def test_a_form_without_the_field_does_not_fail_by_it(
    old: User, membership_staff: User, administrator: User, signed_in: SignIn
) -> None:
    address = reverse("admin:members_user_change", args=[old.pk])
    for actor in (membership_staff, administrator):
        client = signed_in(actor)
        answer = client.post(address, form_of(client.get(address)) | {"remark": "看过"})
        assert answer.status_code == 302, answer.context["errors"]

    assert User.objects.get(pk=old.pk).member_number == "13912345678"
    assert User.objects.get(pk=old.pk).remark == "看过"


def test_nor_does_the_page_on_which_people_correct_their_own_data(
    old: User, signed_in: SignIn
) -> None:
    client = signed_in(old)
    values = {"name": "甄新名", "phone": "", "password": factories.PASSWORD}

    assert client.post("/me/data/correct/", values).status_code == 302
    assert User.objects.get(pk=old.pk).name == "甄新名"


def test_a_new_or_changed_number_is_still_held_to_the_rule(old: User) -> None:
    old.clean()
    old.member_number = "13912345679"
    with pytest.raises(ValidationError, match="会员号不能是一个电话号码"):
        old.clean()
