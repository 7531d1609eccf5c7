"""统一社会信用代码: what is one, and what is told of what is none (GB 32100—2015)."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from members.credit_code import CHARACTERS, check_character, normalise

pytestmark = pytest.mark.pure

# Of firms that everybody may look up.
KNOWN = ["914403001922038216", "91330100799655058B", "9144030071526726XG"]


@pytest.mark.parametrize("code", KNOWN)
def test_a_code_is_kept_as_it_is_printed_however_it_is_written(code: str) -> None:
    wide = code.translate({ord(one): ord(one) + 0xFEE0 for one in code})
    groups = f" {code[:6].lower()} {code[6:12]}-{code[12:]}　"
    assert normalise(code) == normalise(groups) == normalise(wide) == code


def test_a_code_that_is_not_known_yet_may_be_left_out() -> None:
    assert normalise("") == normalise(" 　") == ""


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (KNOWN[0][:-1], "这里有 17 位"),
        (KNOWN[0] + "0", "这里有 19 位"),
        ("9144030019220382I6", "不会有「I」"),
        ("91440300192203821有", "不会有「有」"),
        ("91440300192203821７"[:17] + "7", "校验位不符"),
    ],
)
def test_what_is_no_code_is_told_why(written: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        normalise(written)


@given(st.text(CHARACTERS, min_size=17, max_size=17), st.integers(0, 16), st.data())
def test_one_wrong_character_never_passes(first: str, place: int, data: st.DataObject) -> None:
    code = first + check_character(first)
    other = data.draw(st.sampled_from([one for one in CHARACTERS if one != code[place]]))

    assert normalise(code) == code
    with pytest.raises(ValidationError, match="校验位"):
        normalise(code[:place] + other + code[place + 1 :])
