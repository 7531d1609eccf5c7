"""The audit trail: entries that nothing updates or deletes, and what is personal beside them.

`AuditEntry` holds what stays for ever: people are opaque references without a foreign key.
`AuditPersonal` holds names, addresses, agents and the values of personal fields, so that a
person's traces can be sealed and later destroyed (PIPL art. 47) without breaking the chain of
`AuditSeal`, which hashes entries only. Triggers in the migrations refuse UPDATE and DELETE on
both engines; the one way out is the purge of a sealed range after its retention.
"""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class AuditEntry(models.Model):
    at = models.DateTimeField("时间", default=timezone.now, db_index=True)
    action = models.CharField("行为", max_length=60, db_index=True)
    succeeded = models.BooleanField("成功", default=True)
    actor = models.UUIDField("行为人代号", null=True, db_index=True)
    actor_kind = models.CharField(
        "行为人类别",
        max_length=10,
        choices=[
            ("person", "人员"),
            ("command", "命令行"),
            ("system", "系统"),
            ("stranger", "未登录"),
        ],
    )
    subject_type = models.CharField("对象类别", max_length=40, blank=True)
    subject = models.CharField("对象", max_length=64, blank=True)
    detail = models.JSONField("内容", default=dict)

    class Meta:
        verbose_name = "审计记录"
        verbose_name_plural = "审计记录"
        ordering = ["-id"]
        default_permissions = ("view",)
        indexes = [models.Index(fields=["subject_type", "subject"], name="auditentry_subject")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.action}"


class AuditPersonal(models.Model):
    """The personal values of one entry that concern one person (`User.audit_ref`)."""

    entry = models.ForeignKey(
        AuditEntry, on_delete=models.DO_NOTHING, related_name="personal", verbose_name="审计记录"
    )
    person = models.UUIDField("人员代号", null=True, db_index=True)
    values = models.JSONField("内容", default=dict)

    class Meta:
        verbose_name = "审计中的个人信息"
        verbose_name_plural = "审计中的个人信息"
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.entry_id} · {self.person or '未登录'}"


class AuditSeal(models.Model):
    """A range of entries and the hash that chains it to the range before."""

    first_id = models.BigIntegerField("起", unique=True)
    last_id = models.BigIntegerField("止", unique=True)
    entries = models.PositiveIntegerField("条数")
    previous_hash = models.CharField("前一散列", max_length=64)
    hash = models.CharField("散列", max_length=64, unique=True)
    sealed_at = models.DateTimeField("封存时间", default=timezone.now)
    purged_at = models.DateTimeField("销毁时间", null=True)

    class Meta:
        verbose_name = "审计封存"
        verbose_name_plural = "审计封存"
        ordering = ["first_id"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(first_id__lte=models.F("last_id")), name="auditseal_range"
            )
        ]

    def __str__(self) -> str:
        return f"{self.first_id}—{self.last_id}"
