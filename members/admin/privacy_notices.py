"""个人信息处理说明 in the admin: every version to look at; a new one after a preview."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from members import privacy_notices
from members.admin.lookups import OfferedLookups
from members.models import PrivacyNotice, User


class NoticeForm(forms.Form):
    after = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    text = forms.CharField(
        label="内容",
        widget=forms.Textarea({"rows": 30}),
        help_text="每一行是一段。“一、”这样开头、没有句号的一行是小标题；“- ”开头的是列举的一项。",
        error_messages={"required": "请填写说明的内容。"},
    )

    def clean_text(self) -> str:
        return privacy_notices.check(self.cleaned_data["text"])


@admin.register(PrivacyNotice)
class PrivacyNoticeAdmin(OfferedLookups):
    list_display = ["__str__", "published_at"]
    list_per_page = 50
    actions = None
    view_on_site = False

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("text")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[Any]:
        return [
            path(
                "new/",
                self.admin_site.admin_view(self.new_version),
                name="members_privacynotice_new",
            ),
            *super().get_urls(),
        ]

    def new_version(self, request: HttpRequest) -> HttpResponse:
        """Write, look at it as readers will, publish. Only the last step keeps anything."""
        if not request.user.has_perm("members.publish_privacynotice"):
            raise PermissionDenied
        current = privacy_notices.in_force()
        version = current.version if current else 0
        form = NoticeForm(
            request.POST or None,
            initial={"after": version, "text": current.text if current else ""},
            label_suffix="",
        )
        step = request.POST.get("step", "")
        is_sound = form.is_valid() and step in ("look", "publish")
        if is_sound and step == "publish":
            assert isinstance(request.user, User)
            try:
                notice = privacy_notices.publish(
                    form.cleaned_data["text"],
                    by=request.user,
                    after=form.cleaned_data["after"],
                    request=request,
                )
            except ValidationError as error:
                form.add_error(None, error.messages)
                is_sound = False
            else:
                messages.success(request, f"第 {notice.version} 版已发布，现在施行。")
                return redirect("admin:members_privacynotice_changelist")
        context = self.admin_site.each_context(request) | {
            "title": "发布新的一版",
            "opts": self.opts,
            "form": form,
            "version": version,
        }
        if is_sound:
            text = form.cleaned_data["text"]
            since = current.text if current else None
            context |= {
                "blocks": privacy_notices.blocks(text, since=since),
                "asked": User.objects.filter(is_active=True).count(),
            }
            return render(request, "admin/members/notice_look.html", context)
        return render(request, "admin/members/notice_write.html", context)
