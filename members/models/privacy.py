"""个人信息处理说明: its versions, and who has agreed to which."""

from __future__ import annotations

from typing import Any, Never

from django.conf import settings
from django.db import models
from django.utils import timezone


class WrittenOnce(models.QuerySet["PrivacyNotice"]):
    """Rows that people have agreed to are neither changed nor deleted."""

    def update(self, **values: Any) -> Never:
        raise TypeError("a published notice is never changed: publish a new version")

    def delete(self) -> Never:
        raise TypeError("a published notice is never deleted")


class PrivacyNotice(models.Model):
    """One version of the notice (PIPL art. 17), published from the moment it is saved.

    Made by `members.privacy_notices.publish` alone, whose audit entry holds the text's hash.
    """

    version = models.PositiveIntegerField("版次", primary_key=True)
    text = models.TextField("内容")
    published_at = models.DateTimeField("发布时间", default=timezone.now)

    objects = WrittenOnce.as_manager()

    class Meta:
        verbose_name = "个人信息处理说明"
        verbose_name_plural = "个人信息处理说明"
        ordering = ["-version"]
        default_permissions = ("view",)
        permissions = [("publish_privacynotice", "可以发布个人信息处理说明")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(version__gte=1), name="privacynotice_version_positive"
            ),
            models.CheckConstraint(condition=~models.Q(text=""), name="privacynotice_text_present"),
        ]

    def __str__(self) -> str:
        return f"第 {self.version} 版"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """The number is the key: a second save of one fails in the database."""
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> Never:
        raise TypeError("a published notice is never deleted")


class Consent(models.Model):
    """Somebody agreed to a version (PIPL art. 14: of one's own will, and explicitly)."""

    class Occasion(models.TextChoices):
        JOINING = "joining", "首次设定密码时"
        READING = "reading", "阅读之前"
        APPLICATION = "application", "申请入会时"

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="consents",
        verbose_name="人员",
    )
    notice = models.ForeignKey(
        PrivacyNotice, on_delete=models.PROTECT, related_name="consents", verbose_name="版次"
    )
    at = models.DateTimeField("同意时间", default=timezone.now)
    occasion = models.CharField("情形", max_length=12, choices=Occasion)

    # What of a row is told to the person (members/own_data.py).
    own_fields = ("notice", "at", "occasion")

    class Meta:
        verbose_name = "同意记录"
        verbose_name_plural = "同意记录"
        ordering = ["-at", "-pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint("person", "notice", name="consent_once_a_version"),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.notice}"
