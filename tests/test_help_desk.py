"""Help at the desk: somebody on the telephone is found, verified and let in again."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members import audit, verifying
from members.admin.searching import readings
from members.invitations import Channel, invite
from members.models import AuditEntry, AuditPersonal, Invitation, Seat, User
from tests import factories
from tests.everything import everything
from tests.invited import redeem

SignIn = Callable[[User], Client]
NOTE = "拨回登记的手机号，本人接听"


@pytest.fixture
def caller(db: None) -> User:
    """Has signed in before, has no e-mail and has forgotten the password."""
    user = factories.create_member(name="甄来电", phone="+8613900002468")
    user.last_login = timezone.now()
    user.save()
    return user


def verify(client: Client, person: User, **values: str) -> Any:
    return client.post(f"/admin/members/user/{person.pk}/verify/", values)


# Verified -------------------------------------------------------------------------------------
def test_who_is_verified_on_the_telephone_gets_one_new_slip_and_is_out_everywhere_at_once(
    caller: User, membership_staff: User, signed_in: SignIn
) -> None:
    theirs = signed_in(caller)
    former = invite([caller], by=audit.COMMAND_LINE, channel=Channel.SLIP, verified=True)[0]

    answer = verify(signed_in(membership_staff), caller, note=NOTE, verified="on")

    [token] = set(re.findall(r"/join/([a-z2-7]{52})", answer.content.decode()))
    assert theirs.get("/me/")["Location"].startswith("/accounts/login/")
    assert redeem(former.token).status_code == 404
    assert redeem(token).status_code == 302
    assert Invitation.objects.filter(redeemed_at__isnull=False).count() == 1


def test_how_it_was_done_is_in_the_trail_where_it_can_be_erased(
    caller: User, membership_staff: User, signed_in: SignIn
) -> None:
    verify(signed_in(membership_staff), caller, note=f"  {NOTE} ", verified="on")

    entry = AuditEntry.objects.get(action="user.verify")
    assert (entry.subject, entry.actor) == (str(caller.audit_ref), membership_staff.audit_ref)
    assert NOTE not in str(entry.detail)
    kept = AuditPersonal.objects.get(entry=entry, person=caller.audit_ref)
    assert kept.values == {"note": NOTE}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"note": NOTE}, "请在核对身份之后勾选"),
        ({"verified": "on"}, "请写明怎样核对"),
        ({"note": "　 ", "verified": "on"}, "请写明怎样核对"),
        ({"note": "x" * 201, "verified": "on"}, "200"),
        ({}, "没有核对，不能发登录条"),
    ],
)
def test_without_the_statement_and_the_note_there_is_no_slip(
    caller: User,
    membership_staff: User,
    signed_in: SignIn,
    values: dict[str, str],
    words: str,
) -> None:
    client = signed_in(membership_staff)
    before = everything()

    answer = verify(client, caller, **values)

    assert words in answer.content.decode()
    assert everything() == before


@pytest.mark.parametrize("state", ["suspended", "inactive"])
def test_whom_the_door_is_closed_to_gets_no_slip_by_telephone(
    caller: User, membership_staff: User, signed_in: SignIn, state: str
) -> None:
    change = {"suspended_at": timezone.now()} if state == "suspended" else {"is_active": False}
    User.objects.filter(pk=caller.pk).update(**change)
    client = signed_in(membership_staff)
    before = everything()

    answer = client.get(f"/admin/members/user/{caller.pk}/verify/")
    assert "不能发登录条" in answer.content.decode()
    assert "<form" not in answer.content.decode().split('class="desk"')[1]
    answer = verify(client, caller, note=NOTE, verified="on")
    assert "不能发登录条" in answer.content.decode()
    assert everything() == before


def test_the_page_has_what_is_to_be_asked_and_a_look_does_nothing(
    caller: User, membership_staff: User, signed_in: SignIn
) -> None:
    organization = caller.seats.get().organization
    contact = factories.create_user(name="某联系人")
    Seat.objects.create(organization=organization, person=contact, is_contact=True)
    client = signed_in(membership_staff)
    before = everything()

    page = client.get(
        f"/admin/members/user/{caller.pk}/verify/", {"note": NOTE, "verified": "on"}
    ).content.decode()

    for words in ("2468", organization.name, "某联系人", "说对了单位"):
        assert words in page
    assert everything() == before


@pytest.mark.django_db
def test_a_holder_of_a_role_is_verified_by_none_but_those_who_give_roles(
    editor: User, membership_staff: User, signed_in: SignIn
) -> None:
    client = signed_in(membership_staff)
    before = everything()
    assert verify(client, editor, note=NOTE, verified="on").status_code == 403
    assert client.get(f"/admin/members/user/{editor.pk}/verify/").status_code == 403
    assert everything() == before

    root = User.objects.create_superuser("ROOT1", password=factories.PASSWORD)
    assert verify(signed_in(root), editor, note=NOTE, verified="on").status_code == 200
    assert Invitation.objects.get().person == editor


@pytest.mark.parametrize("action", ["user.verify", "invitation.send"])
def test_without_its_entry_nobody_is_let_in_and_nobody_put_out(
    caller: User, membership_staff: User, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    before = everything()
    record = audit.record

    def fail(name: str, **values: Any) -> Any:
        if name == action:
            raise RuntimeError("the trail is closed")
        return record(name, **values)

    monkeypatch.setattr(audit, "record", fail)
    with pytest.raises(RuntimeError):
        verifying.verify(caller, note=NOTE, by=membership_staff)
    assert everything() == before


# One place for the rule ---------------------------------------------------------------------
def test_nobody_who_has_signed_in_before_gets_a_slip_without_a_telephone_check(
    caller: User, membership_staff: User, signed_in: SignIn
) -> None:
    client = signed_in(membership_staff)
    before = everything()

    with pytest.raises(ValidationError, match="先电话核对"):
        invite([caller], by=membership_staff, channel=Channel.SLIP)
    answer = client.post(
        "/admin/members/user/",
        {"action": "print_slips", "_selected_action": [caller.pk], "confirmed": "1"},
    )
    assert "请在其人员页上先电话核对" in answer.content.decode()
    assert everything() == before


def test_a_persons_page_offers_the_slip_that_is_right_for_them(
    caller: User, membership_staff: User, signed_in: SignIn
) -> None:
    new = factories.create_member(name="甄新来", phone="+8613900001357")
    client = signed_in(membership_staff)
    for person, prints in ((caller, False), (new, True)):
        page = client.get(f"/admin/members/user/{person.pk}/change/").content.decode()
        assert (page.count("打印登录条") == 1) is prints
        assert f"/admin/members/user/{person.pk}/verify/" in page


# Found ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("张三", ["张三"]),
        ("  ＺＬ　精工 ", ["ZL 精工"]),
        ("138 0013", ["1380013"]),
        ("138-0013", ["1380013", "138-0013"]),
        ("１３８００１３", ["1380013"]),
        ("138 0013 8000", ["+8613800138000"]),
        ("+86 138 0013 8000", ["+8613800138000"]),
        ("0086 138 0013", ["00861380013", "861380013"]),
        ("021-6888 0000", ["+862168880000"]),
        ("0013", ["0013"]),
        ("M10000001", ["M10000001"]),
        ("T-001", ["T-001"]),
        ("2020-001", ["2020001", "2020-001"]),
        ("冯 010-8855", ["冯 010-8855", "冯 0108855", "冯 108855"]),
        ("zl 138 0013 8000 精工", ["zl 138 0013 8000 精工", "zl +8613800138000 精工"]),
        ("", [""]),
        ("--", ["--"]),
    ],
)
def test_what_is_typed_is_read_as_it_is_meant(written: str, expected: list[str]) -> None:
    assert readings(written) == expected


def found_in(client: Client, model: str, written: str) -> set[int]:
    page = client.get(f"/admin/members/{model}/", {"q": written})
    return {one.pk for one in page.context["cl"].result_list}


@pytest.fixture
def directory(db: None) -> User:
    organization = factories.create_organization(name="样例市精工机械有限公司")
    user = factories.create_user(
        "2020-0007", name="张磊", phone="+8613800138000", email="zhang.lei@example.org"
    )
    Seat.objects.create(organization=organization, person=user)
    for number in range(3):
        factories.create_member(name=f"他人{number}", phone=f"+86139000000{number:02d}")
    factories.create_user(name="固话人", phone="+862168880000")
    return user


@pytest.mark.parametrize(
    "written",
    [
        "张磊",
        "磊",
        "zl",
        "ZL",
        "ｚｌ",
        "2020-0007",
        "20-0007",
        "138 0013",
        "138-0013",
        "1380013",
        "１３８　００１３",
        "13800138000",
        "+86 138 0013 8000",
        "0086 138 0013",
        "38 00",
        "zhang.lei@",
        "ZHANG.LEI",
        "精工",
        "jgjx",
        "JGJX",
        "张 精工",
        "ZL JGJX",
        "磊 138",
        "张　磊",
    ],
)
def test_a_person_is_found_by_any_part_of_what_is_known_of_them(
    directory: User, membership_staff: User, signed_in: SignIn, written: str
) -> None:
    client = signed_in(membership_staff)
    assert found_in(client, "user", written) == {directory.pk}
    asked = {"term": written, "app_label": "members", "model_name": "seat", "field_name": "person"}
    answer = client.get("/admin/autocomplete/", asked).json()
    assert [one["id"] for one in answer["results"]] == [str(directory.pk)]


@pytest.mark.parametrize(
    "written", ["021-6888", "021 6888 0000", "68880000", "固话人 021-6888", "021 6888 0000 固话"]
)
def test_a_line_is_found_with_the_zero_that_is_dialled_before_it(
    directory: User, membership_staff: User, signed_in: SignIn, written: str
) -> None:
    [pk] = found_in(signed_in(membership_staff), "user", written)
    assert User.objects.get(pk=pk).name == "固话人"


@pytest.mark.parametrize(
    "written", ["138 0013", "ZL", "jgjx", "精工 张", "样例市 机械", "ＪＧＪＸ"]
)
def test_a_firm_is_found_by_its_people_too(
    directory: User, membership_staff: User, signed_in: SignIn, written: str
) -> None:
    found = found_in(signed_in(membership_staff), "organization", written)
    assert found == {directory.seats.get().organization_id}


@pytest.mark.parametrize("written", ["139 0013", "张 138 9999", "李", "1380013x", "%", "zl jgjy"])
def test_what_fits_nobody_finds_nobody(
    directory: User, membership_staff: User, signed_in: SignIn, written: str
) -> None:
    assert found_in(signed_in(membership_staff), "user", written) == set()


@pytest.mark.parametrize("written", ["样例", "138-0013", "yl", "139 0000"])
def test_a_search_asks_as_many_queries_for_one_as_for_many(
    membership_staff: User, signed_in: SignIn, written: str
) -> None:
    client = signed_in(membership_staff)

    def look() -> int:
        with CaptureQueriesContext(connection) as asked:
            found_in(client, "user", written)
        return len(asked)

    def add(number: int) -> None:
        factories.create_member(
            member_number=f"138-0013-{number}",
            name=f"样例人{number}",
            phone=f"+861390000{number:04d}",
        )

    add(0)
    few = look()
    for number in range(1, 8):
        add(number)
    assert look() == few
    assert few < 12
