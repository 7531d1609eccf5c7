from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from newsletter.models.issue import Issue
from newsletter.tokens import new_token


def incoming_path(incoming: IncomingFile, filename: str) -> str:
    return f"incoming/{new_token(20)}"


class IncomingFile(models.Model):
    """The finished issue as it was received; kept with what became of it."""

    id = models.CharField(primary_key=True, max_length=12, default=new_token, editable=False)
    name = models.CharField("文件名", max_length=200)
    file = models.FileField("文件", upload_to=incoming_path)
    sha256 = models.CharField("散列", max_length=64)
    received_at = models.DateTimeField("收到时间", default=timezone.now)
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="上传人",
    )
    issue = models.ForeignKey(
        Issue,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="incoming_files",
        verbose_name="期",
    )

    class Meta:
        verbose_name = "来稿文件"
        verbose_name_plural = "来稿文件"
        ordering = ["-received_at"]

    def __str__(self) -> str:
        return self.name
