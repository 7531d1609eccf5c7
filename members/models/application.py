"""入会申请: a firm that wants in, as a stranger wrote it, until staff have decided."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from members import credit_code
from members.models.organization import Organization, Size
from members.models.privacy import PrivacyNotice
from members.one_line import find_addresses, tidy
from members.phone import normalise_phone


class ApplicationQuerySet(models.QuerySet["Application"]):
    def pending(self) -> ApplicationQuerySet:
        return self.filter(state=Application.State.PENDING)

    def untold(self) -> ApplicationQuerySet:
        """Declined, and the applicant is to know and does not yet."""
        return self.filter(
            state=Application.State.DECLINED,
            is_silent=False,
            told_at__isnull=True,
            emptied_at__isnull=True,
        )

    def owed(self) -> ApplicationQuerySet:
        """Whose applicant is still to have a letter."""
        return self.untold().exclude(email="")


class Application(models.Model):
    """Name, phone, e-mail and remark are emptied by `members.applications.forget`.

    One that was declined by nobody lay too long (`members.applications.expire`).
    """

    class State(models.TextChoices):
        PENDING = "pending", "待办"
        APPROVED = "approved", "已批准"
        DECLINED = "declined", "未通过"

    reference = models.CharField("申请编号", max_length=12, unique=True, editable=False)
    organization_name = models.CharField("单位名称", max_length=120)
    credit_code = models.CharField("统一社会信用代码", max_length=18, blank=True)
    region = models.CharField("地区", max_length=60, blank=True)
    industry = models.CharField("行业", max_length=60, blank=True)
    size = models.CharField("规模", max_length=20, blank=True, choices=Size)
    name = models.CharField("姓名", max_length=50, blank=True)
    phone = models.CharField("电话", max_length=20, blank=True)
    email = models.EmailField("电子邮箱", blank=True)
    remark = models.TextField("附言", max_length=500, blank=True)
    created_at = models.DateTimeField("申请时间", default=timezone.now, editable=False)
    notice = models.ForeignKey(
        PrivacyNotice,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name="同意的说明",
    )
    state = models.CharField("状态", max_length=10, choices=State, default=State.PENDING)
    decided_at = models.DateTimeField("办结时间", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="applications_decided",
        verbose_name="办理人",
    )
    reason = models.CharField("未通过的原因", max_length=200, blank=True)
    is_silent = models.BooleanField("不告知申请人", default=False, editable=False)
    # When the applicant got word that it was declined: by letter, or by `told_by` on the phone.
    told_at = models.DateTimeField("告知时间", null=True, blank=True)
    told_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="告知人",
    )
    organization = models.ForeignKey(
        Organization,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="applications",
        verbose_name="会员单位",
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="applications",
        verbose_name="人员",
    )
    emptied_at = models.DateTimeField("清空时间", null=True, blank=True, editable=False)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = "入会申请"
        verbose_name_plural = "入会申请"
        # What waits first, the longest first; then what was decided, the latest first.
        ordering = [F("decided_at").desc(nulls_first=True), "created_at", "pk"]
        default_permissions = ("view",)
        permissions = [("decide_application", "可以办理入会申请")]
        indexes = [
            models.Index(fields=["state", "created_at"], name="application_state"),
            models.Index(fields=["created_at"], name="application_created_at"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(emptied_at__isnull=False)
                | (~Q(name="") & (~Q(phone="") | ~Q(email=""))),
                name="application_has_a_name_and_a_way",
                violation_error_message="请填写姓名，手机号码和电子邮箱至少填一项。",
            ),
            models.CheckConstraint(
                condition=Q(state="pending", decided_at__isnull=True)
                | (~Q(state="pending") & Q(decided_at__isnull=False)),
                name="application_decided_at",
            ),
            models.CheckConstraint(
                condition=Q(state="approved", organization__isnull=False, person__isnull=False)
                | (~Q(state="approved") & Q(organization__isnull=True, person__isnull=True)),
                name="application_approved_has_a_firm_and_a_person",
            ),
            models.CheckConstraint(
                condition=Q(emptied_at__isnull=True)
                | (~Q(state="pending") & Q(name="", phone="", email="", remark="", reason="")),
                name="application_emptied_is_empty",
            ),
            models.CheckConstraint(
                condition=Q(is_silent=False) | Q(state="declined", told_at__isnull=True),
                name="application_silent_is_declined_and_untold",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization_name}（{self.reference}）"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.reference = self.reference or Application.next_reference()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        self.email = self.email.strip().lower()
        errors = tidy(self, "organization_name", "region", "industry", "name")
        # A stranger writes them, and we send them on: to staff, and back in letters.
        errors |= find_addresses(self, "organization_name", "region", "industry", "name")
        for field, normalise in (
            ("credit_code", credit_code.normalise),
            ("phone", normalise_phone),
        ):
            try:
                setattr(self, field, normalise(getattr(self, field)))
            except ValidationError as error:
                errors[field] = error
        if errors:
            raise ValidationError(errors)

    @classmethod
    def next_reference(cls) -> str:
        """A number that tells nothing, not even how many there are."""
        while True:
            reference = f"SQ{secrets.randbelow(10**8):08d}"
            if not cls.objects.filter(reference=reference).exists():
                return reference
