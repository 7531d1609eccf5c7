"""Which pictures are taken in, told by what they are and never by what they are called."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from newsletter import images
from newsletter.images import suffix_of

pytestmark = pytest.mark.pure


def picture(kind: str, size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    image = Image.effect_noise(size, 60)
    image.convert("P" if kind == "GIF" else "RGB").save(out, kind)
    return out.getvalue()


PICTURES = {kind: picture(kind) for kind in ("PNG", "JPEG", "WEBP", "GIF")}


@pytest.mark.parametrize(
    ("kind", "suffix"), [("PNG", ".png"), ("JPEG", ".jpg"), ("WEBP", ".webp"), ("GIF", ".gif")]
)
def test_the_four_kinds_are_told_by_their_content(kind: str, suffix: str) -> None:
    assert suffix_of(PICTURES[kind]) == suffix


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "ICO", "PPM", "PCX"])
def test_other_kinds_are_refused(kind: str) -> None:
    with pytest.raises(ValidationError, match="PNG、JPEG、WebP 或 GIF"):
        suffix_of(picture(kind))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        b"<html><script>alert(1)</script>",
        b"GIF89a/*<script>*/=1;alert(1)",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 50,
        b"\xff\xd8\xff\xe0" + b"\0" * 50,
        b"RIFF\x10\0\0\0WEBPVP8 " + b"\0" * 20,
    ],
)
def test_what_only_pretends_is_refused(data: bytes) -> None:
    with pytest.raises(ValidationError, match="不是完好的"):
        suffix_of(data)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_a_cut_off_picture_is_refused(kind: str, part: float) -> None:
    data = PICTURES[kind]

    with pytest.raises(ValidationError, match="不是完好的"):
        suffix_of(data[: int(len(data) * part)])


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted(PICTURES)),
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_a_damaged_picture_is_taken_or_refused_and_nothing_else(
    kind: str, damage: list[tuple[int, int]]
) -> None:
    data = bytearray(PICTURES[kind])
    for at, value in damage:
        data[at % len(data)] = value

    try:
        found = suffix_of(bytes(data))
    except ValidationError:
        return
    assert found in images.SUFFIXES.values()


def _png_that_claims(width: int, height: int) -> bytes:
    """A small file that says it unpacks to a large picture."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(
            ">I", zlib.crc32(kind + content)
        )  # fmt: skip

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side", [6_400, 9_400, 13_000, 60_000])
def test_a_picture_too_large_to_unpack_is_refused_unread(side: int) -> None:
    with pytest.raises(ValidationError):
        suffix_of(_png_that_claims(side, side))


def test_a_file_too_large_is_refused_unread() -> None:
    with pytest.raises(ValidationError, match="15 MB"):
        suffix_of(PICTURES["PNG"] + b"\0" * images.MAX_BYTES)
