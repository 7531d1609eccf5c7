"""推荐: somebody whom a firm's contact would like to have a seat, until staff have decided."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from members.models.organization import Organization, Seat
from members.one_line import find_addresses, tidy
from members.phone import normalise_phone


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def pending(self) -> ProposalQuerySet:
        return self.filter(state=Proposal.State.PENDING)


class Proposal(models.Model):
    """Who is proposed is a person of ours only once `seat` says so.

    Until then name, phone and e-mail are those of somebody who may never become one: they lie
    here and nowhere else, and are emptied by `members.proposals.forget` (PIPL art. 47).
    """

    class State(models.TextChoices):
        PENDING = "pending", "待办"
        APPROVED = "approved", "已安排"
        DECLINED = "declined", "已婉拒"
        WITHDRAWN = "withdrawn", "已撤回"

    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="proposals", verbose_name="会员单位"
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="proposals_made",
        verbose_name="推荐人",
    )
    proposed_at = models.DateTimeField("推荐时间", default=timezone.now, editable=False)
    name = models.CharField("姓名", max_length=50, blank=True)
    phone = models.CharField("电话", max_length=20, blank=True)
    email = models.EmailField("电子邮箱", blank=True)
    note = models.CharField("说明", max_length=200, blank=True)
    replaces = models.ForeignKey(
        Seat,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="接替的席位",
    )
    state = models.CharField("状态", max_length=10, choices=State, default=State.PENDING)
    decided_at = models.DateTimeField("办结时间", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="proposals_decided",
        verbose_name="办理人",
    )
    reason = models.CharField("婉拒原因", max_length=200, blank=True)
    seat = models.OneToOneField(
        Seat,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="proposal",
        verbose_name="所得席位",
    )

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = "推荐"
        verbose_name_plural = "推荐"
        ordering = ["proposed_at", "pk"]
        default_permissions = ("view",)
        permissions = [("decide_proposal", "可以办理推荐")]
        indexes = [models.Index(fields=["state", "proposed_at"], name="proposal_state")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="pending") | (~Q(name="") & (~Q(phone="") | ~Q(email=""))),
                name="proposal_pending_has_a_name_and_a_way",
                violation_error_message="请填写姓名，电话和电子邮箱至少填一项。",
            ),
            models.CheckConstraint(
                condition=Q(state="pending", decided_at__isnull=True)
                | (~Q(state="pending") & Q(decided_at__isnull=False)),
                name="proposal_decided_at",
            ),
            models.CheckConstraint(
                condition=Q(state="approved", seat__isnull=False)
                | (~Q(state="approved") & Q(seat__isnull=True)),
                name="proposal_approved_has_a_seat",
            ),
            models.UniqueConstraint(
                "organization",
                "phone",
                condition=Q(state="pending") & ~Q(phone=""),
                name="proposal_pending_phone_unique",
                violation_error_message="已经推荐过使用这个电话的人，正等秘书处办理。",
            ),
            models.UniqueConstraint(
                "organization",
                Lower("email"),
                condition=Q(state="pending") & ~Q(email=""),
                name="proposal_pending_email_unique",
                violation_error_message="已经推荐过使用这个电子邮箱的人，正等秘书处办理。",
            ),
            models.UniqueConstraint(
                "replaces",
                condition=Q(state="pending"),
                name="proposal_pending_replaces_unique",
                violation_error_message="已经为这个席位推荐了接替的人，正等秘书处办理。",
            ),
        ]

    def __str__(self) -> str:
        return self.name or "（个人信息已清除）"

    def clean(self) -> None:
        self.email = self.email.strip().lower()
        errors = tidy(self, "name") | find_addresses(self, "name")
        try:
            self.phone = normalise_phone(self.phone)
        except ValidationError as error:
            errors["phone"] = error
        if errors:
            raise ValidationError(errors)
