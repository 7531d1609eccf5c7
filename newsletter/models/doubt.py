from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from newsletter.doubts import DoubtKind
from newsletter.models.article import Article
from newsletter.models.issue import Issue


def doubt_kinds() -> list[tuple[str, str]]:
    """Called by Django, so that a new kind needs no migration."""
    return [(kind.value, kind.label) for kind in DoubtKind]


class Doubt(models.Model):
    """存疑: something an import or a check is not sure of, until somebody settles it."""

    class State(models.TextChoices):
        OPEN = "open", "待处理"
        MENDED = "mended", "已改正"
        WAIVED = "waived", "已核无误"

    issue = models.ForeignKey(
        Issue, on_delete=models.CASCADE, related_name="doubts", verbose_name="期"
    )
    article = models.ForeignKey(
        Article,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="doubts",
        verbose_name="文章",
    )
    kind = models.CharField("类别", max_length=40, choices=doubt_kinds)
    message = models.TextField("内容")
    excerpt = models.TextField("原文", blank=True)
    line = models.PositiveIntegerField("原文件行号", null=True, blank=True)
    order = models.PositiveIntegerField("次序", default=0)
    state = models.CharField("状态", max_length=8, choices=State, default=State.OPEN)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="处理人",
    )
    settled_at = models.DateTimeField("处理时间", null=True, blank=True)

    class Meta:
        verbose_name = "存疑"
        verbose_name_plural = "存疑"
        ordering = ["issue", "order"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", settled_at__isnull=True)
                | (~Q(state="open") & Q(settled_at__isnull=False)),
                name="doubt_settled_has_time",
            )
        ]

    def __str__(self) -> str:
        return self.message
