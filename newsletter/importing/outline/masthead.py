"""The cover and the colophon: 刊名, 年份期号, 总期号, 刊期, 编印单位 and the printer's lines."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from newsletter.doubts import Doubt, DoubtKind, excerpt
from newsletter.importing.blocks import TextBlock
from newsletter.importing.characters import HAN, compact
from newsletter.importing.numerals import NUMBER, date, half_width, number
from newsletter.importing.outline.labels import colophon_fields
from newsletter.importing.outline.model import Frequency, Masthead, Omitted

_YEAR = re.compile("((?:19|20)[0-9]{2}|[一二][零〇○O一二三四五六七八九]{3})(?:年度?|(?=第))")
_SERIAL = re.compile(f"总(?:期号?)?(?:第|[:：])?({NUMBER})(?:[-—–~、/至]第?({NUMBER}))?期?")
_NUMBER = re.compile(f"第({NUMBER})(?:[-—–~、/至]第?({NUMBER}))?期")
_FREQUENCIES: tuple[tuple[str, Frequency], ...] = (
    ("双月刊", "bimonthly"),
    ("季刊", "quarterly"),
    ("月刊", "monthly"),
    ("不定期", "irregular"),
)
_COVER_LINE = re.compile(
    "内部(?:刊物|资料|交流|参考|使用|发行|读物|出版物)|仅供.{1,12}(?:使用|参考|交流|阅读)"
    "|免费(?:交流|赠阅)|注意保存"
)
_PERMIT = re.compile("(?:内资|准印|印准).{0,12}[0-9]{2,}.{0,6}号?$")
_ORGANISATION = re.compile(
    "(?:中心|协会|学会|商会|促进会|研究会|联合会|委员会|总会|基金会|联盟|秘书处|办公室|编辑部|杂志社"
    "|报社|分会|管委会|公司|集团|研究院|研究所|研究室|大学|学院|事务所|政府|财政局|税务局|[厅局署])"
    "(?:主办|编印|编辑|编|印)?$"
)
_SUB_BODY = re.compile("^.{0,4}(?:秘书处|办公室|编辑部|委员会|研究室|分会|专委会)(?:编印|编|印)?$")


@dataclass(slots=True)
class Cover:
    """What has been read of the cover and colophon so far."""

    year: int | None = None
    number: int | None = None
    serial: int | None = None
    frequency: Frequency | None = None
    names: list[TextBlock] = field(default_factory=list)
    organisations: list[TextBlock] = field(default_factory=list)
    cover_line: str = ""
    values: dict[str, str] = field(default_factory=dict)
    omitted: list[Omitted] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)

    def leave_out(self, text: str, line: int, reason: str) -> None:
        """List a text that has no field."""
        if compact(text):
            self.omitted.append(Omitted(text, line, reason))


def read_cover(blocks: Iterable[TextBlock], cover: Cover | None = None) -> Cover:
    """Read the lines of a cover, or add those of a colophon to the cover read before."""
    cover = cover or Cover()
    waiting: tuple[str, TextBlock] | None = None  # a label whose value is on the next line
    for listed in blocks:
        block = replace(listed, text=listed.printed, marker=None)
        if waiting and not colophon_fields(block.text):
            _take(cover, waiting[0], block.text, block)
            waiting = None
            continue
        found = colophon_fields(block.text)
        if found:
            for item in found:
                if not item.value:
                    waiting = (item.field, block)
                elif item.field:
                    _take(cover, item.field, item.value, block, item.label)
                else:
                    cover.leave_out(f"{item.label}：{item.value}", block.line, "版权页其他文字")
            continue
        _read_line(cover, block)
    return cover


def _take(cover: Cover, name: str, value: str, block: TextBlock, label: str = "") -> None:
    """Keep a labelled value; the first stands, save that 编印单位 outranks 主办单位."""
    printed = f"{label}：{value}" if label else value
    if (name == "printed_on" and date(value) is None) or (name == "print_run" and not _run(value)):
        cover.leave_out(printed, block.line, "版权页文字，读不出日期或数目")
        cover.doubts.append(
            Doubt(
                DoubtKind.MASTHEAD,
                f"第{block.line}行“{excerpt(printed)}”读不出日期或数目，请手工填写。",
                block.line,
                excerpt=excerpt(printed),
            )
        )
    elif name not in cover.values or cover.values[name] == value:
        cover.values[name] = value
    elif name == "publisher" and label.startswith("编"):
        cover.leave_out(cover.values[name], block.line, "版权页其他单位")
        cover.values[name] = value
    else:
        cover.leave_out(printed, block.line, "版权页重复项目")


def _run(value: str) -> int | None:
    found = re.search(f"{NUMBER}(?:,[0-9]{{3}})*", half_width(value))
    return number(found[0].replace(",", "")) if found else None


def _read_line(cover: Cover, block: TextBlock) -> None:
    text = block.text
    if _PERMIT.search(half_width(text)):
        _take(cover, "permit_number", text, block)
        return
    if _COVER_LINE.search(text):
        if not cover.cover_line:
            cover.cover_line = text
        elif compact(text) not in compact(cover.cover_line):
            # The cover may say it on two lines: 内部刊物 / 仅供会员使用.
            cover.cover_line = f"{cover.cover_line} {text}"
        return
    if _repeats(cover, text, block.line):
        cover.leave_out(text, block.line, "重复的刊名期号")
        return
    rest = _read_number(cover, text, block.line)
    if not rest:
        return
    remainder = TextBlock(rest, block.line)
    if _ORGANISATION.search(compact(rest)):
        cover.organisations.append(remainder)
    elif re.search(f"[{HAN}]", rest) and len(compact(rest)) <= 16:
        cover.names.append(remainder)
    else:
        cover.leave_out(rest, block.line, "封面其他文字")


def _repeats(cover: Cover, text: str, line: int) -> bool:
    """Whether a line gives year and number again: others, or with a page like a running head."""
    rest = half_width(text)
    year, issue = _YEAR.search(rest), _NUMBER.search(rest)
    if not year or not issue or cover.year is None or cover.number is None:
        return False
    if (number(year[1]), number(issue[1])) != (cover.year, cover.number):
        cover.doubts.append(
            Doubt(
                DoubtKind.MASTHEAD,
                f"第{line}行“{excerpt(text)}”与封面的{cover.year}年第{cover.number}期不同，请核对。",
                line,
                excerpt=excerpt(text),
            )
        )
        return True
    page = re.search("[^0-9]?[0-9]{1,3}[^0-9]?$", rest[issue.end() :])
    return page is not None and not _SERIAL.search(rest)


def _keep(cover: Cover, name: str, found: re.Match[str], line: int) -> None:
    """Keep a year, number or serial; the first stands, and another is listed."""
    value = number(found[1])
    if getattr(cover, name) is None:
        setattr(cover, name, value)
    elif getattr(cover, name) != value:
        cover.leave_out(found[0], line, "另一年份或期号")
        return
    if name == "year" or not found[2]:
        return
    if name == "number":
        cover.doubts.append(
            Doubt(
                DoubtKind.MASTHEAD,
                f"第{line}行是合刊（{found[0]}），期号取第一个数，请核对。",
                line,
                excerpt=found[0],
            )
        )
    cover.leave_out(found[2], line, "合刊的后一期号")


def _read_number(cover: Cover, text: str, line: int) -> str:
    """Take year, number, serial and frequency out of a line; what is left of it."""
    rest = half_width(text)
    if not (_NUMBER.search(rest) or _SERIAL.search(rest) or _YEAR.search(rest)):
        for word, frequency in _FREQUENCIES:
            if rest.strip("()[]") == word:
                cover.frequency = cover.frequency or frequency
                return ""
        return text
    for name, pattern in (("serial", _SERIAL), ("number", _NUMBER), ("year", _YEAR)):
        found = pattern.search(rest)
        if found:
            _keep(cover, name, found, line)
            rest = rest[: found.start()] + rest[found.end() :]
    for word, frequency in _FREQUENCIES:
        if word in rest:
            cover.frequency = cover.frequency or frequency
            rest = rest.replace(word, "", 1)
            break
    if not any(ch.isalnum() for ch in rest):
        return ""
    # The periodical's name may share the line with its number, and with a page.
    name = rest.strip("()[],、:：-—·")
    page = re.search("(?<=[^0-9])[0-9]{1,3}$", name)
    if page:
        cover.leave_out(page[0], line, "页码")
        name = name[: page.start()]
    return name


def is_colophon(block: TextBlock, cover: Cover | None = None) -> bool:
    """Whether a line belongs to the cover or colophon; `cover` tells the periodical's name."""
    text = compact(block.text)
    names = cover.names if cover else []
    return (
        bool(colophon_fields(block.text))
        or bool(_PERMIT.search(half_width(text)))
        or (bool(_COVER_LINE.search(text)) and len(text) <= 30)
        or any(text.strip("《》") == compact(name.text).strip("《》") for name in names)
        or (len(text) <= 40 and bool(_NUMBER.search(half_width(text))) and "期" in text
            and bool(_YEAR.search(half_width(text))))
    )  # fmt: skip


