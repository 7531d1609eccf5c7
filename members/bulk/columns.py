"""Which of her columns is which of our fields.

A mapping is a plain `dict` from a heading (as `heading` writes it) to a field's name, or to ""
for a column that is not taken. It goes into a JSON field as it is, and is remembered by the
`fingerprint` of the headings. A heading 联系人 over names says who the people are, not that each of
them is the firm's contact: `is_contact` stays "" without a column of its own. Over marks (是, 否,
√) it is that column.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from members.bulk import cells
from members.bulk.model import Kind, Row, Sheet, SheetRefused

# Our headings, in the order of a written file.
FIELDS = {
    "organization": "单位名称",
    "credit_code": "统一社会信用代码",
    "region": "地区",
    "size": "规模",
    "industry": "行业",
    "seats": "席位数",
    "starts": "会籍开始",
    "ends": "会籍到期",
    "name": "姓名",
    "phone": "手机",
    "email": "邮箱",
    "member_number": "会员号",
    "is_contact": "是否联系人",
    "remark": "备注",
}
OF_A_FIRM = (
    *("organization", "credit_code", "region", "size", "industry", "seats", "starts", "ends"),
)
# Of these several columns may be taken: one goes after the other.
OF_SEVERAL_COLUMNS = frozenset({"phone", "email", "remark"})
OF_A_PERSON = ("name", "phone", "email", "member_number", "is_contact")
# Known, and not taken: numbers of lines, and the column in which `writing` says what is wrong.
PROBLEM = "问题"
NOT_TAKEN = frozenset({"序号", "编号", "行号", "no", "no.", PROBLEM})

_WORDS = {
    "organization": "单位名称 单位 单位全称 企业名称 企业 企业全称 公司名称 公司 公司全称 会员单位 "
    "会员单位名称 会员单位全称 会员企业 会员企业名称 会员名称 单位会员名称 机构名称 所在单位 "
    "工作单位 所属单位 单位(企业)名称 企业(单位)名称 会员单位(企业)",
    "credit_code": "统一社会信用代码 社会信用代码 信用代码 统一信用代码 统一代码 企业信用代码 "
    "单位统一社会信用代码 企业统一社会信用代码 营业执照号 营业执照号码 税号 纳税人识别号",
    "region": "地区 区域 所在地区 所属地区 所在地 所在区 所属区域 城市 所在城市 省市 地市 区县",
    "size": "规模 企业规模 单位规模 划型 企业划型 规模类型",
    "industry": "行业 所属行业 行业类别 行业分类 所在行业 主营行业",
    "seats": "席位数 席位 席位数量 名额 名额数 会员席位 会员席位数 阅读席位",
    "starts": "会籍开始 会籍开始日期 会籍起始 会籍起始日期 会籍首日 入会日期 入会时间 加入日期 "
    "加入时间 开始日期 起始日期 生效日期 有效期起 会籍起",
    "ends": "会籍到期 会籍到期日 会籍到期日期 到期日期 到期时间 到期日 有效期至 会籍有效期至 "
    "有效期止 会籍截止 会籍截止日期 截止日期 会籍末日 会员有效期至 有效期 会籍有效期 会籍止",
    "name": "姓名 联系人 联系人姓名 会员姓名 人员姓名 名字 成员姓名 经办人 联络人 联络员",
    "phone": "手机 手机号 手机号码 电话 电话号码 联系电话 联系手机 联系方式 联系人电话 联系人手机 "
    "联系人手机号 联系人联系电话 移动电话 办公电话 座机 固定电话 单位电话 固话 备用电话 手机电话 "
    "电话手机 手机(电话) 其他电话",
    "email": "邮箱 电子邮箱 电子邮件 邮件 邮箱地址 电子邮箱地址 联系邮箱 联系人邮箱 单位邮箱 email "
    "e-mail mail email地址",
    "member_number": "会员号 会员编号 会员证号 会员号码 会员代码",
    "is_contact": "是否联系人 是否为联系人 是否单位联系人 是否为单位联系人 单位联系人 "
    "是否主要联系人 主要联系人 是否联络人",
    "remark": "备注 说明 附注 备注说明",
}
# Over names, who the people are; over marks, which of them is the contact.
_EITHER = frozenset({"联系人", "联络人", "联络员"})
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
_MARKS = re.compile(r"[\s*:;,、，。/\u200b\ufeff]")
_SEARCHED_ROWS = 40


def heading(text: str) -> str:
    """A heading without what does not matter: width, blanks, line ends, brackets, asterisks."""
    plain = unicodedata.normalize("NFKC", text).lower()
    without = _MARKS.sub("", _BRACKETS.sub("", plain)).removeprefix("必填").removesuffix("必填")
    return without or _MARKS.sub("", plain)


_KNOWN = {
    heading(word): field
    for field, words in _WORDS.items()
    for word in (*words.split(), FIELDS[field])
}


@dataclass(frozen=True)
class Headings:
    """Where the headings stand.

    Args:
        first_row, last_row: their rows' numbers; two where a group has a heading of its own.
        texts: one for each column from A on, as written; "" where there is none.
    """

    first_row: int
    last_row: int
    texts: tuple[str, ...]


def recognise(headings: Iterable[str]) -> dict[str, str]:
    """A mapping of every heading; those not known, and those not taken, have ""."""
    words = [heading(text) for text in headings]
    return {word: _KNOWN.get(word, "") for word in words if word}


def map_columns(sheet: Sheet) -> dict[str, str]:
    """A mapping of the sheet's own headings, as `recognise` has it; a heading that may mean two
    things is told by what stands under it.

    Raises:
        SheetRefused: the sheet has no headings.
    """
    found = find_headings(sheet)
    mapping = recognise(found.texts)
    for number, text in enumerate(found.texts):
        if heading(text) in _EITHER and _are_marks(sheet, found, number):
            mapping[heading(text)] = "is_contact"
    return mapping


def _are_marks(sheet: Sheet, headings: Headings, column: int) -> bool:
    """Whether most of what stands in a column are marks; 「-」 and 「无」 alone tell nothing."""
    below = (row.cell(column) for row in sheet.rows if row.number > headings.last_row)
    texts = [cells.tidy(cell.text) for cell in below if cell]
    said = [text for text in texts if text and not cells.is_no_value(text)]
    return 2 * sum(map(cells.is_mark, said)) > len(said)


def doubled(headings: Iterable[str], mapping: Mapping[str, str]) -> dict[str, list[str]]:
    """By field, the headings as written of the columns that are taken for one where one only is
    wanted."""
    found: dict[str, list[str]] = {}
    for text in headings:
        if field := mapping.get(heading(text), ""):
            found.setdefault(field, []).append(" ".join(text.split()))
    return {
        field: texts
        for field, texts in found.items()
        if len(texts) > 1 and field not in OF_SEVERAL_COLUMNS
    }


def unknown(headings: Iterable[str], mapping: Mapping[str, str]) -> list[str]:
    """The headings, as written, that are taken for nothing; to be asked about."""
    written = {heading(text): " ".join(text.split()) for text in headings if heading(text)}
    return [
        text for word, text in written.items() if not mapping.get(word) and word not in NOT_TAKEN
    ]


def fingerprint(headings: Iterable[str]) -> str:
    """The same for the same set of headings, in whatever order: 64 hexadecimal characters."""
    words = sorted({heading(text) for text in headings} - {""})
    return hashlib.sha256("\n".join(words).encode()).hexdigest()


def find_headings(sheet: Sheet, mapping: Mapping[str, str] | None = None) -> Headings:
    """The row of the first forty with the most headings, below title rows of any number.

    Args:
        mapping: headings mapped by hand count as known.

    Raises:
        SheetRefused: no row looks like headings.
    """

    def is_known(text: str) -> bool:
        word = heading(text)
        return word in _KNOWN or word in NOT_TAKEN or (mapping is not None and word in mapping)

    def score(texts: Iterable[str]) -> int:
        return len({heading(text) for text in texts if is_known(text)})

    rows = sheet.rows[:_SEARCHED_ROWS]
    best, most = None, 0
    for row in rows:
        texts = _texts(row)
        if score(texts) > most:
            best, most = Headings(row.number, row.number, texts), score(texts)
    for upper, lower in itertools.pairwise(rows):
        joined = _joined(_texts(upper), _texts(lower), is_known)
        if score(_texts(lower)) >= 2 and score(_texts(upper)) and score(joined) > most:
            best, most = Headings(upper.number, lower.number, joined), score(joined)
    if best is not None and (most >= 2 or len([text for text in best.texts if text]) == 1):
        return best
    for row in rows:
        kinds = [cell.kind for cell in row.cells if cell]
        if len(kinds) >= 2 and set(kinds) == {Kind.TEXT}:
            return Headings(row.number, row.number, _texts(row))
    raise SheetRefused(
        "没有找到表头。请在名单上方写一行列名，例如「单位名称、姓名、手机、会籍到期」，再导入。"
    )


def _texts(row: Row) -> tuple[str, ...]:
    return tuple(cell.text if cell else "" for cell in row.cells)


def _joined(
    upper: tuple[str, ...], lower: tuple[str, ...], is_known: Callable[[str], bool]
) -> tuple[str, ...]:
    """Two rows as one: the lower names the column, the upper where that has no name for it."""
    width = max(len(upper), len(lower))
    pairs = zip(
        (*upper, *[""] * (width - len(upper))), (*lower, *[""] * (width - len(lower))), strict=True
    )
    return tuple(low if is_known(low) or (low and not is_known(up)) else up for up, low in pairs)
