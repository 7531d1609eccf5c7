"""What the lines of a list mean for people."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from members.bulk import FIELDS, Line, firm_key
from members.bulk.cells import NO, tidy
from members.listing import days
from members.listing.plan import FirmPlan, Outcome, PersonPlan
from members.listing.plan_firms import tell_days
from members.listing.portal import Held, Person, Portal

_ONE_SEAT = "一个人只能有一个席位：请先在那里结束或移交，再导入；或者搁置这一行。"


def plan(
    outcomes: Sequence[Outcome],
    firms: Sequence[FirmPlan],
    portal: Portal,
    *,
    today: dt.date,
    may_change_holders: bool,
) -> list[PersonPlan]:
    """One plan a person, in the order of their lines."""
    firm_of = {line.line.number: found for found in firms for line in found.lines}
    lines = [outcome for outcome in outcomes if outcome.line.has_person]
    found = {outcome.line.number: _by_number_or_address(outcome, portal) for outcome in lines}
    taken = {person.pk for person in found.values() if person is not None}
    for outcome in lines:
        if found[outcome.line.number] is None and not outcome.errors.keys() & _WAYS:
            firm = firm_of.get(outcome.line.number)
            found[outcome.line.number] = _by_name(outcome, firm, portal, taken)
    _refuse_one_person_twice(lines, found)
    plans = []
    for outcome in lines:
        one = PersonPlan(outcome, found[outcome.line.number], firm_of.get(outcome.line.number))
        plans.append(one)
        _fields(one)
        if one.firm is not None:
            _seat(one, portal)
        else:
            _days(one, portal, today)
        _refuse_state(one, portal, may_change_holders)
    _note_namesakes(lines)
    return plans


_WAYS = frozenset({"member_number", "phone", "email"})


def _by_number_or_address(outcome: Outcome, portal: Portal) -> Person | None:
    """The one person whom number, phone and e-mail name; None if they name nobody."""
    line = outcome.line
    number = line.text("member_number")
    by_number = portal.whoever(portal.by_number.get(number.lower())) if number else None
    by_phone = portal.by_phone.get(line.text("phone"))
    by_email = portal.by_email.get(line.text("email"))
    for name, other in (("phone", by_phone), ("email", by_email)):
        if other is None or not number or other is by_number:
            continue
        if by_number is None:
            outcome.wrong(
                "member_number",
                f"门户里没有会员号 {number}；这个{FIELDS[name]}是{other}的。请核对会员号。",
            )
        else:
            outcome.wrong(
                name, f"门户里这个{FIELDS[name]}是{other}的，不是{by_number}的。请核对或清空。"
            )
    if number:
        return by_number
    if by_phone is not None and by_email is not None and by_phone is not by_email:
        outcome.wrong("email", f"手机是{by_phone}的，邮箱却是{by_email}的。请核对，只留一个人的。")
        return None
    person = by_phone or by_email
    if person is not None and firm_key(person.name) != firm_key(line.text("name")):
        name = "phone" if by_phone else "email"
        outcome.wrong(
            name,
            f"门户里这个{FIELDS[name]}是{person}的，姓名不一样。是同一个人，请补填会员号 "
            f"{person.member_number}；不是同一个人，请换一个{FIELDS[name]}或清空。",
        )
        return None
    return person


def _by_name(
    outcome: Outcome, firm: FirmPlan | None, portal: Portal, taken: set[int]
) -> Person | None:
    """Of those who sit for the firm now, or of personal members, the one of that name."""
    line = outcome.line
    if line.text("member_number") or not line.text("name"):
        return None
    if firm is not None:
        known = portal.seats_in.get(firm.firm.pk, []) if firm.firm else []
        pks = [seat.person for seat in known]
    elif line.is_personal:
        pks = [pk for pk in portal.periods_of_person if pk not in portal.seat_of]
    else:
        return None
    name = firm_key(line.text("name"))
    same = [
        portal.people[pk]
        for pk in pks
        if pk not in taken and firm_key(portal.people[pk].name) == name
    ]
    if len(same) > 1:
        numbers = "、".join(person.member_number for person in same[:3])
        where = "这家单位" if firm else "个人会员里"
        outcome.wrong(
            "name",
            f"门户里{where}有 {len(same)} 位「{line.text('name')}」（{numbers}）。"
            "请补填会员号，才知道是哪一位。",
        )
        return None
    if same:
        taken.add(same[0].pk)
    return next(iter(same), None)


def _refuse_one_person_twice(lines: Sequence[Outcome], found: dict[int, Person | None]) -> None:
    groups: dict[object, list[Outcome]] = defaultdict(list)
    for outcome in lines:
        person = found[outcome.line.number]
        number = outcome.line.text("member_number").lower()
        if person is not None or number:
            groups[person.pk if person is not None else number].append(outcome)
    for first, second, *more in (group for group in groups.values() if len(group) > 1):
        for outcome, other in ((first, second), *((one, first) for one in (second, *more))):
            outcome.wrong("name", f"与第 {other.line.number} 行是门户里的同一个人。请只留一行。")


def _note_namesakes(lines: Sequence[Outcome]) -> None:
    """Two of one name in a firm may be one person with two phones; who knows is she.

    Nothing is said of those whom the portal knows as two people already.
    """
    groups: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for outcome in lines:
        line = outcome.line
        if line.text("name") and line.text("phone") and not line.is_personal:
            groups[firm_key(line.text("organization")), firm_key(line.text("name"))].append(outcome)
    for group in groups.values():
        phones = {outcome.line.text("phone") for outcome in group}
        if len(phones) < 2 or all(outcome.person is not None for outcome in group):
            continue
        many = "两" if len(phones) == 2 else f" {len(phones)} "
        for outcome in group:
            phone = outcome.line.text("phone")
            other = next(one.line for one in group if one.line.text("phone") != phone)
            outcome.notes.append(
                f"同一单位有{many}位「{outcome.line.text('name')}」，电话不同"
                f"（另见第 {other.number} 行）；是同一个人请只留一行。"
            )


def _fields(one: PersonPlan) -> None:
    outcome, person = one.outcome, one.person
    line = outcome.line
    outcome.person = person
    if person is None:
        outcome.is_new = True
        outcome.change("新人员", "", line.text("name"))
        one.values["name"] = line.text("name")
        if line.text("member_number"):
            one.values["member_number"] = line.text("member_number")
    elif firm_key(person.name) != firm_key(line.text("name")) and line.text("name"):
        outcome.change(FIELDS["name"], person.name, line.text("name"))
        one.values["name"] = line.text("name")
    for name in ("phone", "email", "remark"):
        value = line.text(name)
        before = str(getattr(person, name)) if person else ""
        if value and value != (before.lower() if name == "email" else tidy(before)):
            outcome.change(FIELDS[name], before, value)
            one.values[name] = value


def _seat(one: PersonPlan, portal: Portal) -> None:
    """A seat in the firm, and whether its holder is the contact."""
    outcome, person, firm = one.outcome, one.person, one.firm
    assert firm is not None
    held = portal.seat_of.get(person.pk) if person else None
    if held is not None and (firm.firm is None or held.organization != firm.firm.pk):
        outcome.wrong(
            "organization",
            f"{person}现在是「{portal.firms[held.organization].name}」的人。{_ONE_SEAT}",
        )
        return
    one.seat = held
    if held is None:
        one.gives_seat = True
        outcome.change("席位", "", "安排席位")
    former = portal.contact_of(firm.firm.pk) if firm.firm else None
    if outcome.line.is_contact and not (held and held.is_contact):
        one.is_contact = True
        firm.former_contact = former
        outcome.change("联系人", _name(former, portal), outcome.line.text("name"))
    elif outcome.line.text("is_contact") == NO and held is not None and held.is_contact:
        one.is_contact = False
        outcome.change("联系人", outcome.line.text("name"), "不再是联系人")


def _name(seat: Held | None, portal: Portal) -> str:
    return portal.people[seat.person].name if seat else ""


def _days(one: PersonPlan, portal: Portal, today: dt.date) -> None:
    """A personal member's own membership."""
    outcome = one.outcome
    if not outcome.line.is_personal or outcome.line.errors.get("organization"):
        return
    if outcome.line.is_contact:
        outcome.wrong("is_contact", "个人会员没有单位，不能是联系人。请改成「否」或清空。")
    known = portal.periods_of_person.get(one.person.pk, []) if one.person else []
    meant = days.meant(known, outcome.line.starts, outcome.line.ends, today=today)
    if meant.error:
        outcome.wrong(meant.field, meant.error)
    elif meant.days:
        one.days = meant.days
        tell_days(outcome, meant)
    elif not known:
        outcome.notes.append("名单没有写会籍的起止，他还不能阅读。")


