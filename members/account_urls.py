"""allauth's addresses under /accounts/, the ones we offer, each with its level.

A closed list: a new release of allauth opens nothing by itself.
"""

from __future__ import annotations

from allauth.account import views
from django.urls import path, re_path

from members.levels import Level, levelled

urlpatterns = [
    *levelled(
        [
            path("login/", views.login, name="account_login"),
            path("signup/", views.signup, name="account_signup"),
            path("inactive/", views.account_inactive, name="account_inactive"),
            path("password/reset/", views.password_reset, name="account_reset_password"),
            path(
                "password/reset/done/",
                views.password_reset_done,
                name="account_reset_password_done",
            ),
            re_path(
                r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
                views.password_reset_from_key,
                name="account_reset_password_from_key",
            ),
            path(
                "password/reset/key/done/",
                views.password_reset_from_key_done,
                name="account_reset_password_from_key_done",
            ),
        ],
        Level.OPEN,
    ),
    *levelled(
        [
            path("logout/", views.logout, name="account_logout"),
            path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
            path("password/change/", views.password_change, name="account_change_password"),
            path("password/set/", views.password_set, name="account_set_password"),
        ],
        Level.ACCOUNT,
    ),
]
