"""System checks of what the database must hold for the audit trail to be worth its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning
from django.db import connections

from members.audit_triggers import TRIGGERS
from members.models import User


@register(Tags.database, deploy=True)
def superusers_are_few(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """A superuser has every role at once, which separation of duties means to prevent."""
    if not databases or "members_user" not in connections["default"].introspection.table_names():
        return []
    count = User.objects.filter(is_superuser=True, is_active=True).count()
    if not count:
        return []
    return [
        CheckWarning(
            f"有 {count} 个启用的超级用户：他们同时拥有一切角色。",
            hint="日常请用“系统管理员”等角色，把超级用户停用。",
            id="members.W001",
        )
    ]


@register(Tags.database)
def audit_triggers_are_there(
    databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """SQLite drops triggers whenever a table is rebuilt, so a migration can lose them."""
    problems: list[CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        with connection.cursor() as cursor:
            if "members_auditentry" not in connection.introspection.table_names(cursor):
                continue
            if connection.vendor == "sqlite":
                cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            else:
                # A trigger that was switched off guards nothing.
                cursor.execute(
                    "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
                    " AND tgenabled IN ('O', 'A') AND tgrelid = 'members_auditentry'::regclass"
                )
            found = {name for (name,) in cursor.fetchall()}
        missing = sorted(set(TRIGGERS[connection.vendor]) - found)
        if missing:
            problems.append(
                Error(
                    f"审计记录的触发器缺失：{'、'.join(missing)}。",
                    hint="运行 manage.py restore_audit_triggers 恢复，并查明原因。",
                    id="members.E001",
                )
            )
    return problems
