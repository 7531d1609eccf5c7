"""注销: who asked for it, what stays sealed of whom it was done for, and what holds it back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class ErasureRequest(models.Model):
    """Somebody's own request (PIPL art. 47). The row stays; whom it names is emptied."""

    class State(models.TextChoices):
        PENDING = "pending", "待办"
        WITHDRAWN = "withdrawn", "本人撤回"
        DONE = "done", "已注销"

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        # Not CASCADE: that is what is deleted with the person's own things.
        on_delete=models.PROTECT,
        related_name="erasure_requests",
        verbose_name="人员",
    )
    state = models.CharField("状态", max_length=10, choices=State, default=State.PENDING)
    asked_at = models.DateTimeField("申请时间", default=timezone.now)
    closed_at = models.DateTimeField("了结时间", null=True, blank=True)

    # What of a row is told to the person (members/own_data.py).
    own_fields = ("state", "asked_at", "closed_at")

    class Meta:
        verbose_name = "注销申请"
        verbose_name_plural = "注销申请"
        ordering = ["asked_at"]
        default_permissions = ("view",)
        permissions = [("erase_people", "可以注销人员并删除其个人信息")]
        constraints = [
            models.UniqueConstraint(
                "person", condition=Q(state="pending"), name="erasurerequest_one_pending"
            ),
            models.CheckConstraint(
                condition=Q(state="pending", closed_at__isnull=True)
                | (~Q(state="pending") & Q(closed_at__isnull=False)),
                name="erasurerequest_closed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.get_state_display()}"


class SealedLink(models.Model):
    """Who an opaque code of the audit trail stood for, encrypted (members/seals.py).

    Kept for as long as logs must be kept (网络安全法 art. 21(3): six months at least), then
    destroyed; from then on nothing tells.
    """

    ref = models.UUIDField("人员代号", unique=True)
    content = models.TextField("密文", editable=False)
    sealed_at = models.DateTimeField("封存时间", default=timezone.now)
    destroy_after = models.DateTimeField("销毁期限", db_index=True)

    class Meta:
        verbose_name = "封存的身份"
        verbose_name_plural = "封存的身份"
        ordering = ["-sealed_at", "-id"]
        default_permissions = ("view",)
        permissions = [("open_seal", "可以打开封存的身份")]
        constraints = [
            models.CheckConstraint(
                condition=Q(destroy_after__gt=models.F("sealed_at")),
                name="sealedlink_destroyed_later",
            )
        ]

    def __str__(self) -> str:
        return str(self.ref)


class LeakCase(models.Model):
    """泄密追查: while one is open nobody is erased and no sealed link is destroyed."""

    title = models.CharField("事由", max_length=120)
    note = models.TextField("记录", blank=True, max_length=5000)
    opened_at = models.DateTimeField("立案时间", default=timezone.now, editable=False)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="立案人",
        editable=False,
    )
    closed_at = models.DateTimeField("结案时间", null=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="结案人",
        editable=False,
    )

    class Meta:
        verbose_name = "泄密追查"
        verbose_name_plural = "泄密追查"
        ordering = ["-opened_at", "-id"]
        default_permissions = ("add", "change", "view")
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="leakcase_closed_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return self.title