def masthead(cover: Cover) -> tuple[Masthead, tuple[Doubt, ...], tuple[Omitted, ...]]:
    """The issue's fields from the lines read, with doubts about what is missing.

    The caller has made sure that year and number were found.
    """
    assert cover.year is not None
    assert cover.number is not None
    name, *others = cover.names or [TextBlock("", 0)]
    publisher = cover.values.get("publisher", "")
    for block in cover.organisations:
        if compact(block.text) in compact(publisher):
            continue
        if "publisher" in cover.values:
            cover.leave_out(block.text, block.line, "封面其他单位")
        elif _SUB_BODY.match(compact(block.text)):
            publisher += block.text  # the body's office, printed on its own line
        else:
            publisher = f"{publisher} {block.text}".strip()
    for block in others:
        if compact(block.text) != compact(name.text):
            cover.leave_out(block.text, block.line, "封面其他文字")
    result = Masthead(
        year=cover.year,
        number=cover.number,
        serial=cover.serial,
        frequency=cover.frequency,
        periodical=name.text.strip("《》"),
        publisher=publisher,
        cover_line=cover.cover_line,
        permit_number=cover.values.get("permit_number", ""),
        recipients=cover.values.get("recipients", ""),
        printer=cover.values.get("printer", ""),
        printed_on=date(cover.values.get("printed_on", "")),
        print_run=_run(cover.values.get("print_run", "")),
    )
    doubts = list(cover.doubts)
    wanted: tuple[tuple[str, object], ...] = (
        ("刊名", result.periodical),
        ("总期号", result.serial),
        ("编印单位", result.publisher),
        ("刊期（季刊、月刊等）", result.frequency),
    )
    missing = [label for label, value in wanted if not value]
    if missing:
        doubts.append(
            Doubt(DoubtKind.MASTHEAD, f"封面未见{'、'.join(missing)}，请手工填写。", None)
        )
    return result, tuple(doubts), tuple(cover.omitted)
