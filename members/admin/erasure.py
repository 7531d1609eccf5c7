"""注销申请: the queue of those who asked, and the page on which somebody is erased."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.html import format_html

from members import erasure, seals
from members.admin.lookups import OfferedLookups
from members.models import ErasureRequest, User


class ErasureForm(forms.Form):
    """That the identity was checked; and, without a request in the portal, what there is."""

    basis = forms.CharField(
        label="依据",
        max_length=erasure.BASIS_LENGTH,
        help_text="如：某年某月某日收到本人书面申请。写在这里的随后一并封存。",
        error_messages={"required": "请写明依据，如收到书面申请的日期。"},
    )
    checked = forms.BooleanField(
        label="已核对是本人的要求，知道注销后不能恢复",
        error_messages={"required": "请先核对，再勾选。"},
    )

    def __init__(self, *args: Any, asked: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["basis"].required = not asked
        if asked:
            self.fields["basis"].label = "附注（可以不填）"
            self.fields["basis"].help_text = "如怎样核对的身份。写在这里的随后一并封存。"


@admin.register(ErasureRequest)
class ErasureRequestAdmin(OfferedLookups):
    """Pending ones first, the oldest first; to look at, and a way to the page that acts."""

    list_display = ["person", "act", "asked_at", "state", "closed_at"]
    list_display_links = None
    list_filter = ["state"]
    list_select_related = ["person"]
    list_per_page = 50
    actions = None

    # Pending ones have no end yet: the oldest first, then what was done, the latest first.
    ordering = [F("closed_at").desc(nulls_first=True), "asked_at", "pk"]

    @admin.display(description="办理")
    def act(self, asked: ErasureRequest) -> str:
        if asked.state != ErasureRequest.State.PENDING:
            return "—"
        address = reverse("admin:members_erasurerequest_erase", args=[asked.person_id])
        # Each link says where it leads (WCAG 2.4.4).
        return format_html('<a href="{}" aria-label="办理：{}">办理</a>', address, asked.person)

    def get_urls(self) -> list[Any]:
        return [
            path(
                "erase/<int:pk>/",
                self.admin_site.admin_view(self.erase),
                name="members_erasurerequest_erase",
            ),
            *super().get_urls(),
        ]

    def erase(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Look, check, and erase a person; there is no way back."""
        if not request.user.has_perm("members.erase_people"):
            raise PermissionDenied
        person = get_object_or_404(User, pk=pk, erased_at__isnull=True)
        # A holder of a role is changed by those who may give roles.
        if not self.admin_site.get_model_admin(User).has_change_permission(request, person):
            raise PermissionDenied
        asked = erasure.pending_request(person)
        form = ErasureForm(request.POST or None, asked=asked is not None)
        if form.is_valid() and (done := self._erase(request, person, form)):
            return done
        obstacles = erasure.obstacles(person)
        return render(
            request,
            "admin/members/erase.html",
            self.admin_site.each_context(request)
            | {
                "title": "注销并删除",
                "person": person,
                "asked": asked,
                "obstacles": obstacles,
                "elsewhere": None if obstacles else erasure.elsewhere(person),
                # Whom somebody looks for is told to those who look.
                "may_see_cases": request.user.has_perm("members.view_leakcase"),
                "seats": person.seats.filter(until__isnull=True).select_related("organization"),
                "retention": seals.retention().days,
                "form": form,
            },
        )

    def _erase(self, request: HttpRequest, person: User, form: ErasureForm) -> HttpResponse | None:
        assert isinstance(request.user, User)
        basis = form.cleaned_data["basis"]
        try:
            link = erasure.erase(person, by=request.user, basis=basis, request=request)
        except ValidationError as error:
            form.add_error(None, error)
            return None
        messages.success(
            request,
            f"已注销并删除。身份代号 {link.ref} 封存到 {link.destroy_after:%Y-%m-%d}。",
        )
        return redirect("admin:members_erasurerequest_changelist")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
