"""Member organisations and the seats they give to people."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from members import credit_code
from members.initials import initials
from members.one_line import tidy


class Size(models.TextChoices):
    """划型: 中小企业划型标准规定（工信部联企业〔2011〕300号）."""

    LARGE = "大型", "大型"
    MEDIUM = "中型", "中型"
    SMALL = "小型", "小型"
    MICRO = "微型", "微型"


class Organization(models.Model):
    name = models.CharField("名称", max_length=120)
    initials = models.CharField("拼音首字母", max_length=300, blank=True, editable=False)
    credit_code = models.CharField(
        "统一社会信用代码",
        max_length=18,
        blank=True,
        help_text="18 位（GB 32100—2015）；暂缺可留空，待补。",
    )
    region = models.CharField("地区", max_length=60, blank=True)
    size = models.CharField("规模", max_length=20, blank=True, choices=Size)
    industry = models.CharField("行业", max_length=60, blank=True)
    seat_limit = models.PositiveSmallIntegerField(
        "席位数", default=3, validators=[MinValueValidator(1)]
    )
    suspended_at = models.DateTimeField("暂停时间", null=True, blank=True)
    suspension_reason = models.CharField("暂停原因", max_length=200, blank=True)
    remark = models.TextField("备注", blank=True)

    class Meta:
        verbose_name = "会员单位"
        verbose_name_plural = "会员单位"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                "credit_code",
                condition=~Q(credit_code=""),
                name="organization_credit_code_unique",
                violation_error_message="已有会员单位使用这个统一社会信用代码。",
            ),
            models.CheckConstraint(
                condition=Q(seat_limit__gte=1), name="organization_seat_limit_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Saved under a lock, so that no seat is given meanwhile that is one too many.

        Raises:
            ValidationError: more seats are held than the number that is to be saved.
        """
        with transaction.atomic():
            if self.pk is not None:
                self.lock()
                self._hold_limit()
            self.initials = initials(self.name)
            super().save(*args, **kwargs)

    def clean(self) -> None:
        refuse_future(self.suspended_at)
        errors = tidy(self, "name", "region", "industry")
        try:
            self.credit_code = credit_code.normalise(self.credit_code)
        except ValidationError as error:
            errors["credit_code"] = error
        if errors:
            raise ValidationError(errors)
        self._hold_limit()

    def lock(self) -> Organization:
        """Nobody else changes its seats or memberships before this transaction ends.

        Returns:
            The firm as it is now.
        """
        return Organization.objects.select_for_update().get(pk=self.pk)

    def _hold_limit(self) -> None:
        if self.pk is None:
            return
        held = self.seats.current().count()
        if self.seat_limit < held:
            raise ValidationError(
                {"seat_limit": f"现有 {held} 人占着席位，席位数不能更少。请先结束几个席位。"},
                code="seats_held",
            )


def refuse_future(suspended_at: dt.datetime | None) -> None:
    """A suspension holds from the moment it is saved, whatever its date says.

    Raises:
        ValidationError: the time is still to come.
    """
    if suspended_at is not None and suspended_at > timezone.now():
        raise ValidationError({"suspended_at": "暂停自保存起立即生效，不能填将来的时间。"})


class SeatQuerySet(models.QuerySet["Seat"]):
    def current(self) -> SeatQuerySet:
        """Seats held now: `until` is empty (a planned end is another field)."""
        return self.filter(until__isnull=True)


class Seat(models.Model):
    """A person's place in an organisation. Rows are ended, never deleted: history is kept."""

    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="seats", verbose_name="会员单位"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        limit_choices_to={"merged_into__isnull": True},
        related_name="seats",
        verbose_name="人员",
    )
    since = models.DateField("自", default=timezone.localdate)
    until = models.DateField("至", null=True, blank=True, help_text="空着表示现任。")
    planned_until = models.DateField("计划届满", null=True, blank=True)
    is_contact = models.BooleanField("联系人", default=False)

    # What of a row is told to the person (members/own_data.py).
    own_fields = ("organization__name", "since", "until", "planned_until", "is_contact")

    objects = SeatQuerySet.as_manager()

    class Meta:
        verbose_name = "席位"
        verbose_name_plural = "席位"
        ordering = ["organization", "-is_contact", "since"]
        constraints = [
            models.UniqueConstraint(
                "person",
                condition=Q(until__isnull=True),
                name="seat_one_current_a_person",
                violation_error_message="此人已有现任席位，请先结束原席位。",
            ),
            models.UniqueConstraint(
                "organization",
                condition=Q(until__isnull=True, is_contact=True),
                name="seat_one_contact_an_organization",
                violation_error_message="该单位已有联系人。",
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
                name="seat_since_before_until",
                violation_error_message="席位的结束日期不能早于开始日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization} · {self.person}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Saved under a lock on the firm, held to its number of seats.

        Raises:
            ValidationError: every seat of the firm is taken.
        """
        with transaction.atomic():
            organization = self.organization.lock()
            if self.until is None:
                others = organization.seats.current().exclude(pk=self.pk)
                # One that is held already stays, whatever else of it is changed.
                holds = organization.seats.current().filter(pk=self.pk).exists()
                if not holds and others.count() >= organization.seat_limit:
                    raise seats_taken(organization)
            super().save(*args, **kwargs)

    def clean(self) -> None:
        if self.until is not None and self.until > timezone.localdate():
            raise ValidationError(
                {"until": "席位在填写结束日期时即告结束，不能填将来的日期；将来的请填“计划届满”。"}
            )


def seats_taken(organization: Organization) -> ValidationError:
    return ValidationError(
        f"「{organization}」的 {organization.seat_limit} 个席位都有人了。"
        "请先结束一个席位，或增加席位数。",
        code="seats_taken",
    )
