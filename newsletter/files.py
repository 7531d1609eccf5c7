"""How a stored file leaves: streamed by a gated view under a type we chose, never by a path."""

from __future__ import annotations

from pathlib import PurePosixPath

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404

# The raster types that Pillow verified on upload; nothing else is ever shown in our origin.
IMAGE_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".gif": "image/gif",
}


def inline_image(stored: FieldFile) -> FileResponse:
    """An image for a page.

    Raises:
        Http404: the type is none we show, or the file is not in the storage.
    """
    content_type = IMAGE_TYPES.get(PurePosixPath(stored.name or "").suffix.lower())
    if content_type is None:
        raise Http404
    response = FileResponse(_opened(stored), content_type=content_type)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def download(stored: FieldFile, *, name: str) -> FileResponse:
    """A file to keep, under its own (Chinese) name (RFC 6266), never opened in our origin."""
    response = FileResponse(
        _opened(stored),
        as_attachment=True,
        filename=name,
        content_type="application/octet-stream",
    )
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _opened(stored: FieldFile) -> FieldFile:
    try:
        return stored.open("rb")
    except FileNotFoundError:
        raise Http404 from None
