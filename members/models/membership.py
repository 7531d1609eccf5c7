"""会籍: the days on which an organisation, or one person, is a member."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from members.years import FIRST_YEAR, LAST_YEAR


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self, *, on: dt.date | None = None) -> MembershipQuerySet:
        """Memberships in force on a day (Asia/Shanghai), first and last day included."""
        day = on or timezone.localdate()
        return self.filter(first_day__lte=day, last_day__gte=day)

    def overlapping(self, first_day: dt.date, last_day: dt.date) -> MembershipQuerySet:
        """Memberships with a day in common with these, both included."""
        return self.filter(first_day__lte=last_day, last_day__gte=first_day)


class Membership(models.Model):
    organization = models.ForeignKey(
        "members.Organization",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name="会员单位",
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        limit_choices_to={"merged_into__isnull": True},
        related_name="memberships",
        verbose_name="个人会员",
    )
    first_day = models.DateField("首日")
    last_day = models.DateField("末日")
    remark = models.CharField("备注", max_length=200, blank=True)

    # What of a row is told to the person (members/own_data.py).
    own_fields = ("first_day", "last_day")

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = "会籍"
        verbose_name_plural = "会籍"
        ordering = ["-last_day"]
        constraints = [
            models.CheckConstraint(
                condition=Q(first_day__lte=F("last_day")),
                name="membership_first_day_before_last",
                violation_error_message="会籍的首日不能晚于末日。",
            ),
            models.CheckConstraint(
                condition=Q(first_day__gte=dt.date(FIRST_YEAR, 1, 1))
                & Q(last_day__lte=dt.date(LAST_YEAR, 12, 31)),
                name="membership_days_within_reason",
                violation_error_message=f"会籍须在 {FIRST_YEAR} 年至 {LAST_YEAR} 年之间。"
                "请核对首日和末日。",
            ),
            models.CheckConstraint(
                condition=Q(organization__isnull=True, person__isnull=False)
                | Q(organization__isnull=False, person__isnull=True),
                name="membership_one_holder",
                violation_error_message="会籍属于一家会员单位或一位个人会员，只选其一。",
            ),
            models.UniqueConstraint(
                "organization",
                "first_day",
                name="membership_organization_first_day",
                violation_error_message="该单位已有从这一天开始的会籍。",
            ),
            models.UniqueConstraint(
                "person",
                "first_day",
                name="membership_person_first_day",
                violation_error_message="此人已有从这一天开始的会籍。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization or self.person} {self.first_day}—{self.last_day}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Saved under a lock on its holder, so that no two ever overlap.

        Raises:
            ValidationError: the holder has a membership with a day in common.
        """
        with transaction.atomic():
            self.refuse_overlap()
            super().save(*args, **kwargs)

    def refuse_overlap(self) -> None:
        """Inside a transaction: nobody else writes one of the same holder before its end.

        Raises:
            ValidationError: the holder has a membership with a day in common.
        """
        others = self.of_its_holder().exclude(pk=self.pk)
        overlapping = others.overlapping(self.first_day, self.last_day).first()
        if overlapping is not None:
            raise overlaps(overlapping.first_day, overlapping.last_day)

    def of_its_holder(self) -> MembershipQuerySet:
        """All memberships of the firm or person, who stays locked until the transaction ends."""
        from members.models.user import User

        if self.organization is not None:
            return Membership.objects.filter(organization=self.organization.lock())
        if self.person_id is None:
            return Membership.objects.none()  # the database refuses it
        person = User.objects.select_for_update().get(pk=self.person_id)
        return Membership.objects.filter(person=person)


def overlaps(first_day: dt.date, last_day: dt.date) -> ValidationError:
    return ValidationError(
        f"与 {first_day:%Y-%m-%d} 至 {last_day:%Y-%m-%d} 的会籍重叠。请改日期，或在那一条上修改。",
        code="membership_overlaps",
    )
