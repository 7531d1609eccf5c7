"""What one cell says for a field, or the sentence that says why it does not.

Nothing is guessed: a digit that the file has lost, a month that could be a day, a letter O that
could be a nought are told to staff, who know or ask.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from members import credit_code
from members.bulk import dates, phones
from members.bulk.model import WITHOUT_RESULT, Cell, Kind
from members.models.organization import Size
from members.phone import is_phone

MAX_TEXT = 2000
PERSONAL = "个人会员"
# Between what two columns say of one field, where it is shown or written.
DIFFERS = " ≠ "
YES, NO = "是", "否"
# As long as the models' columns are.
_LENGTHS = {"organization": 120, "region": 60, "industry": 60, "name": 50, "remark": MAX_TEXT}
_MAX_EMAIL = 254
_MAX_SEATS = 1000

_SCIENTIFIC = re.compile(r"[-+]?\d+(?:\.\d+)?E[-+]?\d+", re.IGNORECASE)
_WHOLE = re.compile(r"(\d+)(?:\.0+)?")
_SEATS = re.compile(r"(\d+)(?:\.0+)?[个席名位]?(?:席位)?")
_MEMBER_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,19}")
_BLANKS = re.compile(r"[^\S\n]+")
_LINE_ENDS = re.compile(r"\s*\n\s*")
_BETWEEN_CHINESE = re.compile(r"(?<=[\u3400-\u9fff（）]) +(?=[\u3400-\u9fff（）])")
_UNSEEN = re.compile("[\ufffe\uffff\ufff9-\ufffb]")
_NO_VALUE = re.compile(r"[-—–/\\]+|无|暂无|没有|空|n/?a|none|null", re.IGNORECASE)
_FAULT = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|#+)")
_YES = frozenset(
    {"是", "√", "✓", "✔", "y", "yes", "1", "true", "对", "有", "主", "联系人", "主要联系人"}
)
_NO = frozenset({"否", "×", "x", "✗", "n", "no", "0", "false", "不是", "非", "不", "-", "—", "无"})
# A sum at the foot of a list, in a column of names.
_COUNTED = re.compile(r"[共计]{0,2}\s*[\d,，]+\s*[人家户个位名]")
_SIZES = {"大": Size.LARGE, "中": Size.MEDIUM, "小": Size.SMALL, "微": Size.MICRO}

_ROUNDED = (
    "这一格被表格存成了数字，第 15 位以后的数字已经丢失，无法还原。"
    "请把这一列设成「文本」，对照原件重填。"
)
_DISPLAYED = (
    "这一格是科学计数（「{text}」），后面的数字已经丢失，无法还原。"
    "请把这一列设成「文本」，对照原件重填。"
)


@dataclass(frozen=True)
class Found:
    """What a cell says.

    Args:
        value: in the one form of its field (see `rows.Line`); "" for nothing, or for an error.
        error: a Chinese sentence: what is wrong and what to do; "" when nothing is.
        aside: what belongs in the remarks: a second phone, an extension.
    """

    value: str = ""
    error: str = ""
    aside: str = ""


def understand(field: str, cell: Cell | None) -> Found:
    """A cell as the value of a field (a key of `columns.FIELDS`)."""
    if cell is None:
        return Found()
    error = _not_content(cell)
    if error:
        return Found(error=error)
    text = tidy(cell.text)
    if not text or (field != "is_contact" and is_no_value(text)):
        return Found()
    if cell.kind in (Kind.DAY, Kind.MONTH) and field not in ("starts", "ends", "remark"):
        return Found(error=f"这一格是日期（{text}），多半是表格自动改的。请设成「文本」后重填。")
    return _READERS.get(field, _words)(field, text, cell)


def tidy(text: str) -> str:
    """A text without what cannot be seen: blanks at the ends, doubled, or between Chinese
    characters (「张　三」), control and direction characters. Line ends stay single."""
    # Most cells are so; nothing that is printable is unseen, a line end, or a blank but this one.
    if text.isprintable() and " " not in text:
        return text
    seen = "".join(
        found
        for found in text.replace("\r\n", "\n").replace("\r", "\n")
        if found in "\n\t" or unicodedata.category(found) not in ("Cc", "Cf", "Cs")
    )
    lines = _LINE_ENDS.sub("\n", _BLANKS.sub(" ", _UNSEEN.sub("", seen))).strip()
    return _BETWEEN_CHINESE.sub("", lines)


def is_mark(text: str) -> bool:
    """Whether a tidy text is one of the marks that stand for yes or no, and nobody's name."""
    return text.lower() in _YES or text.lower() in _NO


def is_no_value(text: str) -> bool:
    """Whether a tidy text says that there is nothing: a dash, 无."""
    return bool(_NO_VALUE.fullmatch(text))


def unreadable(cell: Cell) -> str:
    """Why nobody can tell what the cell was, whatever its field; "" when one can."""
    return _not_content(cell) or _lost_digits(tidy(cell.text), cell)


