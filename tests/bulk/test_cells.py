"""One cell, one field: what is understood, and the sentence where nothing is guessed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from members.bulk.cells import Found, tidy, understand
from members.bulk.columns import FIELDS
from members.bulk.model import Cell, Kind
from members.bulk.phones import as_written
from members.phone import normalise_phone
from tests.spreadsheets import code

pytestmark = pytest.mark.pure


def value(field: str, text: str, kind: Kind = Kind.TEXT) -> str:
    found = understand(field, Cell(text, kind))
    assert not found.error
    return found.value


def error(field: str, text: str, kind: Kind = Kind.TEXT) -> str:
    found = understand(field, Cell(text, kind))
    assert found.value == ""
    assert found.error.endswith("。")
    return found.error


# Any cell -----------------------------------------------------------------------------------
@pytest.mark.parametrize("field", FIELDS)
def test_no_cell_and_a_cell_of_blanks_or_dashes_are_nothing(field: str) -> None:
    assert understand(field, None) == Found()
    assert understand(field, Cell(" \u3000\u200b\n")) == Found()
    if field != "is_contact":
        assert [value(field, text) for text in ("-", "——", "/", "无", "N/A")] == [""] * 5


@pytest.mark.parametrize("field", FIELDS)
def test_a_formula_a_fault_and_a_novel_have_their_sentence_in_every_field(field: str) -> None:
    said = "这一格是公式，没有存下结果：请在表格里另存为数值。"
    assert error(field, "（公式）", Kind.FORMULA) == error(field, "（公式）") == said
    assert "「#REF!」" in error(field, "#REF!", Kind.FAULT)
    assert "#REF!" in error(field, " #REF! ")
    assert "3,000 字" in error(field, "字" * 3000)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(list(FIELDS)), st.text(max_size=40), st.sampled_from([Kind.TEXT, Kind.NUMBER])
)
def test_any_text_gives_a_value_or_a_sentence_and_its_value_gives_itself(
    field: str, text: str, kind: Kind
) -> None:
    found = understand(field, Cell(text, kind))

    assert not (found.value and found.error)
    if found.value:
        assert understand(field, Cell(found.value)).value == found.value


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40))
def test_tidying_twice_changes_nothing(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)


# Codes --------------------------------------------------------------------------------------
def test_a_code_is_as_the_licence_has_it() -> None:
    good = code(1)

    assert value("credit_code", good) == good
    assert value("credit_code", f" {good[:4]} {good[4:10].lower()}-{good[10:]}\n") == good
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in good)
    assert value("credit_code", wide) == good
    assert value("credit_code", "待补") == ""


@pytest.mark.parametrize(
    ("text", "kind", "why"),
    [
        ("9.144E+17", Kind.TEXT, "科学计数"),
        ("9.14403E+17", Kind.TEXT, "科学计数"),
        ("9.14403001234567E+17", Kind.NUMBER, "存成了数字"),
        ("12345", Kind.NUMBER, "18 位"),
        ("91440300MA5000001", Kind.TEXT, "17 位"),
        ("91440300MAO0000012", Kind.TEXT, "「O」"),
        ("91440300MAI0000012", Kind.TEXT, "「I」"),
    ],
)
def test_a_code_with_lost_digits_or_a_look_alike_is_never_guessed(
    text: str, kind: Kind, why: str
) -> None:
    assert why in error("credit_code", text, kind)


def test_a_code_with_one_wrong_character_is_told_by_its_check() -> None:
    good = code(1)

    assert "校验位" in error(
        "credit_code", good[:-2] + ("0" if good[-2] != "0" else "1") + good[-1]
    )


# Phones -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("13800138000", Kind.TEXT),
        ("13800138000", Kind.NUMBER),
        ("13800138000.0", Kind.TEXT),
        ("138 0013 8000", Kind.TEXT),
        ("138-0013-8000", Kind.TEXT),
        ("+86 138 0013 8000", Kind.TEXT),
        ("+8613800138000", Kind.TEXT),
        ("(+86)13800138000", Kind.TEXT),
        ("008613800138000", Kind.TEXT),
        ("１３８００１３８０００", Kind.TEXT),
        ("手机：13800138000", Kind.TEXT),
        ("13800138000（手机）", Kind.TEXT),
        ("13800138000、13800138000", Kind.TEXT),
    ],
)
def test_a_phone_is_the_same_however_it_is_written(text: str, kind: Kind) -> None:
    assert understand("phone", Cell(text, kind)) == Found("+8613800138000")


@pytest.mark.parametrize(
    ("text", "phone", "aside"),
    [
        ("13800138000、13900139000", "+8613800138000", "13900139000"),
        ("010-88888888/13800138000", "+8613800138000", "010-88888888"),
        ("010-88888888；13800138000", "+8613800138000", "010-88888888"),
        ("13800138000，010-88888888", "+8613800138000", "010-88888888"),
        ("010-88888888\n13800138000", "+8613800138000", "010-88888888"),
        ("13800138000 13900139000", "+8613800138000", "13900139000"),
        ("13800138000或010-88888888", "+8613800138000", "010-88888888"),
        ("010-88888888、0755-8888 8888", "+861088888888", "0755-8888 8888"),
        ("010-88888888转8012", "+861088888888", "010-88888888转8012"),
        ("010-88888888-8012", "+861088888888", "010-88888888-8012"),
        ("13800138000、8012", "+8613800138000", "8012"),
    ],
)
def test_of_two_phones_the_first_mobile_is_the_phone_and_none_is_lost(
    text: str, phone: str, aside: str
) -> None:
    assert understand("phone", Cell(text)) == Found(phone, aside=f"其他电话：{aside}")


@pytest.mark.parametrize(
    ("text", "kind", "why"),
    [
        ("1380013800", Kind.TEXT, "不是有效的电话号码"),
        ("138001380000", Kind.NUMBER, "不是有效的电话号码"),
        ("张三13800138000", Kind.TEXT, "不是有效的电话号码"),
        ("13800138000张三", Kind.TEXT, "不是有效的电话号码"),
        ("13800138000、8012、张三", Kind.TEXT, "「张三」"),
        ("010-88888888、1380013800", Kind.TEXT, "「1380013800」"),
        ("1.38E+10", Kind.TEXT, "科学计数"),
        ("1.38001380001390E+21", Kind.NUMBER, "存成了数字"),
        ("2026-01-05", Kind.DAY, "日期"),
    ],
)
def test_what_is_no_phone_says_so(text: str, kind: Kind, why: str) -> None:
    assert why in error("phone", text, kind)


@pytest.mark.parametrize(
    "number",
    ["+8613800138000", "+861088888888", "+8675588888888", "+85291234567", "+8640080012345"[:13]],
)
def test_a_phone_is_written_without_a_plus_and_reads_back(number: str) -> None:
    assert "+" not in as_written(number)
    assert normalise_phone(as_written(number)) == number


# Dates --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    [
        *("2026年1月5日", "2026-1-5", "2026/1/5", "2026.1.5", "20260105", "2026-01-05"),
        *("二〇二六年一月五日", "二○二六年一月五日", "二零二六年一月五号", "２０２６年１月５日"),
        *("2026 年 1 月 5 日", "2026年01月05日", "2026-01-05 00:00:00", "2026/1/5 8:30"),
        *("2026-01-05T00:00:00", "2026年1月5号", "20260105.0"),
    ],
)
def test_a_day_is_the_same_however_it_is_written(text: str) -> None:
    assert value("starts", text) == value("ends", text) == "2026-01-05"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("二〇二六年十月十日", "2026-10-10"),
        ("二〇二六年十二月三十一日", "2026-12-31"),
        ("二〇二六年十一月二十日", "2026-11-20"),
        ("二〇二六年五月廿三日", "2026-05-23"),
        ("二〇二六年元月一日", "2026-01-01"),
    ],
)
def test_chinese_numerals_are_read(text: str, day: str) -> None:
    assert value("ends", text) == day


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026年12月", "2026-12-01", "2026-12-31"),
        ("2028年2月", "2028-02-01", "2028-02-29"),
        ("2026-06", "2026-06-01", "2026-06-30"),
        ("2026/6", "2026-06-01", "2026-06-30"),
        ("2026.12", "2026-12-01", "2026-12-31"),
        ("二〇二六年二月", "2026-02-01", "2026-02-28"),
        ("2026年12月底", "2026-12-01", "2026-12-31"),
    ],
)
def test_a_month_begins_on_its_first_day_and_ends_on_its_last(
    text: str, first: str, last: str
) -> None:
    assert (value("starts", text), value("ends", text)) == (first, last)


def test_a_month_stays_one_where_the_sheet_keeps_it_as_a_day() -> None:
    assert value("ends", "2026-12-01", Kind.MONTH) == "2026-12-31"
    assert value("starts", "2026-12-01", Kind.MONTH) == "2026-12-01"
    assert value("ends", "2026-12-01", Kind.DAY) == "2026-12-01"


def test_digits_of_a_day_may_be_stored_as_a_number() -> None:
    assert value("ends", "20261231", Kind.NUMBER) == "2026-12-31"
    assert value("ends", "2026.12", Kind.NUMBER) == "2026-12-31"


@pytest.mark.parametrize(
    ("text", "kind", "why"),
    [
        ("长期", Kind.TEXT, "要有到期日"),
        ("永久", Kind.TEXT, "要有到期日"),
        ("长期有效", Kind.TEXT, "要有到期日"),
        ("2026-02-30", Kind.TEXT, "没有「2026-02-30」这一天"),
        ("2026年13月", Kind.TEXT, "没有「2026年13月」这个月"),
        ("20261301", Kind.TEXT, "这一天"),
        ("26.1.5", Kind.TEXT, "两位"),
        ("1/5/2026", Kind.TEXT, "分不清哪个是月"),
        ("2026.1", Kind.NUMBER, "10 月"),
        ("2026.1", Kind.TEXT, "10 月"),
        ("46027", Kind.NUMBER, "2026-01-05"),
        ("2026.1.1-2026.12.31", Kind.TEXT, "两个日期"),
        ("2026年1月1日至2026年12月31日", Kind.TEXT, "两个日期"),
        ("1026-01-05", Kind.TEXT, "年份"),
        ("2999年12月", Kind.TEXT, "年份"),
        ("明年", Kind.TEXT, "不是日期"),
        ("2026", Kind.NUMBER, "不是日期"),
        ("二〇二六年十十月", Kind.TEXT, "日期"),
    ],
)
def test_what_is_no_one_day_asks_for_one(text: str, kind: Kind, why: str) -> None:
    assert why in error("ends", text, kind)


# The others ---------------------------------------------------------------------------------
def test_names_lose_the_blanks_between_their_characters_only() -> None:
    assert value("name", "张\u3000三") == "张三"
    assert value("name", " Anna  Maria ") == "Anna Maria"
    assert value("organization", "样例一\n有限公司（深圳）") == "样例一有限公司（深圳）"


@pytest.mark.parametrize(("field", "longest"), [("organization", 120), ("name", 50)])
def test_a_text_longer_than_its_column_says_so(field: str, longest: int) -> None:
    assert value(field, "字" * longest)
    assert f"最多 {longest} 字" in error(field, "字" * (longest + 1))


def test_a_personal_member_is_one_however_the_sheet_says_so() -> None:
    assert value("organization", "个人") == value("organization", "个人会员") == "个人会员"


@pytest.mark.parametrize("field", ["organization", "name"])
@pytest.mark.parametrize("text", ["20人", "3 家", "共12户", "1,200个", "２０人", "共计 5 位"])
def test_so_many_people_or_firms_are_a_sum_and_no_name(field: str, text: str) -> None:
    found = understand(field, Cell(text))

    assert "像是合计" in found.error
    assert not found.value


@pytest.mark.parametrize("text", ["是", "否", "√", "×", "有", "Y", "联系人"])
def test_a_mark_is_nobodys_name(text: str) -> None:
    assert understand("name", Cell(text)).error


def test_names_with_a_number_or_a_mark_in_them_are_names() -> None:
    assert understand("organization", Cell("样例360人才公司")).value == "样例360人才公司"
    assert understand("name", Cell("有为")).value == "有为"


def test_a_number_is_nobody() -> None:
    assert "串了列" in error("name", "13800138000", Kind.NUMBER)
    assert "串了列" in error("organization", "3", Kind.NUMBER)


@pytest.mark.parametrize(
    ("text", "size"),
    [("大型", "大型"), ("中", "中型"), ("小型企业", "小型"), ("微企业", "微型"), ("微型", "微型")],
)
def test_sizes_are_the_four_of_the_standard(text: str, size: str) -> None:
    assert value("size", text) == size


def test_a_size_that_is_two_or_none_is_asked_about() -> None:
    assert "「小微」" in error("size", "小微")
    assert "「规上」" in error("size", "规上")


@pytest.mark.parametrize("text", ["3", "3.0", "３", "3个", "3 席", "03"])
def test_seats_are_a_whole_number(text: str) -> None:
    assert value("seats", text) == "3"


@pytest.mark.parametrize("text", ["0", "3.5", "三", "-1", "1001", "9" * 30])
def test_seats_that_are_none_or_too_many_are_asked_about(text: str) -> None:
    assert "整数" in error("seats", text)


def test_an_address_is_in_lower_case_and_a_second_goes_aside() -> None:
    assert value("email", " Zhang.San@Example.ORG ") == "zhang.san@example.org"
    assert value("email", "ａ＠example.org") == "a@example.org"
    assert understand("email", Cell("a@example.org；b@example.org")) == Found(
        "a@example.org", aside="其他邮箱：b@example.org"
    )
    assert "「a@」" in error("email", "a@")
    assert "「a@example」" in error("email", "b@example.org,a@example")


def test_a_member_number_is_as_written_and_never_a_phone() -> None:
    assert value("member_number", "m10000001") == "m10000001"
    assert value("member_number", "1234.0", Kind.NUMBER) == "1234"
    assert "电话号码" in error("member_number", "13800138000")
    assert "短横线" in error("member_number", "会员一号")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        *(("是", "是"), ("√", "是"), ("Y", "是"), ("TRUE", "是"), ("1", "是")),
        *(("否", "否"), ("×", "否"), ("FALSE", "否"), ("-", "否"), ("无", "否"), ("0", "否")),
    ],
)
def test_whether_somebody_is_the_contact_is_yes_or_no(text: str, said: str) -> None:
    assert value("is_contact", text) == said


def test_anything_else_is_asked_about() -> None:
    assert "「张三」" in error("is_contact", "张三")


def test_a_day_in_another_field_is_the_spreadsheets_doing() -> None:
    assert "多半是表格自动改的" in error("member_number", "2026-01-05", Kind.DAY)
    assert value("remark", "2026-01-05", Kind.DAY) == "2026-01-05"
