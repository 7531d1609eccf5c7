from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from members.access import may_read
from members.display import display_of, keep
from members.levels import Level, level
from members.models import Membership, Seat, User
from members.returning import back


@level(Level.ACCOUNT)
@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """One's own account; open to the lapsed and suspended too."""
    user = request.user
    assert isinstance(user, User)
    seat = Seat.objects.current().filter(person=user).select_related("organization").first()
    memberships = Membership.objects.current()
    mine = memberships.filter(person=user) | (
        memberships.filter(organization=seat.organization) if seat else memberships.none()
    )
    last_day = mine.order_by("-last_day").values_list("last_day", flat=True).first()
    return render(
        request,
        "members/me.html",
        {
            "decision": may_read(user),
            "seat": seat,
            "membership_last_day": last_day,
            "masked_phone": _mask(user.phone.removeprefix("+86"), keep=4),
            "masked_email": _mask_email(user.email),
        },
    )


@level(Level.OPEN)
@require_http_methods(["GET", "HEAD", "POST"])
def display(request: HttpRequest) -> HttpResponse:
    """阅读设置: text, light and 长者模式; for strangers too, who need them to sign in.

    A POST names what changes and leaves the rest. A script gets 204, a form goes back to where
    it stood (`next`).
    """
    if request.method != "POST":
        return render(
            request,
            "members/display.html",
            {"controls": display_of(request).controls, "next": request.GET.get("next", "")},
        )
    response = back(request)
    keep(request, response, request.POST)
    return response


def _mask(value: str, *, keep: int) -> str:
    return f"{value[:3]}****{value[-keep:]}" if len(value) > keep + 3 else value


def _mask_email(email: str) -> str:
    name, at, host = email.partition("@")
    return f"{name[:1]}***{at}{host}" if at else ""
