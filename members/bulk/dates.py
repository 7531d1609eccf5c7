"""Days as people write them in a list."""

from __future__ import annotations

import calendar
import datetime as dt
import re
import unicodedata

from django.core.exceptions import ValidationError

from members.bulk.model import Kind
from members.years import FIRST_YEAR, LAST_YEAR

_YEAR, _MONTH, _DAY = r"(?P<year>\d{4})", r"(?P<month>\d{1,2})", r"(?P<day>\d{1,2})"
_TIME = r"(?:[T ]?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
_DAYS = (
    re.compile(rf"{_YEAR}年{_MONTH}月{_DAY}[日号]?{_TIME}"),
    re.compile(rf"{_YEAR}([-/.—–]){_MONTH}\2{_DAY}[日号]?{_TIME}"),
    re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:\.0+)?"),
)
_MONTHS = (
    re.compile(rf"{_YEAR}年{_MONTH}月(?:份|底|末)?"),
    re.compile(rf"{_YEAR}[-/]{_MONTH}"),
    re.compile(r"(?P<year>\d{4})\.(?P<month>\d{2})"),
)
_OPEN = re.compile("长期(有效)?|永久(有效)?|终身(会员)?|无期限|不限")
_SHORT_YEAR = re.compile(r"\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?")
_YEAR_LAST = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4}")
_POINTED = re.compile(r"(\d{4})\.(\d)")
_SERIAL = re.compile(r"([345]\d{4})(?:\.\d+)?")
_TWO = re.compile(r"\d{4}.*[至到~].*\d{4}|\d{4}\D\d+\D\d+\D+\d{4}")
_DIGITS = {character: value for value, character in enumerate("〇一二三四五六七八九")}
_DIGITS |= {"零": 0, "○": 0}
_ONES = ("", *"一二三四五六七八九")
_NUMERALS = {
    tens + one: start + value
    for start, tens in ((0, ""), (10, "十"), (10, "一十"), (20, "二十"), (30, "三十"))
    for value, one in enumerate(_ONES)
} | {"元": 1}
_CHINESE = re.compile(
    "(?P<year>[〇○零一二三四五六七八九]{4})年(?P<month>[一二三四五六七八九十元]{1,2})月"
    "(?:(?P<day>[一二三四五六七八九十廿卅]{1,3})[日号]?)?"
)


def day(text: str, kind: Kind, *, is_last: bool) -> dt.date:
    """The day that a cell says.

    Args:
        text: tidy; ISO 8601 where `kind` is a day or a month.
        kind: what the cell was.
        is_last: of a month without its day the last day is meant, else the first.

    Raises:
        ValidationError: none, none that exists, or one that could be another.
    """
    if kind is Kind.DAY:
        return _checked(text, *map(int, text.split("-")))
    if kind is Kind.MONTH:
        return _whole_month(text, *map(int, text.split("-")[:2]), is_last=is_last)
    plain = "".join(unicodedata.normalize("NFKC", text.translate({0x25CB: "〇"})).split(" "))
    for pattern in _DAYS:
        found = pattern.fullmatch(plain)
        if found:
            return _checked(text, int(found["year"]), int(found["month"]), int(found["day"]))
    for pattern in _MONTHS:
        found = pattern.fullmatch(plain)
        if found:
            return _whole_month(text, int(found["year"]), int(found["month"]), is_last=is_last)
    found = _CHINESE.fullmatch(plain)
    if found:
        year = int("".join(str(_DIGITS[character]) for character in found["year"]))
        month = _numeral(found["month"])
        if found["day"]:
            return _checked(text, year, month, _numeral(found["day"]))
        return _whole_month(text, year, month, is_last=is_last)
    raise ValidationError(_why_not(text, plain))


def _numeral(written: str) -> int:
    """一 to 三十一, with 廿 and 卅 and 元; 0 for what is none of them."""
    return _NUMERALS.get(written.replace("廿", "二十").replace("卅", "三十"), 0)


def _checked(text: str, year: int, month: int, number: int) -> dt.date:
    try:
        found = dt.date(year, month, number)
    except ValueError:
        raise ValidationError(f"没有「{text}」这一天。请核对日期。") from None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValidationError(f"「{text}」的年份不像是会籍的年份。请核对日期。")
    return found


def _whole_month(text: str, year: int, month: int, *, is_last: bool) -> dt.date:
    if not 1 <= month <= 12:
        raise ValidationError(f"没有「{text}」这个月。请核对日期。")
    last = calendar.monthrange(min(max(year, 1), 9999), month)[1]
    return _checked(text, year, month, last if is_last else 1)


def _why_not(text: str, plain: str) -> str:
    form = "请写成 2026-01-05 这样的日期。"
    if _OPEN.fullmatch(plain):
        return f"「{text}」不是日期：会籍要有到期日，到期可以延续。{form}"
    if _TWO.search(plain):
        return f"「{text}」里有两个日期。请分成「会籍开始」和「会籍到期」两列。"
    if _SHORT_YEAR.fullmatch(plain):
        return f"「{text}」的年份只有两位。{form}"
    if _YEAR_LAST.fullmatch(plain):
        return f"「{text}」分不清哪个是月、哪个是日。{form}"
    pointed = _POINTED.fullmatch(plain)
    if pointed:
        year, digit = pointed.groups()
        other = f"{year} 年 10 月" if digit == "1" else ""
        meant = f"{year} 年 {digit} 月还是 {other}" if other else f"{year} 年 {digit} 月"
        return f"「{text}」是数字，分不清是不是 {meant}。{form}"
    serial = _SERIAL.fullmatch(plain)
    if serial:
        shown = dt.date(1899, 12, 30) + dt.timedelta(days=int(serial[1]))
        return (
            f"「{text}」是数字，不是日期；如果它原本是日期，应为 {shown:%Y-%m-%d}。"
            "请在表格里把这一列设成日期格式，或改写成日期。"
        )
    return f"「{text}」不是日期。{form}"
