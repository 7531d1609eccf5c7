from __future__ import annotations

from typing import Any

from django.db import models
from django.urls import reverse


class SectionQuerySet(models.QuerySet["Section"]):
    def listed_for(self, user: Any) -> SectionQuerySet:
        """Sections in which this person finds an article; a draft's new one is not told."""
        from newsletter.models.article import Article

        articles = Article.objects.listed_for(user).filter(section=models.OuterRef("pk"))
        return self.filter(models.Exists(articles.order_by()))


class Section(models.Model):
    """栏目: one of the four, or one added later."""

    slug = models.SlugField("网址名", unique=True, help_text="用于网址，如 finance-news。")
    name = models.CharField("名称", max_length=30, unique=True)
    order = models.PositiveSmallIntegerField("次序", unique=True)

    objects = SectionQuerySet.as_manager()

    class Meta:
        verbose_name = "栏目"
        verbose_name_plural = "栏目"
        ordering = ["order"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("newsletter:section", args=[self.slug])
