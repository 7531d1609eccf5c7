"""Renewing many memberships: what it will be is looked at, and then done, whole or not at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from members import memberships
from members.models import Membership, User

MOST_RENEWED = 300
LENGTHS = {"1": "一年", "2": "两年", "3": "三年"}


def seen(request: HttpRequest) -> list[int]:
    """The memberships that the page showed, by what its form sends back."""
    # No number of ours has more than 18 digits, and the databases take none.
    return [int(pk) for pk in request.POST.getlist("seen") if pk.isdecimal() and len(pk) < 19]


def look(
    request: HttpRequest,
    rows: Collection[Membership],
    *,
    context: dict[str, Any],
    without: Iterable[object] = (),
) -> HttpResponse:
    """The page on which the length is chosen.

    Args:
        rows: the last membership of each holder.
        context: of the page: what the admin site needs, `back` (the address of the list), and
            `hidden`, pairs that its form sends along.
        without: who was chosen and cannot be renewed here; the template says why.
    """
    return render(
        request,
        "admin/members/renew.html",
        context
        | {
            "title": "延续会籍",
            "rows": [
                (one, [memberships.next_days(one, years=int(length)) for length in LENGTHS])
                for one in rows
            ],
            "firms": sum(one.organization_id is not None for one in rows),
            "people": sum(one.person_id is not None for one in rows),
            "without": list(without),
            "lengths": LENGTHS,
        },
    )


def renew(request: HttpRequest, looked_at: Iterable[Membership], *, years: int) -> None:
    """Renew what was looked at, all of it or nothing, and say so on the next page."""
    assert isinstance(request.user, User)
    try:
        made = memberships.renew(looked_at, by=request.user, years=years, request=request)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return
    firms = sum(one.organization_id is not None for one in made)
    parts = [f"{firms} 家会员单位"] if firms or not made else []
    if len(made) > firms:
        parts.append(f"{len(made) - firms} 位个人会员")
    messages.success(request, f"已延续 {'、'.join(parts)}的会籍。")
