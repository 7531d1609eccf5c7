"""Roles and what each may do, as data. `manage.py sync_roles` writes them as groups.

Nobody can both change members and unmake the traces: no role holds a permission to change or
delete audit entries, and 安全审计 changes nothing but its own leak cases. Who erases people cannot
open what was sealed of them, and the reverse.
"""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    EDITOR = "编辑"
    CHIEF_EDITOR = "主编"
    MEMBERSHIP = "会员管理"
    AUDITOR = "安全审计"
    ADMINISTRATOR = "系统管理员"


READING_ROLES = frozenset({Role.EDITOR, Role.CHIEF_EDITOR, Role.MEMBERSHIP})

_EDITING = frozenset(
    {
        "newsletter.view_issue",
        "newsletter.add_issue",
        "newsletter.change_issue",
        "newsletter.import_issue",
        "newsletter.preview_issue",
        "newsletter.view_section",
        "newsletter.view_article",
        "newsletter.add_article",
        "newsletter.change_article",
        "newsletter.delete_article",
        "newsletter.view_figure",
        "newsletter.add_figure",
        "newsletter.change_figure",
        "newsletter.delete_figure",
        "newsletter.view_attachment",
        "newsletter.add_attachment",
        "newsletter.change_attachment",
        "newsletter.delete_attachment",
        "newsletter.view_doubt",
        "newsletter.change_doubt",
        "newsletter.view_incomingfile",
    }
)

ROLES: dict[Role, frozenset[str]] = {
    Role.EDITOR: _EDITING,
    Role.CHIEF_EDITOR: _EDITING
    | {
        "newsletter.publish_issue",
        "newsletter.change_published",
        "newsletter.delete_issue",
        "newsletter.add_section",
        "newsletter.change_section",
    },
    Role.MEMBERSHIP: frozenset(
        {
            "members.view_user",
            "members.add_user",
            "members.change_user",
            "members.view_organization",
            "members.add_organization",
            "members.change_organization",
            "members.view_seat",
            "members.add_seat",
            "members.change_seat",
            "members.view_membership",
            "members.add_membership",
            "members.change_membership",
            "members.view_erasurerequest",
            "members.erase_people",
            "members.import_list",
            "members.export_people",
            "members.view_reminder",
            "members.change_reminder",
            "members.view_proposal",
            "members.decide_proposal",
            "members.view_application",
            "members.decide_application",
        }
    ),
    Role.AUDITOR: frozenset(
        {
            "members.view_auditentry",
            "members.view_auditpersonal",
            "members.view_sealedlink",
            "members.open_seal",
            "members.view_leakcase",
            "members.add_leakcase",
            "members.change_leakcase",
        }
    ),
    Role.ADMINISTRATOR: frozenset(
        {
            "members.view_user",
            "members.assign_roles",
            "auth.view_group",
            "members.view_privacynotice",
            "members.publish_privacynotice",
        }
    ),
}


def sync_roles() -> None:
    """Make the groups and their permissions equal to `ROLES`; safe to run at any time.

    Raises:
        LookupError: a permission named above does not exist.
    """
    from django.contrib.auth.models import Group, Permission
    from django.db import transaction

    with transaction.atomic():
        known = {
            f"{app}.{codename}": pk
            for pk, app, codename in Permission.objects.values_list(
                "pk", "content_type__app_label", "codename"
            )
        }
        for role, permissions in ROLES.items():
            missing = permissions - known.keys()
            if missing:
                raise LookupError(f"no such permission: {', '.join(sorted(missing))}")
            group, _ = Group.objects.get_or_create(name=role.value)
            group.permissions.set(known[name] for name in permissions)
