from __future__ import annotations

from django.urls import path, re_path

from members.views import account, applications, joining, organization, own_data, privacy

app_name = "members"

urlpatterns = [
    path("me/", account.me, name="me"),
    path("me/data/", own_data.my_data, name="my_data"),
    path("me/data/download/", own_data.download, name="download_data"),
    path("me/data/correct/", own_data.correct, name="correct"),
    path("me/data/erase/", own_data.ask_erasure, name="ask_erasure"),
    path("me/data/erase/withdraw/", own_data.withdraw_erasure, name="withdraw_erasure"),
    path("display/", account.display, name="display"),
    path("privacy/", privacy.privacy, name="privacy"),
    path("privacy/<int:version>/", privacy.privacy_version, name="privacy_version"),
    path("privacy/agree/", privacy.agree, name="privacy_agree"),
    path("apply/", applications.apply, name="apply"),
    path("apply/sent/", applications.sent, name="apply_sent"),
    path("organization/", organization.organization, name="organization"),
    path("organization/propose/", organization.propose, name="propose"),
    path("organization/seats/<int:pk>/replace/", organization.propose, name="seat_replace"),
    path("organization/seats/<int:pk>/invite/", organization.invite, name="seat_invite"),
    path("organization/seats/<int:pk>/release/", organization.release, name="seat_release"),
    path("organization/seats/<int:pk>/contact/", organization.hand_over, name="seat_hand_over"),
    path(
        "organization/proposals/<int:pk>/withdraw/",
        organization.withdraw,
        name="proposal_withdraw",
    ),
    path("join/", joining.join, name="join"),
    # Typed from paper: with or without the slash at the end.
    re_path(r"^join/(?P<token>[^/]+)/?$", joining.redeem, name="redeem"),
]
