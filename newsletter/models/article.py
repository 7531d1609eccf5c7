from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.validators import MinValueValidator
from django.db import models, transaction
from django.db.models import Case, CharField, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Cast, JSONObject
from django.urls import reverse

from members.access import may_read
from newsletter import body
from newsletter.models.issue import Issue, Status
from newsletter.models.section import Section


class Online(models.TextChoices):
    FULL = "full", "全文"
    LISTED = "listed", "仅存目"


class ReprintBasis(models.TextChoices):
    LICENSED = "licensed", "授权"
    GOVERNMENT = "government", "政府公开"
    NEWS = "news", "时事"
    UNVERIFIED = "unverified", "待核"


class ArticleQuerySet(models.QuerySet["Article"]):
    def published(self) -> ArticleQuerySet:
        """Articles of published issues, one withdrawn by itself excepted."""
        return self.filter(issue__status=Status.PUBLISHED, withdrawn_at__isnull=True)

    def listed_for(self, user: Any) -> ArticleQuerySet:
        """What stands in tables of contents: 仅存目 articles too. Carries no body or lead."""
        if not may_read(user).allowed:
            return self.none()
        return self.published().for_contents()

    def readable_by(self, user: Any) -> ArticleQuerySet:
        """What this person may read in full now: never a draft, a withdrawn or a 仅存目 one."""
        if not may_read(user).allowed:
            return self.none()
        return self.searchable()

    def searchable(self) -> ArticleQuerySet:
        """What stands in the search's index: all that any member may read in full."""
        return self.published().filter(online=Online.FULL)

    def delete(self) -> tuple[int, dict[str, int]]:
        from newsletter.search import index

        with transaction.atomic():
            index.forget(list(self.values_list("pk", flat=True)))
            return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def page_for(self, user: Any, pk: int) -> Article:
        """All that an article's page needs but its files, in one query.

        A 仅存目 article has a page too, which says so: its text is never fetched. `previous`
        and `next` are its neighbours in the issue, as `pk` and `title`.

        Raises:
            Article.DoesNotExist: there is none that this person may know of.
        """
        if not may_read(user).allowed:
            raise Article.DoesNotExist
        siblings = Article.objects.filter(issue=OuterRef("issue"), withdrawn_at__isnull=True)
        neighbour = JSONObject(pk="pk", title="title")
        before = siblings.filter(order__lt=OuterRef("order")).order_by("-order")
        after = siblings.filter(order__gt=OuterRef("order")).order_by("order")
        found: Any = (
            self.published()
            .select_related("issue", "section")
            .defer("body", "lead")
            .annotate(
                readable_body=_if_full("body"),
                readable_lead=_if_full("lead"),
                article_before=Subquery(before.values(found=neighbour)[:1]),
                article_after=Subquery(after.values(found=neighbour)[:1]),
            )
            .get(pk=pk)
        )
        found.body, found.lead = found.readable_body, found.readable_lead
        found.previous, found.next = found.article_before, found.article_after
        article: Article = found
        return article

    def for_contents(self) -> ArticleQuerySet:
        """Everything a table of contents shows, and no more: bodies are large."""
        return self.select_related("section").only(
            "issue_id",
            "order",
            "title",
            "kicker",
            "subtitle",
            "source",
            "printed_page",
            "online",
            "section__slug",
            "section__name",
            "section__order",
        )


def _if_full(field: str) -> Case:
    return Case(
        When(online=Online.FULL, then=F(field)),
        default=Value(""),
        output_field=models.TextField(),
    )


@dataclass(frozen=True)
class FileViews:
    """By which views the files of a page leave: the readers', or the editors' preview's."""

    figure: str
    attachment: str


@dataclass(frozen=True)
class PlacedFigure:
    """A figure as a page shows it; sizes in pixels."""

    id: str
    number: str
    alternative: str
    image: str
    width: int | None
    height: int | None
    view: str

    def get_absolute_url(self) -> str:
        return reverse(self.view, args=[self.id])


@dataclass(frozen=True)
class AttachedFile:
    """An attachment as a page lists it; size in bytes."""

    id: int
    name: str
    size: int
    view: str

    @property
    def url(self) -> str:
        return reverse(self.view, args=[self.id])


