"""A login slip as a picture, to be sent from hand to hand where nobody prints."""

from __future__ import annotations

import io
import subprocess  # nosec B404
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.utils import formats
from PIL import Image, ImageDraw, ImageFont

from members.slips import Slip

WIDTH = 1080  # pixels: what phones show whole
MARGIN = 90
MODULE = 14  # pixels of a square of the QR code
INK, SOFT, SEAL = "#1d1a16", "#665f54", "#a92b1f"
CHINESE = "zh-cn"


@dataclass(frozen=True)
class Face:
    file: str
    index: int

    def at(self, size: int) -> ImageFont.FreeTypeFont:
        return ImageFont.truetype(self.file, size, index=self.index)


@cache
def face(*, bold: bool = False) -> Face | None:
    """A face of this machine that has Chinese, as fontconfig finds it, or None."""
    pattern = f"Noto Sans CJK SC,sans-serif:lang={CHINESE}:weight={200 if bold else 80}"
    try:
        found = subprocess.run(  # noqa: S603  # nosec
            ["fc-match", "--format", "%{file}\n%{index}\n%{lang}", pattern],  # noqa: S607
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        ).stdout.splitlines()
    except (OSError, subprocess.SubprocessError):
        return None
    if len(found) != 3 or CHINESE not in found[2].split("|"):
        return None
    return Face(found[0], int(found[1]) if found[1].isdecimal() else 0)


def draw(slip: Slip) -> bytes:
    """The slip as PNG, 1080 pixels wide.

    Raises:
        LookupError: this machine has no Chinese face, and there would be boxes.
    """
    plain, bold = face(), face(bold=True)
    if plain is None or bold is None:
        raise LookupError("no Chinese face")
    sheet = _Sheet(plain, bold)
    sheet.write("财税动态", 104, SEAL, bold=True)
    sheet.write("会员门户登录条", 44, INK)
    sheet.rule(SEAL, 6)
    day = formats.date_format(slip.last_day)
    for name, value in (
        ("姓名", slip.person.name),
        ("会员号", slip.person.member_number),
        ("有效期", f"至{day}，只能用一次"),
    ):
        sheet.pair(name, value)
    sheet.code(slip)
    sheet.write(f"扫二维码，填{slip.proof}，再设定密码。", 44, INK, bold=True)
    sheet.space(20)
    sheet.write("扫不了，就在浏览器里照着输入：", 36, SOFT)
    sheet.write(slip.door, 40, INK)
    for at in range(0, len(slip.groups), 5):
        last = at + 5 >= len(slip.groups)
        sheet.write("-".join(slip.groups[at : at + 5]) + ("" if last else "-"), 40, INK)
    sheet.rule(SOFT, 2)
    ask = settings.ASSOCIATION + (f"（{settings.CONTACT}）" if settings.CONTACT else "")
    sheet.write(f"请勿转给他人，用后请删去。有疑问请联系{ask}。", 32, SOFT)
    return sheet.png()


class _Sheet:
    """Writes from top to bottom on paper that is long enough, and cuts it off at the end."""

    def __init__(self, plain: Face, bold: Face) -> None:
        self.plain, self.bold = plain, bold
        self.image = Image.new("RGB", (WIDTH, 4 * WIDTH), "white")
        self.pen = ImageDraw.Draw(self.image)
        self.y = MARGIN

    def space(self, height: int) -> None:
        self.y += height

    def write(
        self, words: str, size: int, colour: str, *, bold: bool = False, left: int = MARGIN
    ) -> None:
        font = (self.bold if bold else self.plain).at(size)
        for line in self._lines(words, font, WIDTH - MARGIN - left):
            self.pen.text((left, self.y), line, fill=colour, font=font)
            self.y += round(size * 1.5)

    def pair(self, name: str, value: str) -> None:
        top = self.y
        self.write(name, 40, SOFT)
        self.y = top
        self.write(value, 40, INK, bold=True, left=MARGIN + 180)

    def rule(self, colour: str, width: int) -> None:
        self.y += 20
        self.pen.line((MARGIN, self.y, WIDTH - MARGIN, self.y), fill=colour, width=width)
        self.y += 30

    def code(self, slip: Slip) -> None:
        # Its quiet zone is white upon white: it may reach into the margin.
        left = (WIDTH - slip.code.size * MODULE) // 2
        for y, row in enumerate(slip.code.rows):
            for x, dark in enumerate(row):
                if dark:
                    at = (left + x * MODULE, self.y + y * MODULE)
                    self.pen.rectangle((*at, at[0] + MODULE - 1, at[1] + MODULE - 1), fill="black")
        self.y += slip.code.size * MODULE

    def png(self) -> bytes:
        out = io.BytesIO()
        self.image.crop((0, 0, WIDTH, self.y + MARGIN)).save(out, "PNG", optimize=True)
        return out.getvalue()

    @staticmethod
    def _lines(words: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
        lines = [""]
        for character in words:
            # No line begins with a closing mark: it hangs (GB/T 15834-2011, 5.1.4).
            if font.getlength(lines[-1] + character) > width and character not in "，。：；）":
                lines.append("")
            lines[-1] += character
        return lines
