"""The question which of two records stays, and what will come of the answer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils import timezone

from members import merging
from members.merging import Shares
from members.models import Membership, Seat, User


@dataclass(frozen=True)
class Cell:
    """What one record says in a row, and the button that chooses it where they differ."""

    number: str
    words: str
    radio: Any


class MergeForm(forms.Form):
    """Which record stays, and for all that differs whose value; the answers are their keys."""

    def __init__(self, data: Any, *, one: User, other: User) -> None:
        super().__init__(data)
        self.people = {str(person.pk): person for person in (one, other)}
        self.shares = {key: merging.shares(person) for key, person in self.people.items()}
        able = {key: person for key, person in self.people.items() if person.is_active}
        better = max(able or self.people, key=self._use)
        self._ask("stays", "留下哪一条", [(key, str(one)) for key, one in self.people.items()])
        self.fields["stays"].initial = better
        for field, label in merging.FIELDS.items():
            values = {key: getattr(person, field) for key, person in self.people.items()}
            if len(set(values.values())) > 1:
                self._ask(field, label, [(key, value or "不填") for key, value in values.items()])
                self.fields[field].initial = max(
                    values, key=lambda key: (bool(values[key]), key == better)
                )
        seats = {key: share.seat for key, share in self.shares.items() if share.seat}
        if len({seat.organization_id for seat in seats.values()}) > 1:
            firms = [(key, seat.organization.name) for key, seat in seats.items()]
            self._ask("seat", "保留哪个席位", firms)

    def _ask(self, name: str, label: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name] = forms.ChoiceField(
            label=label,
            choices=choices,
            widget=forms.RadioSelect,
            error_messages={"required": f"请选择{label}。", "invalid_choice": f"请选择{label}。"},
        )

    def _use(self, key: str) -> tuple[bool, str, int]:
        """How much a record has been used; the older one when neither was."""
        person = self.people[key]
        return person.last_login is not None, str(person.last_seen_at or ""), -person.pk

    @property
    def rows(self) -> list[tuple[str, list[Cell]]]:
        """The two records side by side: what each row is about, and a cell a record."""
        both = list(self.people)
        rows = [("留下哪一条", [self._cell("stays", key, "留下这一条") for key in both])]
        for name, label in merging.FIELDS.items():
            words = [getattr(self.people[key], name) or "不填" for key in both]
            rows.append((label, [self._cell(name, *one) for one in zip(both, words, strict=True)]))
        rows.append(("席位", [self._cell("seat", key, _seats(self.shares[key])) for key in both]))
        facts = [_facts(self.people[key], self.shares[key]) for key in both]
        for label in facts[0]:
            words = [one[label] for one in facts]
            if any(words):
                cells = [
                    self._cell("", key, word or "—") for key, word in zip(both, words, strict=True)
                ]
                rows.append((label, cells))
        return rows

    def _cell(self, name: str, key: str, words: str) -> Cell:
        radios = self[name].subwidgets if name in self.fields else []
        radio = next((one for one in radios if one.data["value"] == key), None)
        return Cell(self.people[key].member_number, words, radio)

    @property
    def staying(self) -> User:
        return self.people[self.cleaned_data["stays"]]

    @property
    def leaving(self) -> User:
        return next(one for one in self.people.values() if one != self.staying)

    @property
    def take(self) -> list[str]:
        """The fields whose value comes from the record that leaves."""
        leaving = str(self.leaving.pk)
        return [name for name in merging.FIELDS if self.cleaned_data.get(name) == leaving]

    @property
    def seat(self) -> Seat | None:
        """The seat that stays, where there are two in different firms."""
        chosen = self.cleaned_data.get("seat")
        return self.shares[chosen].seat if chosen else None

    @property
    def result(self) -> list[tuple[str, str]]:
        """What the record that stays will say."""
        return [
            (label, getattr(self.leaving if name in self.take else self.staying, name))
            for name, label in merging.FIELDS.items()
        ]

    @property
    def consequences(self) -> list[str]:
        """What will happen besides, in sentences."""
        staying, leaving = (self.shares[str(one.pk)] for one in (self.staying, self.leaving))
        told = [
            f"{self.leaving}停用，它的会员号不再能登录，它的电话和邮箱空出来。没有选用的内容不再保留。",
            *_of_seats(staying, leaving, self.seat),
            *_of_memberships(staying, leaving),
        ]
        if leaving.former_seats:
            told.append(f"过去的席位 {leaving.former_seats} 个，归到留下的记录。")
        if leaving.things:
            told.append(f"{_things(leaving)}，归到留下的记录；两条都有的，以留下的为准。")
        if leaving.roles:
            told.append(f"角色{'、'.join(leaving.roles)}随之收回，不转给留下的记录。")
        if self.leaving.suspended_at is not None and self.staying.suspended_at is None:
            told.append("暂停状态转到留下的记录。")
        if staying.open_invitations or leaving.open_invitations:
            told.append("发出而没有用过的邀请和登录条作废。")
        told.append("两条记录在各处的登录都退出，请本人重新登录。")
        return told


def _of_seats(staying: Shares, leaving: Shares, chosen: Seat | None) -> list[str]:
    if leaving.seat is None:
        return []
    if staying.seat is None:
        return [f"「{leaving.seat.organization}」的席位归到留下的记录。"]
    if staying.seat.organization_id == leaving.seat.organization_id:
        return [f"两条在「{leaving.seat.organization}」都有席位：留一个，另一个今天结束，空出来。"]
    kept, ended = staying.seat, leaving.seat
    if chosen == leaving.seat:
        kept, ended = ended, kept
    told = [f"保留「{kept.organization}」的席位，「{ended.organization}」的席位今天结束。"]
    if ended.is_contact:
        told.append(f"「{ended.organization}」从此没有联系人，请另行指定。")
    return told


def _of_memberships(staying: Shares, leaving: Shares) -> list[str]:
    covered = [(one.first_day, one.last_day) for one in staying.memberships]
    told = []
    for membership in leaving.memberships:
        days = (membership.first_day, membership.last_day)
        parts = merging.uncovered(days, covered)
        whole = _range(days)
        if parts == [days]:
            told.append(f"个人会籍 {whole} 归到留下的记录。")
        elif parts:
            rest = "、".join(_range(part) for part in parts)
            told.append(f"个人会籍 {whole} 有些日子留下的记录已有，只归入 {rest}。")
        else:
            told.append(f"个人会籍 {whole} 的日子留下的记录都已有，不另计。")
    return told


def _facts(person: User, share: Shares) -> dict[str, str]:
    return {
        "个人会籍": _days(share.memberships),
        "状态": _state(person),
        "角色": "、".join(share.roles),
        "最近访问": _day(person.last_seen_at),
        "登记": _day(person.joined_at),
        "其他": _things(share),
    }


def _range(days: tuple[dt.date, dt.date]) -> str:
    return f"{days[0]:%Y-%m-%d} 至 {days[1]:%Y-%m-%d}"


def _days(memberships: list[Membership]) -> str:
    return "\n".join(_range((one.first_day, one.last_day)) for one in memberships)


def _seats(share: Shares) -> str:
    if share.seat is None:
        return "没有席位"
    return f"{share.seat.organization}{'（联系人）' if share.seat.is_contact else ''}"


def _state(person: User) -> str:
    if not person.is_active:
        return "停用"
    return "启用" if person.suspended_at is None else "暂停"


def _day(at: dt.datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d}" if at else ""


def _things(share: Shares) -> str:
    return "、".join(f"{name} {count} 条" for name, count in share.things)