def _refuse_state(one: PersonPlan, portal: Portal, may_change_holders: bool) -> None:
    """Whose state wants somebody to look first; a line that changes nothing stands."""
    person, changes = one.person, one.outcome.changes
    touched = bool(one.values or one.gives_seat or one.days or one.is_contact is not None)
    if person is None or not (changes and touched):
        return
    state = ""
    if person.erased_at is not None:
        state = "已注销，不能再恢复。请清空会员号，按新人导入"
    elif not person.is_active:
        state = "已停用，名单上却有他。请先在「人员」里启用"
    elif person.suspended_at is not None:
        state = "已被暂停。请先在「人员」里看一看，恢复以后再导入"
    elif one.values and person.pk in portal.role_holders and not may_change_holders:
        state = "担任角色，他的资料须由可以授予角色的人修改"
    if state:
        one.outcome.wrong("name", f"{person}{state}；或者搁置这一行。")


def named(lines: Sequence[Line], portal: Portal) -> tuple[set[int], set[int]]:
    """Whom lines name that are not planned: firms and people by their keys."""
    firms: set[int] = set()
    people: set[int] = set()
    for line in lines:
        outcome = Outcome(line, {})
        found = portal.firms_by_key.get(firm_key(line.text("organization")), [])
        if by_code := portal.firms_by_code.get(line.text("credit_code")):
            found = [by_code]
        firms |= {firm.pk for firm in found}
        person = _by_number_or_address(outcome, portal)
        if person is not None:
            people.add(person.pk)
            continue
        name = firm_key(line.text("name"))
        people |= {
            seat.person
            for firm in found
            for seat in portal.seats_in.get(firm.pk, [])
            if name and firm_key(portal.people[seat.person].name) == name
        }
    return firms, people
