"""What a request is to us: read as UTF-8, whatever it says."""

from __future__ import annotations

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters


class Request(WSGIRequest):
    """Whatever charset a request names, it is read as UTF-8, as every form of ours is sent.

    Python has codecs that take quadratic time or know nothing of text (punycode, rot13): a
    stranger may not choose one, nor end a request by a header that cannot be parsed.
    """

    def _set_content_type_params(self, meta: dict[str, str]) -> None:
        try:
            found = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except (LookupError, ValueError):
            found = ("", {})
        self.content_type, self.content_params = found


class Handler(WSGIHandler):
    request_class = Request
