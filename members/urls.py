from __future__ import annotations

from django.urls import path, re_path

from members import views

app_name = "members"

urlpatterns = [
    path("me/", views.me, name="me"),
    path("display/", views.display, name="display"),
    path("join/", views.join, name="join"),
    # Typed from paper: with or without the slash at the end.
    re_path(r"^join/(?P<token>[^/]+)/?$", views.redeem, name="redeem"),
]
