from __future__ import annotations

from django.urls import path, re_path

from members.views import account, joining

app_name = "members"

urlpatterns = [
    path("me/", account.me, name="me"),
    path("display/", account.display, name="display"),
    path("join/", joining.join, name="join"),
    # Typed from paper: with or without the slash at the end.
    re_path(r"^join/(?P<token>[^/]+)/?$", joining.redeem, name="redeem"),
]
