"""Phone numbers and e-mail addresses as others see them: enough to recognise, not to use.

The whole is shown to the person, and to staff on the page of that person (PIPL art. 5 and 6:
no more than the purpose needs).
"""

from __future__ import annotations

import phonenumbers

from members.phone import REGION


def mask_phone(phone: str) -> str:
    """`138****0001` of a number in E.164, `010****2233` of a landline of mainland China.

    What is too short to hide is hidden whole.
    """
    number = phone.removeprefix("+86")
    if not number:
        return ""
    if len(number) <= 7:
        return "****"
    return f"{_area_code(phone) or number[:3]}****{number[-4:]}"


def _area_code(phone: str) -> str:
    """With its zero: `108****2233` would look like a mobile. "" of other numbers."""
    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return ""
    if phonenumbers.region_code_for_number(number) != REGION or (
        phonenumbers.number_type(number) != phonenumbers.PhoneNumberType.FIXED_LINE
    ):
        return ""
    length = phonenumbers.length_of_geographical_area_code(number)
    return f"0{number.national_number}"[: length + 1] if length else ""


def mask_email(email: str) -> str:
    """`z***@example.org`."""
    name, at, host = email.partition("@")
    return f"{name[:1]}***{at}{host}" if at else ""
