from __future__ import annotations

from django.db import models
from django.urls import reverse


class Section(models.Model):
    """栏目: one of the four, or one added later."""

    slug = models.SlugField("网址名", unique=True, help_text="用于网址，如 finance-news。")
    name = models.CharField("名称", max_length=30, unique=True)
    order = models.PositiveSmallIntegerField("次序", unique=True)

    class Meta:
        verbose_name = "栏目"
        verbose_name_plural = "栏目"
        ordering = ["order"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("newsletter:section", args=[self.slug])
