"""统一社会信用代码: the unified social credit identifier of a firm (GB 32100—2015)."""

from __future__ import annotations

import unicodedata

from django.core.exceptions import ValidationError

LENGTH = 18
# The characters in the order of their values: I, O, S, V and Z are not among them (GB 32100, 4.2).
CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUES = {character: value for value, character in enumerate(CHARACTERS)}


def normalise(value: str) -> str:
    """A code as people write it (small, full-width, in groups) as it is printed on the licence.

    Args:
        value: the code; "" while it is not known.

    Returns:
        18 characters, or "".

    Raises:
        ValidationError: it is no code: too long or short, a character that none has, or a check
            character that does not fit (GB 32100—2015, 4.3).
    """
    written = "".join(unicodedata.normalize("NFKC", value).upper().split()).replace("-", "")
    if not written:
        return ""
    if len(written) != LENGTH:
        raise ValidationError(
            "统一社会信用代码是 18 位，这里有 %(length)s 位。暂缺可以留空，待补。",
            code="credit_code_length",
            params={"length": len(written)},
        )
    strange = next((character for character in written if character not in _VALUES), None)
    if strange:
        raise ValidationError(
            "统一社会信用代码里不会有「%(character)s」："
            "它只用数字和除 I、O、S、V、Z 以外的大写字母。",
            code="credit_code_character",
            params={"character": strange},
        )
    if written[-1] != check_character(written[:-1]):
        raise ValidationError(
            "统一社会信用代码的校验位不符，多半抄错了一位，请对照营业执照核对。",
            code="credit_code_check",
        )
    return written


def check_character(first: str) -> str:
    """The 18th character for the first 17 (GB 32100—2015, 4.3, and its annex of weights).

    Each character's value is multiplied by 3 to the power of its place, modulo 31; the check
    brings the sum to a multiple of 31.
    """
    total = sum(_VALUES[character] * pow(3, place, 31) for place, character in enumerate(first))
    return CHARACTERS[-total % 31]
