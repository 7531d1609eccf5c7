"""图 and 附件: files of an article. Both leave through gated views alone."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from newsletter.models.article import Article, ArticleQuerySet
from newsletter.tokens import new_token


def figure_path(figure: Figure, filename: str) -> str:
    """A generated name: what the file was called where it came from is never a path here."""
    return f"figures/{new_token(20)}{PurePosixPath(filename).suffix.lower()[:6]}"


def attachment_path(attachment: Attachment, filename: str) -> str:
    return f"attachments/{new_token(20)}"


class ArticleFileQuerySet(models.QuerySet[Any]):
    def readable_by(self, user: Any) -> ArticleFileQuerySet:
        """Files of articles that this person may read in full now."""
        articles: ArticleQuerySet = Article.objects.readable_by(user)
        return self.filter(article__in=articles)


class Figure(models.Model):
    id = models.CharField(
        "代号", primary_key=True, max_length=12, default=new_token, editable=False
    )
    article = models.ForeignKey(
        Article, on_delete=models.CASCADE, related_name="figures", verbose_name="文章"
    )
    number = models.CharField("图号", max_length=20, blank=True, help_text="如“图2”。")
    caption = models.CharField("图题", max_length=200, blank=True)
    alternative = models.TextField(
        "替代文字", blank=True, help_text="读给看不见图的人听：图中说的是什么（WCAG 1.1.1）。"
    )
    image = models.ImageField(
        "图片",
        upload_to=figure_path,
        width_field="width",
        height_field="height",
        blank=True,
        help_text="收到的文件里没有图时可以空着，页面会注明缺图。",
    )
    width = models.PositiveIntegerField("宽", null=True, blank=True, editable=False)
    height = models.PositiveIntegerField("高", null=True, blank=True, editable=False)
    order = models.PositiveSmallIntegerField("次序", default=1)

    objects = ArticleFileQuerySet.as_manager()

    class Meta:
        verbose_name = "图"
        verbose_name_plural = "图"
        ordering = ["article", "order"]
        constraints = [
            models.UniqueConstraint(
                "article",
                "number",
                condition=~Q(number=""),
                name="figure_number_unique",
                violation_error_message="本文已有这个图号。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.caption}".strip()

    def get_absolute_url(self) -> str:
        return reverse("newsletter:figure", args=[self.pk])


class Attachment(models.Model):
    article = models.ForeignKey(
        Article, on_delete=models.CASCADE, related_name="attachments", verbose_name="文章"
    )
    name = models.CharField("文件名", max_length=150)
    file = models.FileField("文件", upload_to=attachment_path)
    size = models.PositiveBigIntegerField("字节", editable=False, default=0)
    order = models.PositiveSmallIntegerField("次序", default=1)

    objects = ArticleFileQuerySet.as_manager()

    class Meta:
        verbose_name = "附件"
        verbose_name_plural = "附件"
        ordering = ["article", "order"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.size = self.file.size
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("newsletter:attachment", args=[self.pk])
