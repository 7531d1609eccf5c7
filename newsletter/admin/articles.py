"""Articles in the admin: the fields, the body as HTML, figures and attachments beside it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.html import format_html

from members.admin.audited import AuditedAdmin
from members.admin.inlines import ConstrainedFormSet
from members.models import User
from newsletter import files, images, publishing
from newsletter.admin.permissions import may_touch, require, without_side_doors
from newsletter.models import Article, Attachment, Figure, Issue
from newsletter.models.article import FileViews
from newsletter.models.issue import Status
from newsletter.views.pages import article_context

PREVIEW = FileViews("admin:newsletter_figure_preview", "admin:newsletter_attachment_preview")


class GatedFileWidget(forms.ClearableFileInput):
    """Stored files have no address of their own: say what is there, link to nothing."""

    template_name = "admin/newsletter/gated_file.html"

    def is_initial(self, value: Any) -> bool:
        return bool(value)


class PictureField(forms.ImageField):
    """A picture is told by its content, whatever the file was called."""

    default_validators = []

    def to_python(self, data: Any) -> Any:
        file = forms.FileField.to_python(self, data)
        if file is not None:
            file.name = f"image{images.suffix_of(file.read())}"
            file.seek(0)
        return file


class FigureForm(forms.ModelForm[Figure]):
    class Meta:
        model = Figure
        fields = ("number", "caption", "alternative", "image", "order")
        field_classes = {"image": PictureField}
        widgets = {
            "image": GatedFileWidget,
            "alternative": forms.Textarea(attrs={"rows": 2}),
        }


class FigureInline(admin.TabularInline[Figure, Article]):
    model = Figure
    form = FigureForm
    formset = ConstrainedFormSet
    fields = ["number", "caption", "alternative", "image", "order", "placing"]
    readonly_fields = ["placing"]
    extra = 0
    view_on_site = False

    @admin.display(description="放进正文")
    def placing(self, figure: Figure) -> str:
        """What to paste where the figure is to stand."""
        if not figure.article_id:
            return "保存后显示"
        return format_html(
            "<code>&lt;figure data-figure=&quot;{}&quot;&gt;&lt;figcaption&gt;{}"
            "&lt;/figcaption&gt;&lt;/figure&gt;</code>",
            figure.pk,
            figure.caption,
        )


class AttachmentInline(admin.TabularInline[Attachment, Article]):
    model = Attachment
    extra = 0
    formset = ConstrainedFormSet
    fields = ["name", "file", "order"]
    view_on_site = False
    formfield_overrides = {models.FileField: {"widget": GatedFileWidget}}


@admin.register(Article)
class ArticleAdmin(AuditedAdmin):
    list_display = ["title", "issue", "section", "order", "printed_page", "online", "withdrawn_at"]
    list_filter = ["issue__year", "section", "online", "reprint_basis"]
    list_select_related = ["issue", "section"]
    search_fields = ["title", "source", "document_number"]
    ordering = ["-issue__year", "-issue__number", "order"]
    inlines = [FigureInline, AttachmentInline]
    list_per_page = 50
    readonly_fields = ["withdrawn_at", "withdrawal_reason"]
    fieldsets = [
        (None, {"fields": [("issue", "section"), ("order", "printed_page", "online")]}),
        (
            "标题",
            {"fields": ["kicker", "title", "subtitle", "contents_title", "document_number"]},
        ),
        ("正文", {"fields": ["lead", "body"]}),
        (
            "出处",
            {
                "fields": [
                    "source",
                    "reprint_basis",
                    "author",
                    "original_title",
                    "original_url",
                    "original_date",
                ]
            },
        ),
        ("编校", {"fields": [("editor", "proofreader")]}),
        ("撤下", {"fields": ["withdrawn_at", "withdrawal_reason"], "classes": ["collapse"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Article]:
        found = super().get_queryset(request)
        # Bodies are large; the list shows none.
        is_list = request.resolver_match and request.resolver_match.url_name == (
            "newsletter_article_changelist"
        )
        return found.defer("body", "lead") if is_list else found

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """An article stays in its issue: moving it would publish it, or take it back."""
        fields = super().get_readonly_fields(request, obj)
        return fields if obj is None else [*fields, "issue"]

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "issue" and not request.user.has_perm("newsletter.change_published"):
            # To add to what members read is to publish.
            kwargs["queryset"] = Issue.objects.exclude(status=Status.PUBLISHED)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "body":
            kwargs["widget"] = forms.Textarea(
                attrs={"rows": 30, "class": "body-html", "spellcheck": "false"}
            )
        elif db_field.name == "original_url":
            kwargs["assume_scheme"] = "https"
        elif db_field.name == "lead":
            kwargs["widget"] = forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"})
        elif db_field.name in ("title", "contents_title", "kicker", "subtitle", "original_title"):
            kwargs["widget"] = forms.TextInput(attrs={"class": "vLargeTextField"})
        return without_side_doors(super().formfield_for_dbfield(db_field, request, **kwargs))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and may_touch(request, obj and obj.issue)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and may_touch(request, obj and obj.issue)

    def get_actions(self, request: HttpRequest) -> Any:
        """One at a time: deleting many at once would not ask each article's state."""
        return {}

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/preview/", view(self.preview), name="newsletter_article_preview"),
            path("<int:pk>/withdraw/", view(self.withdraw), name="newsletter_article_withdraw"),
            path("<int:pk>/restore/", view(self.restore), name="newsletter_article_restore"),
            path(
                "preview/figures/<slug:pk>/",
                view(self.preview_figure),
                name="newsletter_figure_preview",
            ),
            path(
                "preview/attachments/<int:pk>/",
                view(self.preview_attachment),
                name="newsletter_attachment_preview",
            ),
            *super().get_urls(),
        ]

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The article as a member will see it, whatever its state."""
        require(request, "newsletter.preview_issue")
        found = get_object_or_404(Article.objects.select_related("issue", "section"), pk=pk)
        context = article_context(found, views=PREVIEW)
        return render(request, "newsletter/article.html", context | {"preview": True})

    def preview_figure(self, request: HttpRequest, pk: str) -> HttpResponse:
        require(request, "newsletter.preview_issue")
        found = get_object_or_404(Figure.objects.exclude(image=""), pk=pk)
        return files.inline_image(found.image)  # type: ignore[return-value]

    def preview_attachment(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request, "newsletter.preview_issue")
        found = get_object_or_404(Attachment, pk=pk)
        return files.download(found.file, name=found.name)  # type: ignore[return-value]

    def withdraw(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take this one article back, after a word of confirmation."""
        require(request, "newsletter.publish_issue")
        found = get_object_or_404(Article.objects.select_related("issue"), pk=pk)
        reason = request.POST.get("reason", "").strip()[:200]
        if request.method == "POST" and reason:
            assert isinstance(request.user, User)
            publishing.withdraw_article(found, by=request.user, reason=reason)
            messages.success(request, f"《{found}》已撤下，会员不能再读到。")
            return redirect("admin:newsletter_article_change", pk)
        return render(
            request,
            "admin/newsletter/withdraw.html",
            self.admin_site.each_context(request)
            | {
                "title": "撤下文章",
                "what": f"《{found}》",
                "back": reverse("admin:newsletter_article_change", args=[pk]),
                "missing": request.method == "POST",
            },
        )

    def restore(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request, "newsletter.publish_issue")
        found = get_object_or_404(Article.objects.select_related("issue"), pk=pk)
        if request.method == "POST":
            assert isinstance(request.user, User)
            publishing.restore_article(found, by=request.user)
            messages.success(request, f"《{found}》已恢复。")
        return redirect("admin:newsletter_article_change", pk)
