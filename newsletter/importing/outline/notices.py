"""The parts of an official document: title, number, addressees, signature, date, remark,
attached text.

Source of the parts and their order: 党政机关公文格式 (GB/T 9704—2012), section 7.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from newsletter.importing.blocks import Block, TextBlock
from newsletter.importing.characters import HAN, compact, ends_sentence, is_short_line
from newsletter.importing.numerals import half_width, is_date_line
from newsletter.importing.outline.figures import figure_caption
from newsletter.importing.outline.model import HeadingRole, ParagraphRole
from newsletter.importing.outline.numbering import numbered

_KINDS = (
    "通知|公告|通告|意见|批复|函|决定|通报|公报|命令|令|决议|议案|报告|请示|办法|规定|说明|方案"
)
_NOTICE_NAME = re.compile(f".{{0,40}}关于.{{2,80}}的?(?:{_KINDS})(?:[（(].{{1,20}}[)）])?")
_NUMBER = re.compile(
    f"[{HAN}A-Za-z]{{1,14}}[〔\\[（(【［](?:19|20)[0-9]{{2}}[〕\\])）】］]第?[0-9]{{1,5}}号"
    f"|[{HAN}、]{{0,40}}(?:公告|通告|令|公报)?\\(?(?:19|20)[0-9]{{2}}年?第[0-9]{{1,5}}号\\)?"
    f"|[{HAN}、]{{0,30}}(?:令|公告|通告)?第[0-9]{{1,5}}号"
)
_REMARK = re.compile(
    "[（(](?:此[件文]|本[件文]|本通知|主动公开|依申请公开|不予公开|信息公开|联系人|联系电话).{0,60}[)）]"
    "|信息公开(?:选项|形式|类别|属性)[:：].{2,10}"
)
_SIGNED_DATE = re.compile("(.{2,40}?) ?((?:19|20)[0-9]{2}年[0-9]{1,2}月[0-9]{1,2}日)")
_ATTACHMENT_MARK = re.compile("附件?[0-9一二三四五六七八九十]{0,2}[:：]?")
_ADDRESSED = re.compile("[各厅局委办部省市区县会院校企行社]|单位|公司|中心|同志")

Role = HeadingRole | ParagraphRole


@dataclass(frozen=True, slots=True)
class NoticeRoles:
    """Roles by block index; `document_number` is the first one printed."""

    roles: dict[int, Role]
    document_number: str


def is_notice_name(text: str) -> bool:
    """Whether the line is an official document's title (关于……的通知)."""
    return bool(_NOTICE_NAME.fullmatch(compact(text))) and len(text) <= 120


def is_document_number(text: str) -> bool:
    """Whether the line is a 发文字号: 财税〔2022〕10号, 公告2022年第14号, 国务院令第752号."""
    return len(text) <= 50 and bool(_NUMBER.fullmatch(half_width(text)))


def notice_roles(blocks: Sequence[Block], title: str) -> NoticeRoles:
    """Find the parts of the notices in an article's body."""
    # Tables and listed items are no parts of a notice; their places stay.
    texts = [
        block.text if isinstance(block, TextBlock) and not block.marker else "" for block in blocks
    ]
    roles: dict[int, Role] = {}
    number = ""
    for index, text in enumerate(texts):
        if text and is_document_number(text):
            roles[index] = "docno"
            number = number or text
            _notice_title(texts, index, roles, title)
    for index in range(len(texts)):
        if index not in roles and _names_notice_here(texts, index):
            roles[index] = "notice-title"
    if (texts and is_notice_name(title)) or roles:
        _addressees(texts, roles, title)
    for index, text in enumerate(texts):
        if text and _REMARK.fullmatch(text):
            roles[index] = "remark"
    _closings(texts, roles)
    _attached(texts, roles)
    return NoticeRoles(roles, number)