def _not_content(cell: Cell) -> str:
    if cell.kind is Kind.FORMULA or cell.text.strip() == WITHOUT_RESULT:
        return "这一格是公式，没有存下结果：请在表格里另存为数值。"
    if DIFFERS in cell.text:
        return f"几列写的不一样（「{cell.text}」）。请核对，只留一个。"
    if cell.kind is Kind.FAULT or _FAULT.fullmatch(cell.text.strip()):
        return f"这一格是表格报的错（「{cell.text}」），不是内容。请在表格里改正。"
    if len(cell.text) > MAX_TEXT:
        return f"这一格有 {len(cell.text):,} 字，太长了。请核对是否填错了地方。"
    return ""


def _lost_digits(text: str, cell: Cell) -> str:
    if not _SCIENTIFIC.fullmatch(text):
        return ""
    return _ROUNDED if cell.kind is Kind.NUMBER else _DISPLAYED.format(text=text)


def _words(field: str, text: str, cell: Cell) -> Found:
    if field != "remark":
        text = tidy(text.replace("\n", " "))
    if field == "organization" and text in ("个人", PERSONAL):
        return Found(PERSONAL)
    longest = _LENGTHS[field]
    if len(text) > longest:
        return Found(error=f"这一格有 {len(text)} 字，最多 {longest} 字。请改短。")
    if field in ("organization", "name") and not any(map(str.isalpha, text)):
        what = "单位名称" if field == "organization" else "姓名"
        return Found(error=f"「{text}」不像是{what}。请核对是否串了列。")
    if field in ("organization", "name") and _COUNTED.fullmatch(text):
        what = "单位名称" if field == "organization" else "姓名"
        return Found(error=f"「{text}」像是合计，不是{what}。是表尾的合计，请把这一行搁置。")
    if field == "name" and is_mark(text):
        return Found(error=f"「{text}」不是姓名。请核对这一列是姓名，还是「是否联系人」。")
    return Found(text)


def _credit_code(field: str, text: str, cell: Cell) -> Found:
    lost = _lost_digits(text, cell)
    if lost:
        return Found(error=lost)
    if text in ("待补", "待定", "未知"):
        return Found()
    return _checked(credit_code.normalise, text)


def _checked(normalise: Callable[[str], str], text: str) -> Found:
    try:
        return Found(normalise(text))
    except ValidationError as error:
        return Found(error="".join(error.messages))


def _size(field: str, text: str, cell: Cell) -> Found:
    plain = text.removesuffix("企业").removesuffix("型")
    if plain in _SIZES:
        return Found(_SIZES[plain].value)
    return Found(error=f"规模「{text}」不是大型、中型、小型、微型之一。请改成其中一种。")


def _seats(field: str, text: str, cell: Cell) -> Found:
    found = _SEATS.fullmatch(unicodedata.normalize("NFKC", text).replace(" ", ""))
    if found and 1 <= int(found[1][:9]) <= _MAX_SEATS:
        return Found(str(int(found[1])))
    return Found(error=f"席位数「{text}」不是 1 到 {_MAX_SEATS:,} 的整数。请改成数字。")


def _phone(field: str, text: str, cell: Cell) -> Found:
    lost = next(filter(None, (_lost_digits(line, cell) for line in text.split("\n"))), "")
    if lost:
        return Found(error=lost)
    try:
        value, others = phones.split(text)
    except ValidationError as error:
        return Found(error="".join(error.messages))
    return Found(value, aside=f"其他电话：{'、'.join(others)}" if others else "")


def _email(field: str, text: str, cell: Cell) -> Found:
    plain = unicodedata.normalize("NFKC", text).removeprefix("mailto:").lower()
    first, *others = [part for part in re.split(r"[\s,;、]+", plain) if part] or [""]
    for address in (first, *others):
        try:
            validate_email(address)
        except ValidationError:
            return Found(error=f"「{address}」不是有效的邮箱地址。请核对，没有邮箱可以留空。")
    if len(first) > _MAX_EMAIL:
        return Found(error=f"邮箱地址有 {len(first)} 个字符，太长了。请核对。")
    others = [address for address in dict.fromkeys(others) if address != first]
    return Found(first, aside=f"其他邮箱：{'、'.join(others)}" if others else "")


def _member_number(field: str, text: str, cell: Cell) -> Found:
    lost = _lost_digits(text, cell)
    if lost:
        return Found(error=lost)
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    whole = _WHOLE.fullmatch(plain)
    plain = whole[1] if whole and "." in plain else plain
    if not _MEMBER_NUMBER.fullmatch(plain):
        return Found(error=f"会员号「{text}」只能用字母、数字和短横线，最多 20 位。请核对。")
    if is_phone(plain):
        return Found(error=f"会员号「{text}」是一个电话号码。请核对是否串了列。")
    return Found(plain)


def _is_contact(field: str, text: str, cell: Cell) -> Found:
    plain = text.lower()
    if plain in _YES or plain in _NO:
        return Found(YES if plain in _YES else NO)
    return Found(error=f"「是否联系人」写的是「{text}」。请填「是」或「否」。")


def _day(field: str, text: str, cell: Cell) -> Found:
    try:
        return Found(dates.day(text, cell.kind, is_last=field == "ends").isoformat())
    except ValidationError as error:
        return Found(error="".join(error.messages))


_READERS: dict[str, Callable[[str, str, Cell], Found]] = {
    "credit_code": _credit_code,
    "size": _size,
    "seats": _seats,
    "starts": _day,
    "ends": _day,
    "phone": _phone,
    "email": _email,
    "member_number": _member_number,
    "is_contact": _is_contact,
}
