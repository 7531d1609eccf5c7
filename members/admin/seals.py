"""泄密追查 and what is sealed: the auditors' desk."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.html import format_html

from members import seals
from members.admin.audited import AuditedAdmin
from members.admin.lookups import OfferedLookups
from members.models import LeakCase, SealedLink, User

# Of somebody who came every day, what the page shows; the file of the trail has the rest.
MOST_ENTRIES = 200


class OpeningForm(forms.Form):
    code = forms.UUIDField(
        label="代号",
        help_text="审计记录里的代号，36 位。",
        error_messages={"required": "请填写代号。", "invalid": "代号不对，应当是 36 位。"},
    )
    reason = forms.CharField(
        label="事由",
        max_length=seals.REASON_LENGTH,
        help_text="为什么要知道此人是谁。记入审计。",
        error_messages={"required": "请写明打开的事由。"},
    )


@admin.register(SealedLink)
class SealedLinkAdmin(OfferedLookups):
    """Which codes are sealed and until when. What is in them is seen on one page, once."""

    list_display = ["ref", "act", "sealed_at", "destroy_after"]
    list_display_links = None
    search_fields = ["ref"]
    search_help_text = "代号"
    list_per_page = 50
    actions = None
    fields = ["ref", "sealed_at", "destroy_after"]

    @admin.display(description="启封")
    def act(self, link: SealedLink) -> str:
        address = f"{reverse('admin:members_sealedlink_open')}?code={link.ref}"
        return format_html('<a href="{}" aria-label="打开 {}">打开</a>', address, link.ref)

    def get_urls(self) -> list[Any]:
        return [
            path(
                "open/",
                self.admin_site.admin_view(self.open),
                name="members_sealedlink_open",
            ),
            *super().get_urls(),
        ]

    def open(self, request: HttpRequest) -> HttpResponse:
        """A code and a reason; then what is sealed, in the answer to this one request."""
        if not request.user.has_perm("members.open_seal"):
            raise PermissionDenied
        posted = request.method == "POST"
        form = OpeningForm(
            request.POST if posted else None, initial={"code": request.GET.get("code", "")}
        )
        opened = None
        if form.is_valid():
            assert isinstance(request.user, User)
            try:
                opened = seals.open_link(
                    form.cleaned_data["code"],
                    by=request.user,
                    reason=form.cleaned_data["reason"],
                    request=request,
                )
            except ValidationError as error:
                form.add_error(None, error)
        return render(
            request,
            "admin/members/seal.html",
            self.admin_site.each_context(request)
            | {
                "title": "打开封存的身份",
                "form": form,
                "opened": opened,
                "entries": seals.described(opened.entries[-MOST_ENTRIES:]) if opened else [],
                "is_cut": opened is not None and len(opened.entries) > MOST_ENTRIES,
                "most": MOST_ENTRIES,
            },
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(LeakCase)
class LeakCaseAdmin(AuditedAdmin):
    list_display = ["title", "opened_at", "opened_by", "closed_at"]
    list_filter = [("closed_at", admin.EmptyFieldListFilter)]
    list_select_related = ["opened_by", "closed_by"]
    list_per_page = 50
    actions = None
    fields = ["title", "note"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return self.fields
        return [*self.fields, "opened_at", "opened_by", "closed_at", "closed_by"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["opened_at", "opened_by", "closed_at", "closed_by"]

    def save_model(self, request: HttpRequest, obj: LeakCase, form: Any, change: bool) -> None:
        if not change:
            assert isinstance(request.user, User)
            obj.opened_by = request.user
        super().save_model(request, obj, form, change)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was closed stays as it was."""
        return super().has_change_permission(request, obj) and (
            obj is None or obj.closed_at is None
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[Any]:
        return [
            path(
                "<int:pk>/close/",
                self.admin_site.admin_view(self.close),
                name="members_leakcase_close",
            ),
            *super().get_urls(),
        ]

    def close(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End a case after a look at what that sets going again."""
        if not request.user.has_perm("members.change_leakcase"):
            raise PermissionDenied
        case = get_object_or_404(LeakCase, pk=pk)
        if request.method == "POST":
            assert isinstance(request.user, User)
            try:
                seals.close_case(case, by=request.user, request=request)
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))
            else:
                messages.success(request, f"「{case}」已结案。")
            return redirect("admin:members_leakcase_changelist")
        others = LeakCase.objects.filter(closed_at__isnull=True).exclude(pk=case.pk).count()
        return render(
            request,
            "admin/members/leak_case_close.html",
            self.admin_site.each_context(request)
            | {"title": "结案", "case": case, "others": others},
        )
