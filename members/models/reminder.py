"""提醒: word of the end of a membership, by letter or by telephone. Who is owed one is a row."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from members.models.membership import Membership
from members.models.organization import Seat

# How long a lapsed holder is still reminded.
AFTERWARDS = dt.timedelta(days=30)
# No letter takes that long: whoever was about to send it is gone.
STALE = dt.timedelta(minutes=30)


def unrenewed() -> models.QuerySet[Membership]:
    """The last membership of every holder."""
    later = Membership.objects.filter(last_day__gt=OuterRef("last_day"))
    return Membership.objects.exclude(
        Exists(later.filter(organization=OuterRef("organization")))
    ).exclude(Exists(later.filter(person=OuterRef("person"))))


def open_holders(membership: str = "") -> Q:
    """The holder is neither suspended nor deactivated.

    Args:
        membership: the way to it, as `membership__`.
    """
    return Q(**{f"{membership}organization__suspended_at__isnull": True}) & (
        Q(**{f"{membership}person__isnull": True})
        | Q(
            **{
                f"{membership}person__is_active": True,
                f"{membership}person__suspended_at__isnull": True,
            }
        )
    )


class ReminderQuerySet(models.QuerySet["Reminder"]):
    def live(self) -> ReminderQuerySet:
        """Of memberships that still end on that day, and that nobody has renewed or suspended."""
        return self.filter(
            open_holders("membership__"),
            last_day=F("membership__last_day"),
            last_day__gte=timezone.localdate() - AFTERWARDS,
            membership__in=unrenewed(),
        )

    def letters(self) -> ReminderQuerySet:
        """Letters that are to be sent."""
        if not settings.REMINDER_LETTERS:
            return self.none()
        return self.live().filter(_waiting(), _has_address())

    def calls(self) -> ReminderQuerySet:
        """What no letter can tell: somebody has to telephone."""
        waiting = _waiting()
        if settings.REMINDER_LETTERS:
            waiting &= ~_has_address()
        return self.live().filter(
            waiting | Q(status=Reminder.Status.REFUSED) | _left_in(Reminder.Status.HANDED)
        )

    def unsettled(self) -> ReminderQuerySet:
        """Neither done nor just being done."""
        return self.filter(
            _waiting() | Q(status=Reminder.Status.REFUSED) | _left_in(Reminder.Status.HANDED)
        )


class Reminder(models.Model):
    """One of the four that a membership's end brings.

    A row speaks of a last day: where staff move that, what was said of the former one is void,
    and the new one is reminded of in its turn.
    """

    class Kind(models.IntegerChoices):
        """How many days before the last day; -1 is the day after."""

        MONTH = 30, "到期前 30 天"
        FORTNIGHT = 15, "到期前 15 天"
        WEEK = 7, "到期前 7 天"
        AFTER = -1, "到期次日"

    class Status(models.TextChoices):
        OWED = "owed", "待提醒"
        CLAIMED = "claimed", "正在发信"
        # Given to the mail server, whose answer is awaited: from here on it may have it.
        HANDED = "handed", "不知是否送到"
        REFUSED = "refused", "地址不收信"
        SENT = "sent", "已发信"
        TOLD = "told", "已电话告知"
        PASSED = "passed", "略过"

    membership = models.ForeignKey(
        Membership, on_delete=models.CASCADE, related_name="reminders", verbose_name="会籍"
    )
    last_day = models.DateField("末日")
    kind = models.SmallIntegerField("提醒", choices=Kind)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.OWED)
    made_at = models.DateTimeField("自", default=timezone.now)
    changed_at = models.DateTimeField("办理时间", default=timezone.now)
    told_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="告知人",
    )
    note = models.CharField("备注", max_length=200, blank=True)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        verbose_name = "会籍提醒"
        verbose_name_plural = "会籍延续"
        ordering = ["last_day", "membership", "kind"]
        default_permissions = ("view", "change")
        constraints = [
            models.UniqueConstraint(
                "membership", "last_day", "kind", name="reminder_once_a_membership"
            ),
            models.CheckConstraint(
                condition=~Q(status="told") | Q(told_by__isnull=False),
                name="reminder_told_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership} {self.get_kind_display()}"


def _waiting() -> Q:
    return Q(status=Reminder.Status.OWED) | _left_in(Reminder.Status.CLAIMED)


def _left_in(status: Reminder.Status) -> Q:
    return Q(status=status, changed_at__lte=timezone.now() - STALE)


def _has_address() -> Q:
    """The firm's contact, or the member in person, can be written to."""
    contact = Seat.objects.current().filter(
        organization=OuterRef("membership__organization"),
        is_contact=True,
        person__is_active=True,
        person__suspended_at__isnull=True,
    )
    return Q(Exists(contact.exclude(person__email=""))) | (
        Q(membership__person__isnull=False) & ~Q(membership__person__email="")
    )
