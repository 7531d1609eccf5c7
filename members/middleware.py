"""The gate: nothing is shown that the asker's level does not reach."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from members.access import may_enter_admin, may_read, must_agree
from members.levels import Level, level_of
from members.models import User
from members.views.privacy import ask

SEEN_EVERY = dt.timedelta(minutes=5)


class AccessMiddleware:
    """Refuses every view whose declared level the asker does not reach.

    A stranger gets the sign-in page at every address that is not open, whether it exists or
    not and whatever the method. Somebody signed in without entitlement is told why.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.at_open_door = False  # type: ignore[attr-defined]
        response = self.get_response(request)
        if not request.at_open_door and not request.user.is_authenticated:  # type: ignore[attr-defined]
            # Also where no view was found: the resolver's 404 never reaches process_view.
            response = _to_sign_in(request)
        response["Cache-Control"] = "private, no-store"
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        level = level_of(view)
        if level is Level.OPEN:
            request.at_open_door = True  # type: ignore[attr-defined]
            return None
        user = request.user
        if not isinstance(user, User):
            return _to_sign_in(request)
        _note_seen(user)
        match level:
            case Level.ACCOUNT:
                return None
            case Level.MEMBER:
                decision = may_read(user)
                if decision.allowed:
                    return ask(request, user) if must_agree(user) else None
                context = {"decision": decision}
                return render(request, "members/closed.html", context, status=403)
            case Level.ROLE if may_enter_admin(user) and _from_admin_network(request):
                return None
        raise Http404


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    if request.method in ("GET", "HEAD"):
        return redirect_to_login(request.get_full_path(), reverse(settings.LOGIN_URL))
    return redirect_to_login("/", reverse(settings.LOGIN_URL))


def _from_admin_network(request: HttpRequest) -> bool:
    if not settings.ADMIN_NETWORKS:
        return True
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return any(address in network for network in settings.ADMIN_NETWORKS)


def _note_seen(user: User) -> None:
    now = timezone.now()
    if user.last_seen_at is None or now - user.last_seen_at > SEEN_EVERY:
        User.objects.filter(pk=user.pk).update(last_seen_at=now)
