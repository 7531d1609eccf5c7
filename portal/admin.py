"""The admin site: the stock one in our dress, behind our own door."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from csp.decorators import csp_update
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from members.access import may_enter_admin
from members.levels import Level, level

_View = TypeVar("_View", bound=Callable[..., Any])


class PortalAdminSite(AdminSite):
    site_title = "财税动态"
    site_header = "财税动态 · 后台"
    index_title = "后台"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        return may_enter_admin(request.user)

    def get_urls(self) -> Any:
        # "View on site" answers by what exists, whoever asks; nothing here uses it.
        return [
            found for found in super().get_urls() if getattr(found, "name", None) != "view_on_site"
        ]

    @level(Level.ROLE)
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Django's own sign-in is unthrottled: everybody comes through the one door."""
        if self.has_permission(request):
            return redirect("admin:index")
        return redirect_to_login(reverse("admin:index"), reverse("account_login"))

    @level(Level.ROLE)
    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("account_logout")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("account_change_password")

    def admin_view(self, view: _View, cacheable: bool = False) -> _View:
        # The stock change list carries style attributes; nowhere else are they allowed.
        relaxed: _View = csp_update({"style-src-attr": ["'unsafe-inline'"]})(_without_nul(view))
        return super().admin_view(relaxed, cacheable)


def _without_nul(view: Callable[..., Any]) -> Callable[..., Any]:
    """PostgreSQL's texts have no NUL: the stock filters would ask it for one, and answer 500."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if any("\0" in value for _, values in request.GET.lists() for value in values):
            raise BadRequest("NUL in a query")
        return view(request, *args, **kwargs)

    return guarded
