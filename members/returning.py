"""After a POST: back to where the form stood, or, for a script, no page at all."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme


def wants_data(request: HttpRequest) -> bool:
    """Asked by a script of ours, which says so in `Accept` (RFC 9110, section 12.5.1)."""
    try:
        return not request.accepts("text/html")
    except (LookupError, ValueError):  # no browser's: a parameter in no encoding
        return False


def back(request: HttpRequest, *, default: str = "/") -> HttpResponse:
    """204 for a script; otherwise 302 to the form's `next`, if that is an address of ours."""
    if wants_data(request):
        return HttpResponse(status=204)
    wanted = request.POST.get("next", "")
    ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return HttpResponseRedirect(wanted if ours else default)
