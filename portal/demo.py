"""The demo: the cast, one account a role, and the two sample issues, by the very importer."""

from __future__ import annotations

import datetime as dt
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.utils import timezone

from members import audit
from members.models import Membership, Organization, Seat, User
from members.roles import Role
from newsletter import publishing
from newsletter.importing import receive

SAMPLES = settings.BASE_DIR / "newsletter" / "samples"
ACCOUNTS_FILE = "demo-accounts.txt"


@dataclass(frozen=True)
class Account:
    member_number: str
    name: str
    what: str
    role: Role | None = None
    phone: str = ""
    email: str = ""


ACCOUNTS = [
    Account("M10000001", "样例·会员", "会员（会籍有效）", phone="+8613800000001"),
    Account("M10000002", "样例·逾期会员", "会籍已到期", email="lapsed@example.org"),
    Account("M10000003", "样例·暂停会员", "已被暂停"),
    Account("M10000004", "样例·无席位", "没有席位"),
    Account("E10000001", "样例·编辑", "编辑", Role.EDITOR, email="editor@example.org"),
    Account("E10000002", "样例·主编", "主编", Role.CHIEF_EDITOR),
    Account("S10000001", "样例·会员管理", "会员管理", Role.MEMBERSHIP),
    Account("A10000001", "样例·审计", "安全审计", Role.AUDITOR),
    Account("A10000002", "样例·管理员", "系统管理员", Role.ADMINISTRATOR),
]


def load() -> Path:
    """Fill an empty database, all or nothing.

    Raises:
        ValidationError: `DEMO_PASSWORD` is one that nobody could choose.

    Returns:
        The file that lists the accounts and their password.
    """
    password = os.environ.get("DEMO_PASSWORD") or secrets.token_urlsafe(9)
    validate_password(password)
    with transaction.atomic():
        people = _people(password)
        for path in sorted(SAMPLES.glob("*.txt")):
            issue = receive.keep(receive.from_path(path), by=people["E10000001"])
            publishing.publish(issue, by=people["E10000002"])
        # Before the commit: accounts without the paper that names them would be of no use.
        return _write_accounts(password)


def _people(password: str) -> dict[str, User]:
    today = timezone.localdate()
    year = dt.timedelta(days=365)
    people = {
        account.member_number: User.objects.create_user(
            account.member_number,
            password=password,
            name=account.name,
            phone=account.phone,
            email=account.email,
        )
        for account in ACCOUNTS
    }
    for account in ACCOUNTS:
        if account.role:
            people[account.member_number].groups.add(Group.objects.get(name=account.role.value))
    current = Organization.objects.create(
        name="样例市精工机械有限公司", region="样例市", industry="通用设备制造", size="小型"
    )
    lapsed = Organization.objects.create(name="样例市云帆物流有限公司", region="样例市")
    Membership.objects.create(organization=current, first_day=today - year, last_day=today + year)
    Membership.objects.create(
        organization=lapsed, first_day=today - 2 * year, last_day=today - dt.timedelta(days=30)
    )
    Seat.objects.create(organization=current, person=people["M10000001"], is_contact=True)
    Seat.objects.create(organization=lapsed, person=people["M10000002"], is_contact=True)
    Seat.objects.create(organization=current, person=people["M10000003"])
    suspended = people["M10000003"]
    suspended.suspended_at, suspended.suspension_reason = timezone.now(), "样例：账号外借"
    suspended.save()
    audit.record("demo.load", by=audit.COMMAND_LINE, people=len(people))
    return people


def _write_accounts(password: str) -> Path:
    lines = [f"{account.member_number}　{account.what}" for account in ACCOUNTS]
    path: Path = settings.VAR_DIR / ACCOUNTS_FILE
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(
        "\n".join(f"  {line}" for line in lines)
        + f"\n  密码（各账号相同，正式使用前请停用这些账号）　{password}\n",
        encoding="utf-8",
    )
    return path
