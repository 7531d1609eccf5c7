"""邀请: a one-time way in. Only a hash of the token is ever stored."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

_LOOK_ALIKE = str.maketrans("018", "olb")


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> InvitationQuerySet:
        """Invitations that can still be redeemed."""
        return self.filter(
            redeemed_at__isnull=True, revoked_at__isnull=True, expires_at__gt=timezone.now()
        )

    def owed(self) -> InvitationQuerySet:
        """Letters that are still to be sent."""
        return self.open().filter(channel=Invitation.Channel.EMAIL, sent_at__isnull=True)

    def for_token(self, token: str) -> InvitationQuerySet:
        return self.filter(token_hash=Invitation.hash_token(token))


class Invitation(models.Model):
    class Channel(models.TextChoices):
        EMAIL = "email", "电子邮箱"
        SLIP = "slip", "登录条"

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="invitations",
        verbose_name="人员",
    )
    channel = models.CharField("方式", max_length=10, choices=Channel, default=Channel.EMAIL)
    token_hash = models.CharField("凭证散列", max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField("发出时间", default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="发出人",
    )
    expires_at = models.DateTimeField("失效时间")
    # The token is made when it leaves: until then nobody could use it, and it is owed.
    sent_at = models.DateTimeField("送出时间", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("试错次数", default=0)
    redeemed_at = models.DateTimeField("使用时间", null=True, blank=True)
    revoked_at = models.DateTimeField("收回时间", null=True, blank=True)

    # What of a row is told to the person (members/own_data.py).
    own_fields = ("channel", "created_at", "expires_at", "sent_at", "redeemed_at", "revoked_at")

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = "邀请"
        verbose_name_plural = "邀请"
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="invitation_expires_later"
            ),
            models.CheckConstraint(
                condition=Q(redeemed_at__isnull=True) | Q(revoked_at__isnull=True),
                name="invitation_redeemed_or_revoked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.get_channel_display()}"

    @staticmethod
    def hash_token(token: str) -> str:
        """SHA-256 is enough for a token of 256 random bits; a slow hash guards weak secrets.

        Args:
            token: also as people type it from paper: in groups, in capitals, a digit for the
                letter that looks like it (base32 has no 0, 1 and 8).
        """
        typed = token.lower().replace("-", "").translate(_LOOK_ALIKE)
        return hashlib.sha256(typed.encode("utf-8", "replace")).hexdigest()
