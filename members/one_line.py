"""What people are called and where they are: one line, with nothing in it that is not seen.

A name goes into letters, lists, slips and spreadsheets: a line end, a direction mark or a blank
of no width would make another name of it there, or one that nobody finds (UTR 36, section 2).
"""

from __future__ import annotations

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.db import models

# Controls, direction marks and blanks of no width; halves of characters, which no database keeps.
_UNSEEN = frozenset({"Cc", "Cf", "Cs"})
# Letters by Unicode's word, and nothing on paper: the fillers of Hangul, the blank of Braille;
# and what is no character.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800\ufffe\uffff")
_ADDRESS = re.compile(r"://|www\.")


def one_line(text: str) -> str:
    """The text in NFC, on one line: each run of white space is one blank, none at the ends."""
    seen = "".join(
        one
        for one in text
        if one.isspace() or not (one in _BLANK or unicodedata.category(one) in _UNSEEN)
    )
    return " ".join(unicodedata.normalize("NFC", seen).split())


def tidy(row: models.Model, *names: str) -> dict[str, ValidationError]:
    """Write these fields of a row as `one_line` has them.

    Returns:
        What has nothing left to be seen, or has become too long, by field.
    """
    errors = {}
    for name in names:
        written = getattr(row, name)
        line = one_line(written)
        if line == written:
            continue  # the field's own rules have seen it
        setattr(row, name, line)
        field = _field(row, name)
        try:
            if not line:
                raise ValidationError(f"{field.verbose_name}里没有看得见的字，请重新填写。")
            # NFC can make more characters of one.
            field.run_validators(line)
        except ValidationError as error:
            errors[name] = error
    return errors


def find_addresses(row: models.Model, *names: str) -> dict[str, ValidationError]:
    """Which of these fields name a place on the Web: strangers' names stand in our letters."""
    return {
        name: ValidationError(f"{_field(row, name).verbose_name}里不能有网址，请只写名称。")
        for name in names
        if _ADDRESS.search(unicodedata.normalize("NFKC", getattr(row, name)).lower())
    }


def _field(row: models.Model, name: str) -> models.CharField[str, str]:
    field = row._meta.get_field(name)
    assert isinstance(field, models.CharField)
    return field
