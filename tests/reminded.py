"""Firms and people whose membership ends: shared by the tests of reminders and of renewal."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from members import reminders
from members.models import Membership, Organization, Reminder, Seat, User
from tests import factories

SHANGHAI = ZoneInfo("Asia/Shanghai")
LAST_DAY = dt.date(2026, 6, 30)
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)


def at(days_before: int, *, hour: int = 9, minute: int = 0) -> dt.datetime:
    """A time on the day that is so many days before the last one."""
    return dt.datetime.combine(LAST_DAY - days_before * DAY, dt.time(hour, minute), tzinfo=SHANGHAI)


def firm(
    *, last_day: dt.date = LAST_DAY, contact: User | None = None, **fields: Any
) -> Organization:
    """A firm whose membership ends on that day; without a contact unless one is given."""
    organization = Organization.objects.create(**{"name": "样例市提醒公司"} | fields)
    member_until(last_day, organization=organization)
    if contact is not None:
        Seat.objects.create(organization=organization, person=contact, is_contact=True)
    return organization


def member_until(last_day: dt.date, **holder: Any) -> Membership:
    return Membership.objects.create(first_day=last_day - 364 * DAY, last_day=last_day, **holder)


def writer(email: str = "contact@example.org", **fields: Any) -> User:
    """Somebody who can be written to."""
    return factories.create_user(email=email, **{"name": "甄联系"} | fields)


def caller(phone: str = "+8613900001234", **fields: Any) -> User:
    """Somebody who can only be telephoned."""
    return factories.create_user(phone=phone, **{"name": "甄电话"} | fields)


def work() -> None:
    """What the task does every hour."""
    reminders.make_due()
    reminders.send_owed()


def states(**filters: Any) -> dict[int, str]:
    """What has become of each reminder, by kind."""
    return dict(Reminder.objects.filter(**filters).values_list("kind", "status"))
