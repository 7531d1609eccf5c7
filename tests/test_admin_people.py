"""People and organisations in the admin: who may change whom, and the trace of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import AuditEntry, AuditPersonal, Organization, Seat, User
from tests import factories
from tests.forms import form_of

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def test_staff_keep_people_and_the_trace_keeps_the_values_where_they_can_be_erased(
    membership_staff: User, signed_in: SignIn, member: User
) -> None:
    client = signed_in(membership_staff)
    address = reverse("admin:members_user_change", args=[member.pk])
    values = form_of(client.get(address))

    answer = client.post(address, values | {"name": "新名字", "phone": "139 0000 0001"})

    assert answer.status_code == 302, answer.context["errors"]
    member.refresh_from_db()
    assert (member.name, member.phone) == ("新名字", "+8613900000001")
    entry = AuditEntry.objects.get(action="user.change")
    assert "新名字" not in str(entry.detail)
    kept = AuditPersonal.objects.get(entry=entry, person=member.audit_ref)
    assert kept.values["name"] == ["现任会员", "新名字"]


def test_staff_do_not_touch_those_who_hold_a_role(
    membership_staff: User, administrator: User, signed_in: SignIn
) -> None:
    client = signed_in(membership_staff)
    address = reverse("admin:members_user_change", args=[administrator.pk])
    password = reverse("admin:auth_user_password_change", args=[administrator.pk])

    assert client.post(address, {"name": "x"}).status_code == 403
    assert client.get(password).status_code == 403
    assert client.post(password, {"password1": "x", "password2": "x"}).status_code == 403


def test_staff_give_no_roles_and_make_no_superusers(
    membership_staff: User, member: User, signed_in: SignIn
) -> None:
    client = signed_in(membership_staff)
    address = reverse("admin:members_user_change", args=[member.pk])
    values = form_of(client.get(address))

    client.post(address, values | {"groups": ["1"], "is_superuser": "on", "is_staff": "on"})

    member.refresh_from_db()
    assert not member.groups.exists()
    assert not member.is_superuser


def test_the_administrator_gives_roles_and_changes_nothing_else_of_a_person(
    administrator: User, member: User, signed_in: SignIn
) -> None:
    from django.contrib.auth.models import Group

    client = signed_in(administrator)
    address = reverse("admin:members_user_change", args=[member.pk])
    password = reverse("admin:auth_user_password_change", args=[member.pk])
    values = form_of(client.get(address))
    group = Group.objects.get(name="编辑")

    answer = client.post(address, values | {"groups": [group.pk], "name": "偷改"})

    assert answer.status_code == 302, answer.context["errors"]
    member.refresh_from_db()
    assert member.name == "现任会员"
    assert member.groups.get() == group
    assert client.get(password).status_code == 403


ADD = "/admin/members/user/add/"


def test_a_new_person_sets_their_own_password_unless_staff_say_otherwise(
    membership_staff: User, signed_in: SignIn
) -> None:
    client = signed_in(membership_staff)
    page = client.get(ADD)
    values = form_of(page)
    assert values["usable_password"] == "false"
    words = page.content.decode()
    assert "不设，由本人凭邀请自己设" in words
    assert "/unusable_password_field." in words, "hides the two boxes, without script"
    for word in ("LDAP", "你", "基于密码"):
        assert word not in words, word

    assert client.post(ADD, values | {"name": "甄自设"}).status_code == 302
    assert not User.objects.get(name="甄自设").has_usable_password()

    values = form_of(client.get(ADD)) | {"name": "甄代设", "usable_password": "true"}
    missing = client.post(ADD, values)
    assert "请填写新密码。" in missing.content.decode()
    new = {"password1": "a long sentence", "password2": "a long sentence"}
    assert client.post(ADD, values | new).status_code == 302
    assert User.objects.get(name="甄代设").check_password("a long sentence")


def test_another_password_is_set_and_none_is_taken_away(
    membership_staff: User, member: User, signed_in: SignIn
) -> None:
    client = signed_in(membership_staff)
    address = reverse("admin:auth_user_password_change", args=[member.pk])
    words = client.get(address).content.decode()
    for word in ("LDAP", "你", "基于密码"):
        assert word not in words, word

    for wrong in (
        {},
        {"unset-password": "", "usable_password": "false"},
        {"password1": "a long sentence", "password2": "another sentence"},
        {"password1": "short", "password2": "short"},
    ):
        answer = client.post(address, wrong)
        assert 'role="alert"' in answer.content.decode()
        member.refresh_from_db()
        assert member.check_password(factories.PASSWORD)

    new = {"password1": "a long sentence", "password2": "a long sentence"}
    assert client.post(address, new).status_code == 302
    member.refresh_from_db()
    assert member.check_password("a long sentence")


def test_no_page_shows_a_password_hash(
    membership_staff: User, administrator: User, member: User, signed_in: SignIn
) -> None:
    hashed = member.password.split("$")[-1]
    for who in (membership_staff, administrator):
        client = signed_in(who)
        for name in ("change", "history"):
            address = reverse(f"admin:members_user_{name}", args=[member.pk])
            assert hashed not in client.get(address).content.decode()


def test_an_organisation_with_its_seats_and_memberships_is_kept_on_one_page(
    membership_staff: User, seatless: User, signed_in: SignIn
) -> None:
    client = signed_in(membership_staff)
    address = reverse("admin:members_organization_add")
    values = form_of(client.get(address)) | {
        "name": "样例新会员单位",
        "seat_limit": "3",
        "memberships-TOTAL_FORMS": "1",
        "memberships-0-first_day": "2020-01-01",
        "memberships-0-last_day": "2099-12-31",
        "seats-TOTAL_FORMS": "1",
        "seats-0-person": str(seatless.pk),
        "seats-0-since": "2020-01-01",
    }

    answer = client.post(address, values)

    assert answer.status_code == 302, answer.context["errors"]
    organization = Organization.objects.get(name="样例新会员单位")
    assert organization.seats.get().person == seatless
    assert AuditEntry.objects.filter(action="organization.add").count() == 1


def test_a_membership_that_ends_before_it_begins_is_refused_in_chinese(
    membership_staff: User, signed_in: SignIn, member: User
) -> None:
    client = signed_in(membership_staff)
    answer = client.post(
        reverse("admin:members_membership_add"),
        {"person": member.pk, "first_day": "2030-01-02", "last_day": "2030-01-01"},
    )

    assert "首日不能晚于末日" in answer.content.decode()


def test_giving_and_taking_a_role_is_recorded_by_its_name(
    administrator: User, editor: User, signed_in: SignIn
) -> None:
    from django.contrib.auth.models import Group

    client = signed_in(administrator)
    address = reverse("admin:members_user_change", args=[editor.pk])
    chief = Group.objects.get(name="主编")

    client.post(address, form_of(client.get(address)) | {"groups": [chief.pk]})

    found = AuditEntry.objects.filter(action__startswith="role.").order_by("action")
    assert [(entry.action, entry.detail["role"]) for entry in found] == [
        ("role.grant", "主编"),
        ("role.revoke", "编辑"),
    ]
    assert {entry.subject for entry in found} == {str(editor.audit_ref)}


def test_nobody_gives_a_role_to_themselves(administrator: User, signed_in: SignIn) -> None:
    from django.contrib.auth.models import Group

    client = signed_in(administrator)
    address = reverse("admin:members_user_change", args=[administrator.pk])
    everything = list(Group.objects.values_list("pk", flat=True))

    client.post(address, form_of(client.get(address)) | {"groups": everything})

    assert [group.name for group in administrator.groups.all()] == ["系统管理员"]


def test_a_firms_suspension_does_not_shut_out_who_gives_the_roles(
    administrator: User, auditor: User, signed_in: SignIn
) -> None:
    for person in (administrator, auditor):
        organization = factories.create_organization(suspended_at=timezone.now())
        Seat.objects.create(organization=organization, person=person)

    assert signed_in(administrator).get("/admin/").status_code == 200
    assert signed_in(administrator).get("/").status_code == 403
    assert signed_in(auditor).get("/admin/").status_code == 404


def test_deactivation_ends_sessions_for_good(
    membership_staff: User, member: User, signed_in: SignIn
) -> None:
    theirs = signed_in(member)
    client = signed_in(membership_staff)
    address = reverse("admin:members_user_change", args=[member.pk])
    values = form_of(client.get(address))
    client.post(address, {name: value for name, value in values.items() if name != "is_active"})
    assert not User.objects.get(pk=member.pk).is_active
    client.post(address, values)
    assert User.objects.get(pk=member.pk).is_active

    assert theirs.get("/me/")["Location"].startswith("/accounts/login/")


def test_a_seat_is_recorded_with_whose_it_is(
    membership_staff: User, seatless: User, signed_in: SignIn
) -> None:
    organization = factories.create_organization()
    client = signed_in(membership_staff)
    address = reverse("admin:members_organization_change", args=[organization.pk])
    client.post(
        address,
        form_of(client.get(address))
        | {
            "seats-TOTAL_FORMS": "1",
            "seats-0-person": str(seatless.pk),
            "seats-0-since": "2020-01-01",
        },
    )

    entry = AuditEntry.objects.get(action="seat.add")
    assert entry.detail["of"] == {
        "organization": str(organization.pk),
        "person": str(seatless.audit_ref),
    }


def test_the_administrator_stops_a_holder_of_a_role(
    administrator: User, editor: User, signed_in: SignIn
) -> None:
    client = signed_in(administrator)
    address = reverse("admin:members_user_change", args=[editor.pk])
    values = form_of(client.get(address))
    del values["is_active"]

    client.post(address, values)

    assert not User.objects.get(pk=editor.pk).is_active


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{"is_contact": "on"}, {"is_contact": "on"}], "已有联系人"),
        ([{"person": "same"}, {"person": "same"}], "已有现任席位"),
        ([{"until": "2999-01-01"}], "不能填将来"),
        ([{"since": "2020-01-02", "until": "2020-01-01"}], "不能早于"),
    ],
)
def test_seats_that_break_a_rule_are_told_on_their_line(
    membership_staff: User, signed_in: SignIn, rows: list[dict[str, str]], words: str
) -> None:
    organization = factories.create_organization()
    people = [factories.create_user() for _ in rows]
    client = signed_in(membership_staff)
    address = reverse("admin:members_organization_change", args=[organization.pk])
    values = form_of(client.get(address)) | {"seats-TOTAL_FORMS": str(len(rows))}
    for number, row in enumerate(rows):
        person = people[0] if row.pop("person", "") else people[number]
        values |= {f"seats-{number}-person": str(person.pk), f"seats-{number}-since": "2020-01-01"}
        values |= {f"seats-{number}-{name}": value for name, value in row.items()}

    answer = client.post(address, values)

    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert not organization.seats.exists()


def test_a_second_current_seat_is_refused_from_the_persons_page(
    membership_staff: User, member: User, signed_in: SignIn
) -> None:
    client = signed_in(membership_staff)
    address = reverse("admin:members_user_change", args=[member.pk])
    values = form_of(client.get(address)) | {
        "seats-TOTAL_FORMS": "2",
        "seats-1-organization": str(factories.create_organization().pk),
        "seats-1-since": "2020-01-01",
    }

    answer = client.post(address, values)

    assert "已有现任席位" in answer.content.decode()
    assert member.seats.count() == 1


def test_two_memberships_from_one_day_are_refused(
    membership_staff: User, signed_in: SignIn
) -> None:
    organization = factories.create_organization()
    client = signed_in(membership_staff)
    address = reverse("admin:members_organization_change", args=[organization.pk])
    first = organization.memberships.get().first_day
    values = form_of(client.get(address)) | {
        "memberships-TOTAL_FORMS": "2",
        "memberships-1-first_day": str(first),
        "memberships-1-last_day": "2099-12-31",
    }

    answer = client.post(address, values)

    assert "已有从这一天开始的会籍" in answer.content.decode()
    assert organization.memberships.count() == 1


def test_a_suspension_in_the_future_is_refused(
    membership_staff: User, member: User, signed_in: SignIn
) -> None:
    client = signed_in(membership_staff)
    address = reverse("admin:members_user_change", args=[member.pk])
    values = form_of(client.get(address)) | {
        "suspended_at_0": "2999-01-01",
        "suspended_at_1": "00:00",
    }

    assert "不能填将来" in client.post(address, values).content.decode()


def test_a_nul_in_an_address_is_no_query_for_the_database(
    membership_staff: User, signed_in: Callable[[User], Client]
) -> None:
    client = signed_in(membership_staff)
    for address in ("user/?q=%00", "application/?state__exact=%00", "reminder/?page=%00"):
        assert client.get(f"/admin/members/{address}").status_code == 400
