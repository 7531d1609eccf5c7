"""Pages that belong to no app: errors, robots.txt, health; and what every template knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from members.access import may_enter_admin, may_read
from members.display import display_of
from members.levels import Level, level
from newsletter.host_apps import host_app

PERIODICAL = "财税动态"


def site_context(request: HttpRequest) -> dict[str, Any]:
    # An error page may be asked for before anybody knows who is asking.
    user = getattr(request, "user", None) or AnonymousUser()
    return {
        "periodical": PERIODICAL,
        "association": settings.ASSOCIATION,
        "contact": settings.CONTACT,
        "icp_number": settings.ICP_NUMBER,
        "police_number": settings.POLICE_NUMBER,
        "may_read": may_read(user).allowed,
        "may_enter_admin": may_enter_admin(user),
        "display": display_of(request),
        "host_app": host_app(request.META.get("HTTP_USER_AGENT", "")),
    }


@level(Level.OPEN)
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain")


@level(Level.OPEN)
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@level(Level.OPEN)
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The process can work: it reaches its database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ready\n", content_type="text/plain")


@level(Level.OPEN)
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", status=403)
