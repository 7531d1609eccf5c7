"""Which images are taken in: raster types that browsers show, of a bounded size."""

from __future__ import annotations

import io

from django.core.exceptions import ValidationError
from PIL import Image, UnidentifiedImageError

# Format as Pillow names it → the suffix under which we keep it.
SUFFIXES = {"PNG": ".png", "JPEG": ".jpg", "WEBP": ".webp", "GIF": ".gif"}
_BROKEN = (
    UnidentifiedImageError,
    OSError,
    SyntaxError,
    ValueError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,  # raised where warnings are errors
)
MAX_BYTES = 15 * 1024 * 1024
MAX_PIXELS = 40_000_000


def suffix_of(data: bytes) -> str:
    """The suffix for an image, told by its content.

    Args:
        data: the file whole.

    Raises:
        ValidationError: it is no image of a type we take, damaged, or too large.
    """
    if len(data) > MAX_BYTES:
        raise ValidationError(f"图片超过 {MAX_BYTES // 1024 // 1024} MB，请缩小后再上传。")
    try:
        # The header only: the size is known before a single pixel is decoded.
        with Image.open(io.BytesIO(data), formats=list(SUFFIXES)) as image:
            suffix = SUFFIXES[image.format or ""]
            if image.width * image.height > MAX_PIXELS:
                raise ValidationError("图片像素过多（上限 4000 万），请缩小后再上传。")
            image.verify()
        # Decoded once: verifying finds no cut-off JPEG.
        with Image.open(io.BytesIO(data), formats=list(SUFFIXES)) as image:
            image.load()
    except ValidationError:
        raise
    except _BROKEN:
        raise ValidationError(
            "这不是完好的 PNG、JPEG、WebP 或 GIF 图片，请另存后再上传。"
        ) from None
    return suffix
