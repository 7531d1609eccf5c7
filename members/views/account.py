from __future__ import annotations

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from members import memberships
from members.access import may_read
from members.display import display_of, keep
from members.levels import Level, level
from members.masking import mask_email, mask_phone
from members.models import Membership, Seat, User
from members.reminders import SOON
from members.returning import back


@level(Level.ACCOUNT)
@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """One's own account; open to the lapsed and suspended too."""
    user = request.user
    assert isinstance(user, User)
    seat = Seat.objects.current().filter(person=user).select_related("organization").first()
    today = timezone.localdate()
    mine = Q(person=user) | (Q(organization=seat.organization) if seat else Q())
    ahead = Membership.objects.filter(mine, last_day__gte=today)
    last_day = memberships.until_when(ahead.values_list("first_day", "last_day"))
    return render(
        request,
        "members/me.html",
        {
            "decision": may_read(user),
            "seat": seat,
            "membership_last_day": last_day,
            "ends_soon": last_day is not None and last_day - today <= SOON,
            "masked_phone": mask_phone(user.phone),
            "masked_email": mask_email(user.email),
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
