"""The privacy notice: open to everybody, and asked about before the first page to be read."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from members import privacy_notices
from members.levels import Level, level
from members.models import PrivacyNotice, User
from members.privacy_notices import Occasion
from members.returning import back

MOST_LISTED = 50


@level(Level.OPEN)
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """The version in force."""
    notice = privacy_notices.in_force()
    if notice is None:
        raise Http404
    return _show(request, notice)


@level(Level.OPEN)
@require_safe
def privacy_version(request: HttpRequest, version: int) -> HttpResponse:
    """One version, in force or not: what people agreed to stays to be seen."""
    return _show(request, get_object_or_404(PrivacyNotice, pk=version))


@level(Level.ACCOUNT)
@require_POST
def agree(request: HttpRequest) -> HttpResponse:
    """Agree to the version that was shown, and go on to where one was.

    A newer one published meanwhile is asked about there.
    """
    assert isinstance(request.user, User)
    notice = privacy_notices.in_force()
    if notice is not None and request.POST.get("notice") == str(notice.version):
        privacy_notices.agree(request.user, notice, occasion=Occasion.READING, request=request)
    return back(request)


def ask(request: HttpRequest, person: User) -> HttpResponse:
    """403 in place of what was asked for, with the notice, what is new in it, and the question.

    No redirect: a script gets an answer that it knows for a refusal, and the address stays.
    """
    notice = privacy_notices.in_force()
    assert notice is not None  # or nothing would be due
    before = privacy_notices.agreed_to(person)
    blocks = privacy_notices.blocks(notice.text, since=before.text if before else None)
    context = {
        "notice": notice,
        "before": before,
        "blocks": blocks,
        "has_new": any(line.is_new for block in blocks for line in block.lines),
        # The way to the same page; what was sent to be changed is not sent again from here.
        "next": request.get_full_path() if request.method in ("GET", "HEAD") else "",
        # Without the bar: nothing that it leads to is open now.
        "may_read": False,
    }
    return render(request, "members/privacy_due.html", context, status=403)


def _show(request: HttpRequest, notice: PrivacyNotice) -> HttpResponse:
    versions = list(PrivacyNotice.objects.defer("text")[:MOST_LISTED])
    context = {
        "notice": notice,
        "blocks": privacy_notices.blocks(notice.text),
        "versions": versions,
    }
    return render(request, "members/privacy.html", context)
