"""登录条: an invitation on paper, as a picture or as a message, for people without e-mail."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

import segno
from django.conf import settings
from django.utils import formats, timezone

from members.invitations import Issued, address_of
from members.models import User

GROUP = 4  # characters of the address that the eye takes in at once
QUIET_ZONE = 4  # modules of white around a QR code (ISO/IEC 18004, 5.3.8)


@dataclass(frozen=True)
class Slip:
    """What is handed to one person. It holds the token: never kept, never shown again."""

    issued: Issued

    @property
    def person(self) -> User:
        return self.issued.invitation.person

    @property
    def last_day(self) -> dt.date:
        return timezone.localdate(self.issued.invitation.expires_at)

    @property
    def address(self) -> str:
        return address_of(self.issued.token)

    @property
    def door(self) -> str:
        """The address up to the token, as it is typed."""
        return self.address.removesuffix(self.issued.token)

    @property
    def groups(self) -> list[str]:
        """The token in short groups; hyphens between them may be typed or left out."""
        token = self.issued.token
        return [token[at : at + GROUP] for at in range(0, len(token), GROUP)]

    @cached_property
    def code(self) -> QrCode:
        return QrCode.of(self.address)

    @property
    def proof(self) -> str:
        """What one is asked for at the door."""
        return "电话后四位" if self.person.phone else "会员号"

    @property
    def message(self) -> str:
        """To be pasted into WeChat."""
        day = formats.date_format(self.last_day)
        ask = settings.ASSOCIATION + (f"（{settings.CONTACT}）" if settings.CONTACT else "")
        return (
            f"{self.person.name}，您好：这是您登录《财税动态》会员门户的链接，请打开它，"
            f"填{self.proof}，再设定密码：\n{self.address}\n"
            f"会员号：{self.person.member_number}\n"
            f"链接只能用一次，{day}（含当日）前有效，请勿转给他人。有疑问请联系{ask}。"
        )


@dataclass(frozen=True)
class QrCode:
    """A QR code as squares.

    Attributes:
        size: modules from side to side, the quiet zone included.
        path: its dark modules as the data of an SVG path, a module a unit.
        rows: the same, True where dark.
    """

    size: int
    path: str
    rows: tuple[tuple[bool, ...], ...]

    @classmethod
    def of(cls, text: str) -> QrCode:
        # M: still read when 15% is lost to a fold or a thumb.
        made = segno.make_qr(text, error="m", boost_error=False)
        rows = tuple(
            tuple(bool(module) for module in row) for row in made.matrix_iter(border=QUIET_ZONE)
        )
        runs = []
        for y, row in enumerate(rows):
            x = 0
            for dark, run in groupby(row):
                width = len(list(run))
                if dark:
                    runs.append(f"M{x} {y}h{width}v1h-{width}z")
                x += width
        return cls(len(rows), "".join(runs), rows)
