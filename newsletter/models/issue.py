from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse

from members.access import may_read

# Further than any issue has articles.
ASIDE = 10_000


class Status(models.TextChoices):
    """Changed by `newsletter/publishing.py` and nothing else."""

    DRAFT = "draft", "草稿"
    IN_REVIEW = "in_review", "待审"
    APPROVED = "approved", "已审"
    SCHEDULED = "scheduled", "定时"
    PUBLISHED = "published", "已发布"
    WITHDRAWN = "withdrawn", "已撤回"


class Frequency(models.TextChoices):
    QUARTERLY = "quarterly", "季刊"
    BIMONTHLY = "bimonthly", "双月刊"
    MONTHLY = "monthly", "月刊"
    IRREGULAR = "irregular", "不定期"


class IssueQuerySet(models.QuerySet["Issue"]):
    def published(self) -> IssueQuerySet:
        return self.filter(status=Status.PUBLISHED)

    def readable_by(self, user: Any) -> IssueQuerySet:
        """Published issues, for those who may read; nothing for anybody else."""
        return self.published() if may_read(user).allowed else self.none()

    def by_slug(self, slug: str) -> IssueQuerySet:
        """The issue named `2022-3`."""
        year, _, number = slug.partition("-")
        if not (year.isascii() and year.isdigit() and number.isascii() and number.isdigit()):
            return self.none()
        if slug != f"{int(year)}-{int(number)}" or len(slug) > 8:
            return self.none()
        return self.filter(year=int(year), number=int(number))

    def before(self, issue: Issue) -> Issue | None:
        return self.filter(serial__lt=issue.serial).order_by("-serial").first()

    def after(self, issue: Issue) -> Issue | None:
        return self.filter(serial__gt=issue.serial).order_by("serial").first()


class Issue(models.Model):
    """期: one printed number of the periodical, with its colophon."""

    year = models.PositiveSmallIntegerField(
        "年", validators=[MinValueValidator(1949), MaxValueValidator(2999)]
    )
    number = models.PositiveSmallIntegerField("期号", validators=[MinValueValidator(1)])
    serial = models.PositiveIntegerField(
        "总期号", unique=True, validators=[MinValueValidator(1)], help_text="历年连续，不重不漏。"
    )
    frequency = models.CharField(
        "刊期", max_length=12, choices=Frequency, default=Frequency.QUARTERLY
    )
    periodical = models.CharField("刊名", max_length=60, default="财税动态")
    cover_line = models.CharField(
        "封面标注",
        max_length=80,
        blank=True,
        help_text="如“内部刊物 仅供会员使用”“内部资料，免费交流”。",
    )
    publisher = models.CharField("编印单位", max_length=120, blank=True)
    permit_number = models.CharField("准印证号", max_length=60, blank=True)
    recipients = models.CharField("发送对象", max_length=200, blank=True)
    printer = models.CharField("印刷单位", max_length=120, blank=True)
    printed_on = models.DateField("印刷日期", null=True, blank=True)
    print_run = models.PositiveIntegerField("印数", null=True, blank=True)

    status = models.CharField(
        "状态", max_length=10, choices=Status, default=Status.DRAFT, editable=False
    )
    version = models.PositiveIntegerField("发布版次", default=0, editable=False)
    approved_hash = models.CharField("终审散列", max_length=64, blank=True, editable=False)
    scheduled_for = models.DateTimeField("定时发布", null=True, blank=True, editable=False)
    published_at = models.DateTimeField("发布时间", null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True, editable=False)
    withdrawal_reason = models.CharField("撤回原因", max_length=200, blank=True, editable=False)
    created_at = models.DateTimeField("录入时间", auto_now_add=True)

    objects = IssueQuerySet.as_manager()

    class Meta:
        verbose_name = "期"
        verbose_name_plural = "各期"
        ordering = ["-year", "-number"]
        permissions = [
            ("import_issue", "可以导入一期"),
            ("preview_issue", "可以预览未发布的内容"),
            ("publish_issue", "可以发布和撤回"),
            ("change_published", "可以修改已发布的内容"),
        ]
        constraints = [
            models.UniqueConstraint(
                "year",
                "number",
                name="issue_year_number_unique",
                violation_error_message="这一年已有这一期。",
            ),
            models.CheckConstraint(
                condition=Q(serial__gte=1),
                name="issue_serial_positive",
                violation_error_message="总期号应为正整数。",
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1) & (~Q(frequency=Frequency.QUARTERLY) | Q(number__lte=4)),
                name="issue_number_of_a_quarterly",
                violation_error_message="季刊的期号只能是 1 至 4；增刊等请把刊期改为“不定期”。",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.PUBLISHED)
                | Q(published_at__isnull=False, version__gte=1),
                name="issue_published_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.SCHEDULED) | Q(scheduled_for__isnull=False),
                name="issue_scheduled_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}年第{self.number}期"

    def save(self, *args: Any, **kwargs: Any) -> None:
        from newsletter.search import index

        with transaction.atomic():
            super().save(*args, **kwargs)
            index.renumber(self)

    def get_absolute_url(self) -> str:
        return reverse("newsletter:issue", args=[self.slug])

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        from newsletter.search import index

        with transaction.atomic():
            index.forget_issue(self)
            return super().delete(*args, **kwargs)

    def move_articles_aside(self) -> None:
        """Free every place in the order, because (issue, order) is unique at every moment.

        Call inside a transaction, and give every article its place before it ends.
        """
        self.articles.update(order=F("order") + ASIDE)

    def reorder(self, orders: Mapping[int, int]) -> None:
        """Give articles new places; `orders` holds the place of every article by its pk."""
        from newsletter.search import index

        self.move_articles_aside()
        for pk, order in orders.items():
            self.articles.filter(pk=pk).update(order=order)
        index.refresh_issue(self)

    @property
    def slug(self) -> str:
        return f"{self.year}-{self.number}"

    @property
    def citation(self) -> str:
        return f"《{self.periodical}》{self.year}年第{self.number}期，总第{self.serial}期"

    @property
    def is_published(self) -> bool:
        return self.status == Status.PUBLISHED
