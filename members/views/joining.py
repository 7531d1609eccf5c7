from __future__ import annotations

from allauth.account.utils import perform_login
from allauth.core import ratelimit
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from members import invitations, privacy_notices
from members.forms import RedeemForm
from members.levels import Level, level


@level(Level.OPEN)
@require_safe
def join(request: HttpRequest) -> HttpResponse:
    """For a stranger who wants in: what this is and whom to ask. No content."""
    context = {"applications_open": settings.APPLICATIONS_OPEN}
    return render(request, "members/join.html", context)


@level(Level.OPEN)
@require_http_methods(["GET", "HEAD", "POST"])
def redeem(request: HttpRequest, token: str) -> HttpResponse:
    """Come in by an invitation. To open the page spends nothing: scanners of mail do that.

    Its address is a secret, so no request tells it to another: the policy leaves our origin
    alone. (With `no-referrer` browsers send `Origin: null` along with the form, by the Fetch
    standard's "append a request Origin header", and the check against forged forms fails.)
    """
    if request.method == "POST" and (limited := ratelimit.consume_or_429(request, action="redeem")):
        response: HttpResponse = limited
    else:
        response = _redeem(request, token)
    response["Referrer-Policy"] = "strict-origin"
    return response


def _redeem(request: HttpRequest, token: str) -> HttpResponse:
    notice = privacy_notices.in_force()
    form = RedeemForm(request.POST if request.method == "POST" else None, notice=notice)
    try:
        if form.is_valid():
            invitation = invitations.prove(token, form.cleaned_data["proof"], request=request)
            password = form.cleaned_data["password1"]
            try:
                validate_password(password, invitation.person)
            except ValidationError as error:
                form.add_error("password1", error)
            else:
                person = invitations.redeem(
                    invitation, password=password, notice=notice, request=request
                )
                signed_in: HttpResponse = perform_login(request, person)
                return signed_in
        elif not invitations.is_open(token):
            raise invitations.Refused(invitations.Reason.CLOSED)
    except invitations.Refused as refusal:
        if refusal.reason is not invitations.Reason.WRONG:
            barred = refusal.reason is invitations.Reason.BARRED
            page, status = "members/invitation_closed.html", 403 if barred else 404
            return render(request, page, {"barred": barred}, status=status)
        form.add_error(
            "proof", f"与登记的不一致，请核对后再填；还可以试 {refusal.attempts_left} 次。"
        )
    return render(request, "members/invitation.html", {"form": form})
