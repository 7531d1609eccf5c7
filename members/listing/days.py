"""What the days of a list mean for the memberships that a holder has."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from members.listing.portal import Period
from members.memberships import DAY


class Meant(NamedTuple):
    """A period to add, or none; or what is wrong, and with which field.

    Args:
        days: first and last day, both included.
        renews: the last day of the membership that it follows.
    """

    days: tuple[dt.date, dt.date] | None = None
    renews: dt.date | None = None
    field: str = ""
    error: str = ""


def meant(
    known: Sequence[Period], starts: dt.date | None, ends: dt.date | None, *, today: dt.date
) -> Meant:
    """Which membership is to be added for what the list says.

    A list adds days and never takes any: with a later last day a new period follows the last
    one, as 会籍延续 does; an earlier one, or another first day, is left to whoever looks at the
    firm's own page.

    Args:
        known: the holder's memberships, in the order of their first days.
        starts, ends: as the list has them; each may be missing.
    """
    if ends is None:
        if starts is None or any(one.first_day == starts for one in known):
            return Meant()
        return Meant(
            field="ends",
            error="只写了会籍开始，没有写会籍到期。请补上到期；"
            "如果这一列是入会日期，请把它改成「不收」。",
        )
    if starts is None:
        return _until(known, ends, today=today)
    touching = [one for one in known if one.first_day <= ends and one.last_day >= starts]
    if not touching:
        return Meant((starts, ends))
    first, last = touching[0], max(one.last_day for one in touching)
    if first.first_day != starts:
        return Meant(
            field="starts",
            error=f"与门户里 {first.first_day} 至 {first.last_day} 的会籍重叠。请把会籍开始改成 "
            f"{first.first_day}，或清空只留到期；如果这一列是入会日期，请把它改成「不收」。",
        )
    if last == ends:
        return Meant()
    if last > ends:
        return _earlier(last)
    return Meant((last + DAY, ends), renews=last)


def _until(known: Sequence[Period], ends: dt.date, *, today: dt.date) -> Meant:
    """Only the last day is said: the period follows the last there is, or begins today."""
    if any(one.last_day == ends for one in known):
        return Meant()
    last = max((one.last_day for one in known), default=None)
    if last is not None and last > ends:
        return _earlier(last)
    # Days that nobody could read are not counted (memberships.next_days).
    first = max(last + DAY, today) if last else today
    if first > ends:
        return Meant(
            field="starts",
            error=f"会籍到期 {ends} 已经过去，没有写会籍开始，看不出从哪一天起。"
            "请填会籍开始，或清空会籍到期。",
        )
    return Meant((first, ends), renews=last)


def _earlier(last: dt.date) -> Meant:
    return Meant(
        field="ends",
        error=f"门户里的会籍到 {last}，名单写得更早。导入不会缩短会籍：请核对，或清空这一格；"
        "确实要缩短，请在会员单位或人员的页面上改。",
    )