def _notice_title(texts: Sequence[str], at: int, roles: dict[int, Role], title: str) -> None:
    """The line before the number, or the one between number and addressees, is the title.

    When both could be, the line above is the letterhead (某某局文件) and stays a paragraph.
    """
    before, after = at - 1, at + 1
    if after < len(texts) and is_notice_name(texts[after]) and not ends_sentence(texts[after]):
        roles[after] = "notice-title"
    elif (
        before >= 0
        and before not in roles
        and _can_title(texts[before])
        and len(compact(texts[before])) >= 5
        and compact(texts[before]) != compact(title)
    ):
        roles[before] = "notice-title"


def _can_title(text: str) -> bool:
    return (
        is_short_line(text, 80)
        and not numbered(text)
        and not figure_caption(text)
        and not is_date_line(text)
        and not _ATTACHMENT_MARK.fullmatch(compact(text))
    )


def _names_notice_here(texts: Sequence[str], at: int) -> bool:
    """A notice without a number: its title, then its addressees."""
    text = texts[at]
    following = texts[at + 1] if at + 1 < len(texts) else ""
    return (
        bool(text)
        and not numbered(text)
        and is_notice_name(text)
        and following.endswith(("：", ":"))
        and bool(_ADDRESSED.search(following))
    )


def _addressees(texts: Sequence[str], roles: dict[int, Role], title: str) -> None:
    """The first line of a notice, if it ends in a colon: 各……："""
    heads = [index for index, role in roles.items() if role in ("docno", "notice-title")]
    if is_notice_name(title):
        heads.append(-1)
    for head in heads:
        index = head + 1
        if index < len(texts) and index not in roles:
            text = texts[index]
            if text.endswith(("：", ":")) and _ADDRESSED.search(text) and "。" not in text:
                roles[index] = "addressee"


def _closings(texts: Sequence[str], roles: dict[int, Role]) -> None:
    """Signatures above a date, and signatures after 特此…… without one."""
    for index, text in enumerate(texts):
        if not text or not is_date_line(text) or index in roles:
            continue
        first = index
        while first > 0 and first - 1 not in roles and _can_sign(texts[first - 1]):
            first -= 1
        # A date under running text is a signature's only at the end; elsewhere it may head a
        # chronicle's entry.
        ends = (
            index + 1 == len(texts)
            or roles.get(index + 1) == "remark"
            or (bool(_ATTACHMENT_MARK.fullmatch(compact(texts[index + 1]))))
        )
        if (first < index and index - first <= 30) or ends:
            for signing in range(first, index):
                roles[signing] = "signature"
            roles[index] = "date"
    for index, text in enumerate(texts):
        signed = _SIGNED_DATE.fullmatch(text) if index not in roles else None
        if signed and index > 0 and _can_sign(signed[1]):  # both on one line
            roles[index] = "signature"
    for index, text in enumerate(texts):
        if text.startswith("特此") and len(text) <= 20:
            signing = index + 1
            while signing < len(texts) and signing not in roles and _can_sign(texts[signing]):
                roles[signing] = "signature"
                signing += 1


def _can_sign(text: str) -> bool:
    return (
        is_short_line(text, 40)
        and not numbered(text)
        and not figure_caption(text)
        and not any(mark in text for mark in "，。；：“《？！:")
        and not is_date_line(text)
        and not is_notice_name(text)
        and not _ATTACHMENT_MARK.fullmatch(compact(text))
    )


def _attached(texts: Sequence[str], roles: dict[int, Role]) -> None:
    """The title of the text attached to a notice: after its closing, or under 附件."""
    for index, text in enumerate(texts):
        if not text or index in roles or not _can_title(text):
            continue
        before = roles.get(index - 1) if index else None
        under_mark = index > 0 and bool(_ATTACHMENT_MARK.fullmatch(compact(texts[index - 1])))
        closed = before in ("date", "remark", "signature")
        if (closed or under_mark) and _has_text_after(texts, index):
            roles[index] = "attached-title"


def _has_text_after(texts: Sequence[str], at: int) -> bool:
    following = texts[at + 1] if at + 1 < len(texts) else None
    if following is None:
        return False
    found = numbered(following)
    return (
        following == ""  # a table
        or ends_sentence(following)
        or len(following) > 40
        or found is not None
        or following.startswith(("（", "("))
    )
