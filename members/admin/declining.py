"""Declining 入会申请: one with a letter, a call or no word; many at once with no word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from members import applications
from members.models import Application, User

if TYPE_CHECKING:
    from members.admin.applications import ApplicationAdmin

MOST_DECLINED = 300
TELL, SILENT = "tell", "silent"


class DeclineForm(forms.Form):
    tell = forms.ChoiceField(
        label="答复申请人",
        initial=TELL,
        widget=forms.RadioSelect,
        error_messages={"required": "请选：答复，还是不答复。"},
    )
    reason = forms.CharField(
        label="没有通过的原因",
        max_length=200,
        required=False,
        widget=forms.Textarea({"rows": 3, "maxlength": 200}),
        help_text="发信的，照原样写进给申请人的信里；不答复的可以不填。最多 200 个字。",
        error_messages={"max_length": "原因最多 200 个字。"},
    )

    def __init__(self, data: Any = None, *, application: Application) -> None:
        super().__init__(data, label_suffix="")
        tell = self.fields["tell"]
        assert isinstance(tell, forms.ChoiceField)
        tell.choices = [
            (TELL, "发信告知" if application.email else "由我们电话告知"),
            (SILENT, "不发信，也不用打电话" if application.email else "不告知"),
        ]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        told = self.cleaned_data.get("tell") == TELL
        if told and not self.cleaned_data.get("reason") and not self.has_error("reason"):
            self.add_error("reason", "请填写原因：它是给申请人的答复。")
        return cleaned

    @property
    def is_silent(self) -> bool:
        return bool(self.cleaned_data["tell"] == SILENT)


@admin.action(description="不受理（不发信）", permissions=["decide"])
def decline_silently(
    model_admin: ApplicationAdmin, request: HttpRequest, queryset: QuerySet[Application]
) -> HttpResponse | None:
    """What is plainly no application: looked through once more, then declined together."""
    if not model_admin.has_decide_permission(request):
        raise PermissionDenied
    chosen = list(queryset.order_by("pk")[: MOST_DECLINED + 1])
    if len(chosen) > MOST_DECLINED:
        messages.error(request, f"一次最多选 {MOST_DECLINED} 份。请分几次选。")
        return None
    able = [one for one in chosen if one.state == Application.State.PENDING]
    # One that somebody has decided since the page was looked at brings it back.
    if "confirmed" in request.POST and able and len(able) == len(chosen):
        assert isinstance(request.user, User)
        try:
            count = applications.decline_silently(able, by=request.user, request=request)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, f"{count} 份申请不受理，没有发信。")
        return None
    return render(
        request,
        "admin/members/application_decline.html",
        model_admin.admin_site.each_context(request)
        | {
            "title": "不受理（不发信）",
            "able": able,
            "unable": [one for one in chosen if one not in able],
            "action": request.POST.get("action", ""),
        },
    )
