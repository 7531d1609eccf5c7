"""What the lines of a list mean for firms."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from members.bulk import FIELDS, firm_key
from members.bulk.cells import tidy
from members.listing import days
from members.listing.plan import DEFAULT_SEATS, FirmPlan, Outcome, PersonPlan
from members.listing.portal import Firm, Portal

# Fields of a line that are written into fields of `Organization` as they are.
_PLAIN = ("credit_code", "region", "size", "industry")


def plan(outcomes: Sequence[Outcome], portal: Portal, *, today: dt.date) -> list[FirmPlan]:
    """One plan a firm, in the order of their first lines; none where it is not sure which."""
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        key = firm_key(outcome.line.text("organization"))
        if key and not outcome.line.is_personal:
            groups[key].append(outcome)
    plans: list[FirmPlan] = []
    taken: dict[int, FirmPlan] = {}
    for key, lines in groups.items():
        firm, is_sure = _find(key, lines, portal)
        if not is_sure:
            continue
        found = FirmPlan(firm, lines)
        if firm is not None and firm.pk in taken:
            _one_firm_twice(found, taken[firm.pk], firm)
            continue
        plans.append(found)
        if firm is not None:
            taken[firm.pk] = found
        _fields(found)
        _days(found, portal, today)
    return plans


def _value(lines: Sequence[Outcome], name: str) -> tuple[str, Outcome]:
    """What the group says of a field, and the line that says it; the first line if none does."""
    for outcome in lines:
        if outcome.line.text(name):
            return outcome.line.text(name), outcome
    return "", lines[0]


def _find(key: str, lines: list[Outcome], portal: Portal) -> tuple[Firm | None, bool]:
    """The firm that a group names, None for a new one; and whether that is sure."""
    code, line = _value(lines, "credit_code")
    same_name = portal.firms_by_key.get(key, [])
    by_code = portal.firms_by_code.get(code) if code else None
    if by_code is not None:
        others = [one for one in same_name if one.pk != by_code.pk]
        if others and by_code not in same_name:
            line.wrong(
                "credit_code",
                f"门户里这个代码是「{by_code.name}」的，「{others[0].name}」是另一家单位。"
                "请对照营业执照核对代码和名称。",
            )
            return None, False
        return by_code, True
    if code:
        # Whoever has a code of its own is somebody else, or one of the two is wrong.
        same_name = [one for one in same_name if not one.credit_code] or same_name
    if len(same_name) > 1:
        line.wrong(
            "credit_code",
            f"门户里有 {len(same_name)} 家单位叫「{same_name[0].name}」。"
            "请填统一社会信用代码，才知道是哪一家。",
        )
        return None, False
    firm = next(iter(same_name), None)
    if firm is not None and code and firm.credit_code:
        line.wrong(
            "credit_code",
            f"门户里「{firm.name}」的代码是 {firm.credit_code}。请核对：抄错了就改这一格；"
            "确实换了代码，请先在会员单位的页面上改。",
        )
        return None, False
    return firm, True


def _one_firm_twice(found: FirmPlan, first: FirmPlan, firm: Firm) -> None:
    for one, other in ((found, first), (first, found)):
        one.head.wrong(
            "organization",
            f"与第 {other.head.line.number} 行是门户里的同一家单位「{firm.name}」。"
            "请把两处的名称写成一样。",
        )


def _fields(found: FirmPlan) -> None:
    head, firm = found.head, found.firm
    head.is_new = firm is None
    for outcome in found.lines:
        outcome.firm = firm
    name = head.line.text("organization")
    if firm is None:
        head.change("新会员单位", "", name)
        found.values["name"] = name
    elif firm_key(firm.name) != firm_key(name):
        head.change(FIELDS["organization"], firm.name, name)
        found.values["name"] = name
    for field in _PLAIN:
        value, _ = _value(found.lines, field)
        before = str(getattr(firm, field)) if firm else ""
        if value and value != tidy(before):
            head.change(FIELDS[field], before, value)
            found.values[field] = value
    seats, _ = _value(found.lines, "seats")
    if seats or firm is None:
        before = str(firm.seat_limit) if firm else ""
        after = int(seats or DEFAULT_SEATS)
        if str(after) != before:
            head.change(FIELDS["seats"], before, after)
            found.values["seat_limit"] = after
    # Of a line with a person the remark is theirs.
    for outcome in found.lines:
        remark = outcome.line.text("remark")
        before = firm.remark if firm else ""
        if remark and not outcome.line.has_person and remark != tidy(before):
            outcome.change("单位备注", before, remark)
            found.values["remark"] = remark


def _days(found: FirmPlan, portal: Portal, today: dt.date) -> None:
    known = portal.periods_of_firm.get(found.firm.pk, []) if found.firm else []
    starts, ends = _value(found.lines, "starts")[1], _value(found.lines, "ends")[1]
    meant = days.meant(known, starts.line.starts, ends.line.ends, today=today)
    if meant.error:
        line = starts if meant.field == "starts" else ends
        line.wrong(meant.field, meant.error)
    elif meant.days:
        found.days = meant.days
        tell_days(found.head, meant)
    elif not known:
        found.head.notes.append("这家单位没有会籍，单位的人还不能阅读。")


def tell_days(outcome: Outcome, meant: days.Meant) -> None:
    assert meant.days is not None
    first, last = meant.days
    before = f"至 {meant.renews}" if meant.renews else ""
    outcome.change("会籍延续" if meant.renews else "会籍", before, f"{first} 至 {last}")


def seat(firms: Sequence[FirmPlan], people: Sequence[PersonPlan], portal: Portal) -> dict[int, int]:
    """Tell firms that have not room for everybody.

    Returns:
        By the number of the line that was told, how many seats there would have to be.
    """
    new: dict[int, int] = defaultdict(int)
    for person in people:
        firm = person.firm
        # Whoever was not made out may sit there already; in a new firm nobody does.
        is_made_out = not person.outcome.errors.keys() & {"name", "member_number", "phone", "email"}
        if firm is not None and person.gives_seat and (is_made_out or firm.firm is None):
            new[id(firm)] += 1
    short: dict[int, int] = {}
    for found in firms:
        held = len(portal.seats_in.get(found.firm.pk, [])) if found.firm else 0
        coming = new[id(found)]
        needed, limit = held + coming, found.seat_limit
        # More than it has may sit for a firm from before: that alone stops nothing.
        if needed <= limit or not (coming or "seat_limit" in found.values):
            continue
        _, line = _value(found.lines, "seats")
        told = f"现有 {held} 人占着席位，" if held else ""
        more = f"名单新增 {coming} 人，共 {needed} 人，" if coming else ""
        line.wrong(
            "seats",
            f"{told}{more}席位只有 {limit} 个。请把席位数改成 {needed} 或更多，"
            f"或者{'搁置其中几行' if coming else '先结束几个席位'}。",
        )
        short[line.line.number] = needed
    return short
