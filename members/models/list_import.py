"""名单: a spreadsheet on its way in, and which of her headings are which of our fields."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class ListImport(models.Model):
    """A list that was uploaded, until it is accepted, given up or forgotten.

    It holds personal data of people who may never become members: once it is closed nothing of
    the list itself is left (members/listing/keeping.py).
    """

    class State(models.TextChoices):
        OPEN = "open", "未完成"
        ACCEPTED = "accepted", "已导入"
        ABANDONED = "abandoned", "已放弃"

    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="上传人",
    )
    uploaded_at = models.DateTimeField("上传时间", default=timezone.now, editable=False)
    # The last time that anything of it was changed: so long after it is forgotten.
    touched_at = models.DateTimeField("最近改动", default=timezone.now, editable=False)
    file_name = models.CharField("文件", max_length=200)
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)
    # Raised with every change, so that what was looked at is what goes in.
    revision = models.PositiveIntegerField(default=0, editable=False)

    # Compressed JSON, by members/listing/keeping.py: half of it is the same over and over, and
    # a cell may hold what PostgreSQL's JSON refuses.
    sheet = models.BinaryField("工作表", default=bytes)
    # The file as it came, kept only while it has further sheets to choose from.
    original = models.BinaryField("原文件", default=bytes)
    sheet_title = models.CharField("工作表名", max_length=60, blank=True)
    mapping = models.JSONField("列", default=dict)
    # By line number and field what was written in place of the cell.
    mended = models.JSONField("改动", default=dict)
    # By line number the errors, by field, that it was set aside for.
    set_aside = models.JSONField("搁置的行", default=dict)
    # Whether those have been downloaded as they are now.
    aside_saved = models.BooleanField("搁置的行已下载", default=False)
    counts = models.JSONField("计数", default=dict)

    class Meta:
        verbose_name = "名单"
        verbose_name_plural = "名单"
        ordering = ["-uploaded_at"]
        default_permissions = ()
        permissions = [("import_list", "可以导入名单"), ("export_people", "可以导出名单")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True)
                | ~Q(state="open") & Q(closed_at__isnull=False),
                name="listimport_closed_at",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name


class HeadingMapping(models.Model):
    """How a set of headings was understood last: the next list with it is not asked about."""

    fingerprint = models.CharField("表头", max_length=64, unique=True)
    mapping = models.JSONField("列", default=dict)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name="设定人",
    )
    changed_at = models.DateTimeField("设定时间", default=timezone.now)

    class Meta:
        verbose_name = "表头对照"
        verbose_name_plural = "表头对照"
        default_permissions = ()

    def __str__(self) -> str:
        return self.fingerprint[:8]
