"""拼音首字母: how a secretary looks somebody up whose characters she does not type."""

from __future__ import annotations

from itertools import islice, product

from pypinyin import Style, pinyin

# A name of so few characters is found by every reading of them: 曾 is zeng, and also ceng.
SHORT, MOST = 4, 16


def initials(name: str) -> str:
    """The first letters of a name's pinyin; Latin letters and numbers stay as they are.

    Args:
        name: of a person or a firm.

    Returns:
        Small letters; of a short name each way to read it, with spaces between ("zl cl").
    """
    text = "".join(character for character in name if character.isalnum())
    letters = pinyin(text, style=Style.FIRST_LETTER, heteronym=len(text) <= SHORT)
    read = islice(product(*letters), MOST)
    return " ".join(dict.fromkeys("".join(one).lower() for one in read))
