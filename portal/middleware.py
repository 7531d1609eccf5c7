"""What stands around every request: whose forwarded headers count, and what every answer says."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

_FORWARDED = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_REAL_IP",
    "HTTP_FORWARDED",
)
NO_INDEX = "noindex, nofollow, noarchive"


class ProxyMiddleware:
    """Settles who is asking, once: after it, `REMOTE_ADDR` is the client's own address.

    The forwarded addresses are read from the right, past every proxy that is ours, so that a
    client cannot name itself. From anybody else the headers are dropped unread.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
        if not _is_ours(request.META.get("REMOTE_ADDR", "")):
            for name in _FORWARDED:
                request.META.pop(name, None)
        else:
            for address in reversed(forwarded.split(",")):
                if not _is_address(address.strip()):
                    break
                request.META["REMOTE_ADDR"] = address.strip()
                if not _is_ours(address.strip()):
                    break
        return self.get_response(request)


class BodySizeMiddleware:
    """Refuses a request whose body is larger than anybody needs, before a byte of it is read.

    Without it a stranger could fill the disk through the sign-in form, to which anything may be
    posted. Only editors send files. (A body without a declared length is not read by Django.)
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        most = settings.MAX_UPLOAD if request.path.startswith("/admin/") else settings.MAX_FORM
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not (length.isascii() and length.isdecimal()) or int(length) > most:
            return render(request, "413.html", status=413)
        return self.get_response(request)


class CompressionMiddleware(GZipMiddleware):
    """Django's own, which pads at random against BREACH. Streams are files, compressed already."""

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        return response if response.streaming else super().process_response(request, response)


class HeadersMiddleware:
    """No search engine keeps anything of ours, and no page asks for the device's sensors."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["X-Robots-Tag"] = NO_INDEX
        # Also what was answered before the gate: redirects to the slash, refusals.
        response.headers.setdefault("Cache-Control", "private, no-store")
        response["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        if "private" in response.get("Cache-Control", ""):
            # Said of every page: left to Django it tells whether a session was looked at, and so,
            # on the page for a new password, whether a letter was written.
            patch_vary_headers(response, ["Cookie"])
        return response


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_ours(address: str) -> bool:
    return _is_address(address) and any(
        ipaddress.ip_address(address) in network for network in settings.TRUSTED_PROXIES
    )
