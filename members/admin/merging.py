"""Two records of one person: looked for, laid side by side, looked through, merged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode

from members import merging
from members.admin.merge_form import MergeForm
from members.masking import mask_email, mask_phone
from members.models import Seat, User

if TYPE_CHECKING:
    from members.admin.people import PersonAdmin

MOST_FOUND = 20


def merge(model_admin: PersonAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """One address for all steps; only the last, a POST that was looked through, does it."""
    person = get_object_or_404(User, pk=pk)
    _require(model_admin, request, person)
    chosen = request.POST.get("other") or request.GET.get("other", "")
    if not chosen.isdecimal():
        return _choose(model_admin, request, person)
    other = get_object_or_404(User, pk=int(chosen[:18]))
    _require(model_admin, request, other)
    if words := _why_not(model_admin, request, person, other):
        messages.error(request, words)
        return redirect("admin:members_user_merge", pk)
    posted = request.POST if request.method == "POST" else None
    form = MergeForm(posted, one=person, other=other)
    if form.is_valid():
        if "confirmed" not in request.POST:
            return _page(model_admin, request, "merge_confirm", person, other, form=form)
        assert isinstance(request.user, User)
        try:
            staying = merging.merge(
                form.staying,
                form.leaving,
                by=request.user,
                take=form.take,
                seat=form.seat,
                seen=request.POST.get("seen") or "nothing",
                request=request,
            )
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            again = f"{request.path}?{urlencode({'other': other.pk})}"
            return redirect(again)
        messages.success(request, f"已合并。{staying}是留下的记录。")
        return redirect("admin:members_user_change", staying.pk)
    return _page(model_admin, request, "merge", person, other, form=form)


def _require(model_admin: PersonAdmin, request: HttpRequest, person: User) -> None:
    # Who is merged already is told so on the page; whoever holds a role is for others to touch.
    unmerged = person.merged_into_id is None
    if not model_admin.has_merge_permission(request):
        raise PermissionDenied
    if unmerged and not model_admin.has_change_permission(request, person):
        raise PermissionDenied


def _why_not(model_admin: PersonAdmin, request: HttpRequest, one: User, other: User) -> str:
    if one == other:
        return "这是同一条记录，请选另一条。"
    for person in (one, other):
        if person == request.user:
            return "这是您自己的记录，请由另一位同事合并。"
        if words := merging.obstacle(person):
            return f"{person}：{words}，不能合并。"
    if not one.is_active and not other.is_active:
        return "两条记录都已停用，没有哪一条可以留下。请先启用其中一条。"
    return ""


def _choose(model_admin: PersonAdmin, request: HttpRequest, person: User) -> HttpResponse:
    """By member number, phone or e-mail, or by any part of the name; those of one name first.

    Most of those found are somebody else: masked here, whole only where two are compared.
    """
    written = request.GET.get("q", "").strip()[:254]
    others = User.objects.filter(merged_into__isnull=True, erased_at__isnull=True).exclude(
        pk=person.pk
    )
    if written:
        found, doubled = model_admin.get_search_results(request, others, written)
        found = found.distinct() if doubled else found
    else:
        found = others.filter(name=person.name)
    current = Seat.objects.current().select_related("organization")
    rows = list(
        found.order_by("member_number").prefetch_related(
            Prefetch("seats", queryset=current, to_attr="held"), "groups"
        )[: MOST_FOUND + 1]
    )
    return _page(
        model_admin,
        request,
        "merge_choose",
        person,
        None,
        written=written,
        rows=[
            {
                "person": row,
                "reached": [
                    masked for masked in (mask_phone(row.phone), mask_email(row.email)) if masked
                ],
                "may": model_admin.has_change_permission(request, row),
            }
            for row in rows[:MOST_FOUND]
        ],
        more=len(rows) > MOST_FOUND,
        why_not=merging.obstacle(person),
    )


def _page(
    model_admin: PersonAdmin,
    request: HttpRequest,
    page: str,
    person: User,
    other: User | None,
    **context: Any,
) -> HttpResponse:
    return render(
        request,
        f"admin/members/{page}.html",
        model_admin.admin_site.each_context(request)
        | {
            "title": "与另一人合并",
            "person": person,
            "other": other,
            "seen": merging.fingerprint(person, other) if other else "",
        }
        | context,
    )
