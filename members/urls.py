from __future__ import annotations

from django.urls import path

from members import views

app_name = "members"

urlpatterns = [
    path("me/", views.me, name="me"),
    path("display/", views.display, name="display"),
    path("join/", views.join, name="join"),
]
