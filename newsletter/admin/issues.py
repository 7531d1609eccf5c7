"""Issues in the admin: import, look through, preview, publish, withdraw."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.html import format_html

from members.admin.audited import AuditedAdmin
from members.admin.inlines import NamedRowFormSet
from members.models import User
from newsletter import publishing
from newsletter.admin import imports
from newsletter.admin.permissions import may_touch, require, without_side_doors
from newsletter.contents import by_section
from newsletter.models import Article, Doubt, Issue
from newsletter.models.issue import Status


class ArticleFormSet(NamedRowFormSet):
    """The order may be changed freely, two articles swapped: only the whole must hold."""

    def clean(self) -> None:
        super().clean()
        if self.instance.pk is None:
            return  # an issue that is new has none yet
        there = set(self.instance.articles.values_list("pk", flat=True))
        if {form.instance.pk for form in self.forms} != there:
            raise ValidationError("这期的文章在您打开页面之后有增减，请重新打开再改。")
        taken: set[int] = set()
        for form in self.forms:
            order = form.cleaned_data.get("order")
            if order in taken:
                form.add_error("order", "另一篇文章也排在这个次序，请改成不同的数。")
            taken.add(order)

    def save(self, commit: bool = True) -> Any:
        if any("order" in form.changed_data for form in self.forms):
            self.instance.reorder(
                {form.instance.pk: form.cleaned_data["order"] for form in self.forms}
            )
        return super().save(commit)


class ArticleInline(admin.TabularInline[Article, Issue]):
    """The table of contents; an article is edited on its own page."""

    model = Article
    formset = ArticleFormSet
    extra = 0
    fields = ["order", "section", "linked_title", "printed_page", "source", "online"]
    readonly_fields = ["linked_title", "source"]
    ordering = ["order"]
    can_delete = False
    view_on_site = False

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("body", "lead")

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        return without_side_doors(super().formfield_for_dbfield(db_field, request, **kwargs))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and may_touch(request, obj)

    @admin.display(description="标题")
    def linked_title(self, article: Article) -> str:
        address = reverse("admin:newsletter_article_change", args=[article.pk])
        return format_html('<a href="{}">{}</a>', address, article.title)


@admin.register(Issue)
class IssueAdmin(AuditedAdmin):
    list_display = ["__str__", "serial", "status", "article_count", "open_doubts", "published_at"]
    list_filter = ["status", "year"]
    inlines = [ArticleInline]
    list_per_page = 40
    readonly_fields = ["status", "version", "published_at", "withdrawn_at", "withdrawal_reason"]
    fieldsets = [
        (None, {"fields": [("year", "number", "serial", "frequency"), "periodical", "cover_line"]}),
        (
            "刊记",
            {
                "fields": [
                    "publisher",
                    ("permit_number", "recipients"),
                    ("printer", "printed_on", "print_run"),
                ]
            },
        ),
        (
            "发布",
            {
                "fields": [
                    ("status", "version", "published_at"),
                    "withdrawn_at",
                    "withdrawal_reason",
                ]
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        return (
            super()
            .get_queryset(request)
            .annotate(
                article_total=Count("articles", distinct=True),
                doubt_total=Count(
                    "doubts", filter=Q(doubts__state=Doubt.State.OPEN), distinct=True
                ),
            )
        )

    @admin.display(description="文章", ordering="article_total")
    def article_count(self, issue: Any) -> int:
        return int(issue.article_total)

    @admin.display(description="待处理存疑", ordering="doubt_total")
    def open_doubts(self, issue: Any) -> str:
        address = reverse("admin:newsletter_issue_doubts", args=[issue.pk])
        return format_html('<a href="{}">{}</a>', address, issue.doubt_total)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only a draft that never was published; what members have read is withdrawn."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or (obj.version == 0 and obj.status == Status.DRAFT))

    def get_actions(self, request: HttpRequest) -> Any:
        return {}

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("import/", view(imports.upload), name="newsletter_issue_import"),
            path("import/<slug:pk>/", view(imports.report), name="newsletter_issue_report"),
            path("<int:pk>/preview/", view(self.preview), name="newsletter_issue_preview"),
            path("<int:pk>/doubts/", view(self.doubts), name="newsletter_issue_doubts"),
            path("<int:pk>/publish/", view(self.publish), name="newsletter_issue_publish"),
            path("<int:pk>/withdraw/", view(self.withdraw), name="newsletter_issue_withdraw"),
            *super().get_urls(),
        ]

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The issue's contents as a member will see them, whatever its state."""
        require(request, "newsletter.preview_issue")
        found = get_object_or_404(Issue, pk=pk)
        articles = Article.objects.filter(issue=found, withdrawn_at__isnull=True)
        return render(
            request,
            "newsletter/issue.html",
            {
                "issue": found,
                "contents": by_section(articles.for_contents().order_by("order")),
                "preview": True,
            },
        )

    def doubts(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What the import was not sure of; each is ticked off by name."""
        require(request, "newsletter.view_doubt")
        found = get_object_or_404(Issue, pk=pk)
        if request.method == "POST":
            require(request, "newsletter.change_doubt")
            assert isinstance(request.user, User)
            number, state = request.POST.get("doubt", ""), request.POST.get("state", "")
            doubt = get_object_or_404(found.doubts, pk=number if number.isdecimal() else None)
            if state in Doubt.State.values:
                publishing.settle(doubt, state=Doubt.State(state), by=request.user)
            return redirect(f"{request.path}#doubt-{doubt.pk}")
        return render(
            request,
            "admin/newsletter/doubts.html",
            self.admin_site.each_context(request)
            | {
                "title": f"{found} · 存疑",
                "issue": found,
                "doubts": found.doubts.select_related("article", "settled_by").defer(
                    "article__body", "article__lead"
                ),
            },
        )

    def publish(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what would be published and what is in the way; publish on confirmation."""
        require(request, "newsletter.publish_issue")
        found = get_object_or_404(Issue, pk=pk)
        if request.method == "POST":
            assert isinstance(request.user, User)
            try:
                publishing.publish(found, by=request.user)
            except publishing.Refused as error:
                messages.error(request, str(error))
            else:
                messages.success(request, f"{found}已发布，会员现在可以阅读。")
                return redirect("admin:newsletter_issue_changelist")
        articles = Article.objects.filter(issue=found, withdrawn_at__isnull=True)
        return render(
            request,
            "admin/newsletter/publish.html",
            self.admin_site.each_context(request)
            | {
                "title": f"发布{found}",
                "issue": found,
                "articles": articles.for_contents().order_by("order"),
                "obstacles": publishing.obstacles(found),
                "warnings": publishing.warnings(found),
            },
        )

    def withdraw(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take a published issue back, after a word of confirmation."""
        require(request, "newsletter.publish_issue")
        found = get_object_or_404(Issue, pk=pk)
        reason = request.POST.get("reason", "").strip()[:200]
        if request.method == "POST" and reason:
            assert isinstance(request.user, User)
            try:
                publishing.withdraw(found, by=request.user, reason=reason)
            except publishing.Refused as error:
                messages.error(request, str(error))
            else:
                messages.success(request, f"{found}已撤回，会员不能再读到。")
            return redirect("admin:newsletter_issue_change", pk)
        return render(
            request,
            "admin/newsletter/withdraw.html",
            self.admin_site.each_context(request)
            | {
                "title": "撤回一期",
                "what": str(found),
                "back": reverse("admin:newsletter_issue_change", args=[pk]),
                "missing": request.method == "POST",
            },
        )
