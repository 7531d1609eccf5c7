"""Several phones in one cell."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers
from django.core.exceptions import ValidationError

from members.phone import REGION, normalise_phone

_SEPARATORS = re.compile(r"[、/;,\n|\\]+|或者?")
_LABEL = re.compile(
    r"(?:\(?(?:手机号?码?|移动电话|联系电话|电话|办公电话|办公室|座机|固话|办公|办|宅|移动|tel|mobile)\)?)[::.]?",
    re.IGNORECASE,
)
_EXTENSION = re.compile(r"(?:转|分机|ext\.?|#|x)[::]?\d{1,6}$", re.IGNORECASE)
_THIRD_GROUP = re.compile(r"(0\d{2,3}-?\d{7,8})-\d{1,6}")
# phonenumbers takes any text with a number somewhere in it.
_NUMBER = re.compile(r"\(?\+?[\d().\- \u2010-\u2015]+")
_MOBILE = re.compile(r"\+861[3-9]\d{9}")


def split(text: str) -> tuple[str, list[str]]:
    """The phone of a cell in E.164, and what else stands there, as written.

    The first mobile number is the phone; where there is none, the first number of all.

    Raises:
        ValidationError: no mobile number, and a part that is no number; or a part without a digit.
    """
    parts = _parts(unicodedata.normalize("NFKC", text))
    numbers: list[tuple[str, str]] = []
    first_error: ValidationError | None = None
    for part in parts:
        try:
            numbers.append((part, _number(part)))
        except ValidationError as error:
            if first_error is None or not _has_digit(part):
                first_error = error
            numbers.append((part, ""))
    mobile = next((found for found in numbers if _MOBILE.fullmatch(found[1])), None)
    if first_error is not None and (mobile is None or not all(map(_has_digit, parts))):
        raise first_error
    chosen = mobile or next(iter(numbers), ("", ""))
    others: list[str] = []
    for part, number in numbers:
        # An extension is no part of E.164: the whole is kept where it can be read.
        has_more = bool(_EXTENSION.search(part) or _THIRD_GROUP.fullmatch(part))
        if (number != chosen[1] or has_more) and part not in others:
            others.append(part)
    return chosen[1], others


def as_written(number: str) -> str:
    """A number in E.164 as a list has it, never with a plus sign: spreadsheets run what begins so.

    It reads back as the same number: 13800138000, 010 8888 8888, 0085291234567.
    """
    if _MOBILE.fullmatch(number):
        return number.removeprefix("+86")
    parsed = phonenumbers.parse(number, REGION)
    if parsed.country_code != phonenumbers.country_code_for_region(REGION):
        return f"00{number.removeprefix('+')}"
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)


def _parts(text: str) -> list[str]:
    found: list[str] = []
    for piece in _SEPARATORS.split(text):
        part = _LABEL.sub(" ", piece).strip(" :.")
        words = part.split()
        if len(words) > 1 and not _is_number(part) and all(map(_is_number, words)):
            found += words
        elif part:
            found.append(" ".join(words))
    return found


def _is_number(part: str) -> bool:
    try:
        return bool(_number(part))
    except ValidationError:
        return False


def _has_digit(part: str) -> bool:
    return any(map(str.isdigit, part))


def _number(part: str) -> str:
    plain = re.sub(r"(?<=\d)\.0+$", "", part)
    plain = _EXTENSION.sub("", plain).strip()
    group = _THIRD_GROUP.fullmatch(plain)
    plain = group[1] if group else plain
    if not _NUMBER.fullmatch(plain):
        raise ValidationError(
            f"「{part}」不是有效的电话号码。请填 11 位手机号，或带区号的固定电话。"
        )
    return normalise_phone(plain)
