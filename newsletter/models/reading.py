"""What one person has done with an article: how far they read, what they kept, what they noted."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from members.access import may_read
from newsletter.models.article import Article

NOTE_LENGTH = 2000
EXCERPT_LENGTH = 120


class ReadingQuerySet(models.QuerySet["Reading"]):
    def readable_by(self, user: Any) -> ReadingQuerySet:
        """One's own, of articles that one may read now."""
        articles = Article.objects.readable_by(user)
        return self.filter(reader=user.pk, article__in=articles)

    def with_article(self) -> ReadingQuerySet:
        """With all that a list of articles shows, and no body."""
        return self.select_related("article__issue", "article__section").defer(
            "article__body", "article__lead"
        )


class Reading(models.Model):
    """阅读记录: one a person and article."""

    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="readings"
    )
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="readings")
    block = models.CharField("读到的段", max_length=16, blank=True)
    share = models.PositiveSmallIntegerField("读了百分之几", default=0)
    read_at = models.DateTimeField("最近阅读", null=True, blank=True)
    finished_at = models.DateTimeField("读完", null=True, blank=True)
    bookmarked_at = models.DateTimeField("收藏", null=True, blank=True)

    # What of a row is the reader's own, and how they call it (members/own_data.py): the words of
    # the article are not among it.
    own_name = "在读、读过与收藏的文章"
    own_fields = ("article", "block", "share", "read_at", "finished_at", "bookmarked_at")

    objects = ReadingQuerySet.as_manager()

    class Meta:
        verbose_name = "阅读记录"
        verbose_name_plural = "阅读记录"
        constraints = [
            models.UniqueConstraint("reader", "article", name="reading_once"),
            models.CheckConstraint(condition=Q(share__lte=100), name="reading_share_per_cent"),
        ]
        indexes = [
            models.Index(fields=["reader", "-read_at"], name="reading_latest"),
            models.Index(fields=["reader", "-bookmarked_at"], name="reading_bookmarks"),
        ]

    def __str__(self) -> str:
        return f"{self.article}：{self.share}%"

    def get_absolute_url(self) -> str:
        """Where one goes on reading."""
        url = self.article.get_absolute_url()
        return f"{url}#{self.block}" if self.block else url


class NoteQuerySet(models.QuerySet["Note"]):
    def readable_by(self, user: Any) -> NoteQuerySet:
        """One's own, with the article they stand in readable, or gone for good.

        Nothing for whom reading is closed: a note carries the first words of its paragraph.
        """
        if not may_read(user).allowed:
            return self.none()
        articles = Article.objects.readable_by(user)
        return self.filter(Q(article__isnull=True) | Q(article__in=articles), reader=user.pk)


class Note(models.Model):
    """批注: somebody's own words beside a paragraph, shown to nobody else."""

    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notes"
    )
    # The article may go; what somebody wrote stays, with what it was about.
    article = models.ForeignKey(
        Article, on_delete=models.SET_NULL, null=True, blank=True, related_name="notes"
    )
    article_title = models.CharField("文章", max_length=200)
    block = models.CharField("段", max_length=16)
    excerpt = models.CharField("段首", max_length=EXCERPT_LENGTH)
    text = models.TextField("批注", max_length=NOTE_LENGTH)
    created_at = models.DateTimeField("写于", auto_now_add=True)
    changed_at = models.DateTimeField("改于", auto_now=True)

    own_name = "批注"
    own_fields = ("article", "block", "text", "created_at", "changed_at")

    objects = NoteQuerySet.as_manager()

    class Meta:
        verbose_name = "批注"
        verbose_name_plural = "批注"
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["reader", "-created_at"], name="note_latest")]

    def __str__(self) -> str:
        return self.text[:20]

    def get_absolute_url(self) -> str:
        assert self.article is not None
        return f"{self.article.get_absolute_url()}#{self.block}"