class Article(models.Model):
    issue = models.ForeignKey(
        Issue, on_delete=models.CASCADE, related_name="articles", verbose_name="期"
    )
    section = models.ForeignKey(
        Section, on_delete=models.PROTECT, related_name="articles", verbose_name="栏目"
    )
    order = models.PositiveSmallIntegerField("次序", validators=[MinValueValidator(1)])
    title = models.CharField("标题", max_length=200)
    contents_title = models.CharField(
        "目录用题", max_length=200, blank=True, help_text="目录所印与正文标题不同时填写。"
    )
    kicker = models.CharField("引题", max_length=200, blank=True)
    subtitle = models.CharField("副题", max_length=200, blank=True)
    lead = models.TextField("导读", blank=True, help_text="一行一段。")
    body = models.TextField("正文", blank=True)
    source = models.CharField("来源", max_length=120, blank=True)
    document_number = models.CharField("发文字号", max_length=60, blank=True)
    printed_page = models.PositiveSmallIntegerField(
        "印刷页码", null=True, blank=True, validators=[MinValueValidator(1)]
    )
    author = models.CharField("原作者", max_length=120, blank=True)
    original_title = models.CharField("原标题", max_length=200, blank=True)
    original_url = models.URLField("原文链接", max_length=500, blank=True)
    original_date = models.DateField("原发日期", null=True, blank=True)
    reprint_basis = models.CharField(
        "转载依据", max_length=12, choices=ReprintBasis, default=ReprintBasis.UNVERIFIED
    )
    editor = models.CharField("责任编辑", max_length=60, blank=True)
    proofreader = models.CharField("校对", max_length=60, blank=True)
    online = models.CharField(
        "线上方式",
        max_length=8,
        choices=Online,
        default=Online.FULL,
        help_text="“仅存目”只列标题和页码，正文不上线。",
    )
    withdrawn_at = models.DateTimeField("撤下时间", null=True, blank=True, editable=False)
    withdrawal_reason = models.CharField("撤下原因", max_length=200, blank=True, editable=False)

    # Set by `page_for` alone.
    previous: dict[str, Any] | None
    next: dict[str, Any] | None

    objects = ArticleQuerySet.as_manager()

    class Meta:
        verbose_name = "文章"
        verbose_name_plural = "文章"
        ordering = ["issue", "order"]
        indexes = [
            # The few that `searchable` leaves out of a published issue (see the search's engine).
            models.Index(
                F("id"),
                condition=~Q(online="full") | Q(withdrawn_at__isnull=False),
                name="article_withheld",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                "issue",
                "order",
                name="article_order_unique",
                violation_error_message="本期已有文章排在这个次序。",
            ),
            models.CheckConstraint(condition=Q(order__gte=1), name="article_order_positive"),
            models.CheckConstraint(
                condition=Q(printed_page__isnull=True) | Q(printed_page__gte=1),
                name="article_printed_page_positive",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        # The one way into the column: whatever was posted or imported is cleaned.
        from newsletter.reading import hang_notes
        from newsletter.search import index

        self.body = body.clean(self.body)
        with transaction.atomic():
            self._lock_issue()
            super().save(*args, **kwargs)
            hang_notes(self)
            index.refresh([self.pk])

    def get_absolute_url(self) -> str:
        return reverse("newsletter:article", args=[self.pk])

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        from newsletter.search import index

        with transaction.atomic():
            self._lock_issue()
            index.forget([self.pk])
            return super().delete(*args, **kwargs)

    def _lock_issue(self) -> None:
        """So that nobody publishes the issue while its text changes, and indexes the old one."""
        list(Issue.objects.select_for_update().filter(pk=self.issue_id).values_list("pk"))

    @property
    def is_full(self) -> bool:
        return self.online == Online.FULL

    @property
    def lead_paragraphs(self) -> list[str]:
        return [line.strip() for line in self.lead.splitlines() if line.strip()]

    def files(self, views: FileViews) -> tuple[dict[str, PlacedFigure], list[AttachedFile]]:
        """The figures by id and the attachments in order, in one query.

        Args:
            views: the views that the files are to be asked from.
        """
        figures = self.figures.order_by().values_list(
            Cast("id", CharField()), "number", "alternative", "image", "width", "height", "order"
        )
        nothing = Value("", output_field=CharField())
        attachments = self.attachments.order_by().values_list(
            Cast("id", CharField()),
            "name",
            nothing,
            nothing,
            "size",
            Value(-1, output_field=models.IntegerField()),
            "order",
        )
        placed: dict[str, PlacedFigure] = {}
        attached: list[AttachedFile] = []
        for key, label, alternative, image, first, second, _ in sorted(
            figures.union(attachments, all=True), key=lambda row: (row[6], row[0])
        ):
            if second == -1:
                attached.append(AttachedFile(int(key), label, first, views.attachment))
            else:
                placed[key] = PlacedFigure(
                    key, label, alternative, image, first, second, views.figure
                )
        return placed, attached
