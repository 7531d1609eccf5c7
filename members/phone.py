"""Phone numbers are kept in one form, E.164, so that equal numbers are equal strings."""

from __future__ import annotations

import unicodedata

import phonenumbers
from django.core.exceptions import ValidationError

REGION = "CN"


def normalise_phone(value: str) -> str:
    """A phone number as people write it (spaces, hyphens, full-width digits) in E.164.

    Args:
        value: the number; without a country code it is a number of mainland China.

    Returns:
        The number as `+8613800138000`; "" for "".

    Raises:
        ValidationError: it is no number that can exist.
    """
    written = unicodedata.normalize("NFKC", value).strip()
    if not written:
        return ""
    try:
        number = phonenumbers.parse(written, REGION)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise ValidationError(
            "「%(value)s」不是有效的电话号码。请填 11 位手机号，或以 + 开头的国际号码。",
            code="invalid_phone",
            params={"value": value},
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def as_dialled(phone: str) -> str:
    """A number in E.164 as somebody in mainland China dials it: in groups, +86 left out."""
    number = phonenumbers.parse(phone, REGION)
    is_home = phonenumbers.region_code_for_number(number) == REGION
    form = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(number, form.NATIONAL if is_home else form.INTERNATIONAL)


def is_phone(value: str) -> bool:
    """Whether this could be somebody's phone number."""
    try:
        return bool(normalise_phone(value))
    except ValidationError:
        return False
