"""What lines say against one another."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from members.bulk.columns import FIELDS, OF_A_FIRM

if TYPE_CHECKING:
    from members.bulk.rows import Line

Errors = dict[int, dict[str, str]]

_NAMED = 3  # of many lines, so many are named


def firm_key(name: str) -> str:
    """What two spellings of one firm's name have in common: width, case and blanks aside."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def errors_of(lines: Sequence[Line]) -> Errors:
    """By line number and field, a sentence that names the other line.

    Rows that repeat one another; one phone, e-mail or number for two people; one firm with two
    codes, or two of anything else that it has one of; one code for two firms; two contacts.
    """
    errors: Errors = defaultdict(dict)
    _repeated(lines, errors)
    for name in ("phone", "email", "member_number"):
        _shared(lines, name, errors)
    _contradicting(lines, errors)
    _codes(lines, errors)
    _contacts(lines, errors)
    return dict(errors)


def _grouped(lines: Iterable[Line], key: Callable[[Line], object]) -> list[list[Line]]:
    groups: dict[object, list[Line]] = defaultdict(list)
    for line in lines:
        value = key(line)
        if value:
            groups[value].append(line)
    return [group for group in groups.values() if len(group) > 1]


def _others(line: Line, group: Sequence[Line]) -> str:
    """第 3 行; 第 3、4、5 行等 12 行."""
    numbers: list[str] = []
    for other in group:
        if other.number != line.number and len(numbers) < _NAMED:
            numbers.append(str(other.number))
    more = f"等 {len(group) - 1} 行" if len(group) - 1 > _NAMED else ""
    return f"第 {'、'.join(numbers)} 行{more}"


def _firm(line: Line) -> str:
    return "" if line.is_personal else firm_key(line.text("organization"))


def _person(line: Line) -> tuple[str, ...]:
    """Who a line is about, as far as it says."""
    return tuple(line.text(name) for name in ("name", "phone", "email", "member_number"))


def _repeated(lines: Sequence[Line], errors: Errors) -> None:
    def key(line: Line) -> object:
        if not line.has_person:
            return ("firm", _firm(line)) if _firm(line) else None
        return (_firm(line), _person(line)) if line.text("name") else None

    for group in _grouped(lines, key):
        for line in group:
            name = "name" if line.has_person else "organization"
            errors[line.number][name] = f"与{_others(line, group)}重复。请只留一行。"


def _shared(lines: Sequence[Line], name: str, errors: Errors) -> None:
    what = {"phone": "电话", "email": "邮箱", "member_number": "会员号"}[name]
    for group in _grouped(lines, lambda line: line.text(name)):
        if len({(_firm(line), _person(line)) for line in group}) == 1:
            continue  # said already: the rows repeat one another
        if len({line.text("name") for line in group}) > 1:
            reason = f"的人也用这个{what}。一个{what}只能给一个人"
        elif len({_firm(line) for line in group}) > 1:
            reason = f"的同一个人写在另一家单位。一个人只能有一个席位，请只留一处（{what}相同）"
        else:
            reason = f"是同一个人（{what}相同），其他内容却不一样。请只留一行"
        for line in group:
            errors[line.number].setdefault(name, f"{_others(line, group)}{reason}。")


def _contradicting(lines: Sequence[Line], errors: Errors) -> None:
    names = [name for name in OF_A_FIRM if name != "organization"]
    for group in _grouped(lines, _firm):
        for name in names:
            _disagreeing(group, name, f"同一单位的{FIELDS[name]}", errors)


def _codes(lines: Sequence[Line], errors: Errors) -> None:
    for group in _grouped(lines, lambda line: line.text("credit_code")):
        if len({_firm(line) for line in group}) > 1:
            for line in group:
                others = [other for other in group if _firm(other) != _firm(line)]
                errors[line.number].setdefault(
                    "credit_code",
                    f"{_others(line, [line, *others])}用同一个代码，单位却是"
                    f"「{others[0].text('organization')}」。请对照营业执照核对。",
                )


def _disagreeing(group: Sequence[Line], name: str, what: str, errors: Errors) -> None:
    said: dict[str, Line] = {}
    for line in group:
        if line.text(name):
            said.setdefault(line.text(name), line)
    if len(said) < 2:
        return
    first, second, *_ = said.values()
    for line in group:
        if line.text(name):
            other = second if line.text(name) == first.text(name) else first
            errors[line.number].setdefault(
                name,
                f"{what}，第 {other.number} 行写的是「{other.text(name)}」。请核对，改成一致。",
            )


def _contacts(lines: Sequence[Line], errors: Errors) -> None:
    contacts = [line for line in lines if line.is_contact]
    for group in _grouped(contacts, _firm):
        if len({_person(line) for line in group}) > 1:
            for line in group:
                errors[line.number].setdefault(
                    "is_contact",
                    f"同一单位在{_others(line, group)}也写了联系人。一家单位只有一位联系人，"
                    "请只留一个「是」。",
                )
