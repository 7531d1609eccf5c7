"""Numbers and dates as Chinese periodicals print them: 3, ３, 三, 二〇二二, 2022年9月30日."""

import datetime
import re
import unicodedata

from newsletter.importing.characters import compact

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {
    "〇": 0, "○": 0, "Ｏ": 0, "O": 0, "两": 2,
}  # fmt: skip
_UNITS = {"十": 10, "百": 100, "千": 1000}

NUMBER = "(?:[0-9]{1,6}|[零〇○一二三四五六七八九十百千两]{1,9})"
"""A number in digits or in words, for use inside a regular expression (after NFKC)."""

_DATE = re.compile(
    "((?:19|20)[0-9]{2}|[一二][零〇○O一二三四五六七八九]{3})[年./-]"
    f"({NUMBER})(?:[月./-](?:({NUMBER})[日号]?)?)?"
)


def half_width(text: str) -> str:
    """The text compact, with full-width digits, letters and brackets in their half-width forms."""
    return unicodedata.normalize("NFKC", compact(text))


def number(text: str) -> int | None:
    """The value of a number in digits or Chinese words (六十二, 一百零三, 二〇二二); else None."""
    text = half_width(text)
    if text.isascii() and text.isdigit():
        return int(text) if len(text) <= 9 else None
    if not text or any(ch not in _DIGITS and ch not in _UNITS for ch in text):
        return None
    if not any(ch in _UNITS for ch in text):
        return int("".join(str(_DIGITS[ch]) for ch in text))
    total = digit = 0
    for ch in text:
        if ch in _UNITS:
            total += (digit or 1) * _UNITS[ch]
            digit = 0
        else:
            digit = _DIGITS[ch]
    return total + digit


def in_words(value: int) -> str:
    """A number from 1 to 999 in Chinese words, as it is read (62 is 六十二)."""
    digits = "零一二三四五六七八九"
    hundreds, rest = divmod(value, 100)
    tens, ones = divmod(rest, 10)
    words = f"{digits[hundreds]}百" if hundreds else ""
    if tens:
        words += "十" if tens == 1 and not hundreds else f"{digits[tens]}十"
    elif hundreds and ones:
        words += "零"
    return words + (digits[ones] if ones or not value else "")


def date(text: str) -> datetime.date | None:
    """The first date in the text (2022年9月30日, 2022-09-30, 二〇二二年九月三十日), or None.

    A date without its day or month names no day and gives None.
    """
    found = _DATE.search(half_width(text))
    if not found or not found[2] or not found[3]:
        return None
    year, month, day = (number(part) for part in found.groups())
    try:
        return datetime.date(year or 0, month or 0, day or 0)
    except ValueError:
        return None


_WHOLE_DATE = re.compile(
    f"(?:(?:19|20)[0-9]{{2}}|[一二][零〇○O一二三四五六七八九]{{3}})年{NUMBER}月(?:{NUMBER}[日号])?"
)


def is_date_line(text: str) -> bool:
    """Whether the line is nothing but a date written with 年月日."""
    return bool(_WHOLE_DATE.fullmatch(half_width(text)))
