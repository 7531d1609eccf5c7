"""Roles are data: who may do what, and who may never do both of two things."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.test import Client

from members import roles
from members.models import User
from members.roles import READING_ROLES, ROLES, Role, sync_roles

pytestmark = pytest.mark.django_db


def held(name: str) -> set[str]:
    permissions = Permission.objects.filter(group__name=name)
    return set(permissions.values_list("codename", flat=True))


def test_every_role_is_a_group_with_the_permissions_of_the_table() -> None:
    for role, permissions in ROLES.items():
        assert held(role.value) == {name.partition(".")[2] for name in permissions}


def test_every_permission_of_the_table_exists() -> None:
    known = {f"{app}.{codename}" for app, codename in Permission.objects.values_list(
        "content_type__app_label", "codename"
    )}  # fmt: skip

    assert set().union(*ROLES.values()) <= known


def test_synchronising_mends_what_was_changed_by_hand_and_can_be_repeated() -> None:
    group = Group.objects.get(name=Role.AUDITOR.value)
    group.permissions.set(Permission.objects.filter(codename__in=["add_user", "view_auditentry"]))
    Group.objects.filter(name=Role.EDITOR.value).delete()

    for _ in range(2):
        call_command("sync_roles", verbosity=0)

    test_every_role_is_a_group_with_the_permissions_of_the_table()


def test_a_role_with_an_unknown_permission_is_refused_and_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = {role: held(role.value) for role in Role}
    monkeypatch.setattr(
        roles,
        "ROLES",
        {Role.AUDITOR: frozenset(), Role.EDITOR: frozenset({"newsletter.fly"})},
    )

    with pytest.raises(LookupError, match=r"newsletter\.fly"):
        sync_roles()

    assert {role: held(role.value) for role in Role} == before


def test_nobody_may_change_or_delete_the_audit_trail() -> None:
    for role in Role:
        for act in ("add", "change", "delete"):
            assert not {name for name in held(role.value) if name.startswith(f"{act}_audit")}


def test_an_auditor_opens_seals_and_leak_cases_and_changes_nothing_else() -> None:
    acts = {name for name in held(Role.AUDITOR.value) if not name.startswith("view_")}

    assert acts == {"add_leakcase", "change_leakcase", "open_seal"}


def test_who_erases_people_cannot_open_what_was_sealed_of_them_and_the_reverse() -> None:
    def holders(permission: str) -> list[Role]:
        return [role for role in Role if permission in held(role.value)]

    assert holders("erase_people") == [Role.MEMBERSHIP]
    assert holders("open_seal") == [Role.AUDITOR]


def test_who_keeps_members_gives_no_roles_and_the_reverse() -> None:
    assert "assign_roles" not in held(Role.MEMBERSHIP.value)
    assert "change_user" not in held(Role.ADMINISTRATOR.value)


def test_only_the_chief_editor_publishes() -> None:
    assert [role for role in Role if "publish_issue" in held(role.value)] == [Role.CHIEF_EDITOR]


def test_which_roles_read() -> None:
    assert {Role.EDITOR, Role.CHIEF_EDITOR, Role.MEMBERSHIP} == READING_ROLES


@pytest.mark.parametrize(
    ("person", "sees", "misses"),
    [
        ("editor", "newsletter/issue", "members/user"),
        ("chief_editor", "newsletter/section", "members/auditentry"),
        ("membership_staff", "members/organization", "newsletter/issue"),
        ("auditor", "members/auditentry", "members/user"),
        ("administrator", "members/user", "members/auditentry"),
    ],
)
def test_each_role_finds_its_own_desk_and_no_other(
    request: pytest.FixtureRequest,
    signed_in: Callable[[User], Client],
    person: str,
    sees: str,
    misses: str,
) -> None:
    client = signed_in(request.getfixturevalue(person))

    assert client.get(f"/admin/{sees}/").status_code == 200
    assert client.get(f"/admin/{misses}/").status_code == 403


def test_member_staff_cannot_become_an_administrator(
    membership_staff: User, administrator: User, signed_in: Callable[[User], Client]
) -> None:
    client = signed_in(membership_staff)
    for target in (administrator, membership_staff):
        address = f"/admin/members/user/{target.pk}"
        answer = client.post(
            f"{address}/password/",
            {"usable_password": "true", "password1": "taken over 1", "password2": "taken over 1"},
        )
        assert answer.status_code == 403
        assert client.post(f"{address}/change/", {"is_active": ""}).status_code == 403

    administrator.refresh_from_db()
    assert not administrator.check_password("taken over 1")
    assert administrator.is_active


def test_member_staff_cannot_give_a_role_through_the_form(
    membership_staff: User, member: User, signed_in: Callable[[User], Client]
) -> None:
    group = Group.objects.get(name=Role.ADMINISTRATOR.value)
    form: dict[str, object] = {
        "name": "改名",
        "email": "",
        "phone": "",
        "is_active": "on",
        "groups": [group.pk],
        "is_superuser": "on",
    }
    for prefix in ("seats", "memberships"):
        form |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}

    answer = signed_in(membership_staff).post(f"/admin/members/user/{member.pk}/change/", form)

    assert answer.status_code == 302
    member.refresh_from_db()
    assert member.name == "改名"
    assert not member.groups.exists()
    assert not member.is_superuser
