"""The map of addresses. Every view declares its level; tests/test_levels.py freezes the table."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from members.levels import Level, levelled
from portal import views

admin_patterns, admin_app, admin_namespace = admin.site.urls

urlpatterns = [
    path("", include("newsletter.urls")),
    path("", include("members.urls")),
    path("accounts/", include("members.account_urls")),
    path("admin/", (levelled(admin_patterns, Level.ROLE), admin_app, admin_namespace)),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("robots.txt", views.robots, name="robots"),
]
