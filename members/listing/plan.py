"""What each line of a list would do, decided without writing anything.

A firm is found by its credit code, else by its name; a person by member number, else phone, else
e-mail, else by name among those who sit for the firm now. What a list does not say stays as it
is, and nobody is taken out because a list does not name them.
"""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from members.bulk import Line
from members.listing.portal import Firm, Held, Person, Portal

DEFAULT_SEATS = 3  # Organization.seat_limit's own


class Kind(enum.StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


class Change(NamedTuple):
    """One field as it is and as it would be; `what` is a heading of `bulk.FIELDS` or an act."""

    what: str
    before: str
    after: str


@dataclass
class Outcome:
    """What one line does.

    Args:
        line: as it was understood; `errors` has its errors too.
        is_new: it brings a firm or a person whom the portal does not know.
        firm, person: whom it was found to name.
    """

    line: Line
    errors: dict[str, str]
    is_new: bool = False
    changes: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    firm: Firm | None = None
    person: Person | None = None

    @property
    def kind(self) -> Kind:
        if self.is_new:
            return Kind.NEW
        return Kind.CHANGED if self.changes else Kind.SAME

    def change(self, what: str, before: object, after: object) -> None:
        self.changes.append(Change(what, str(before), str(after)))

    def wrong(self, name: str, sentence: str) -> None:
        """What was wrong first is said first; one sentence a field."""
        self.errors.setdefault(name, sentence)


@dataclass
class FirmPlan:
    """A firm that the list names.

    Args:
        firm: as the portal knows it; None for a new one.
        lines: all of its lines, the first of which bears its changes.
        values: fields of `Organization` that are written.
        days: of a membership to be added, both included; `renews` is the last day before it.
        former_contact: whose duty of contact somebody of the list takes over.
    """

    firm: Firm | None
    lines: list[Outcome]
    values: dict[str, Any] = field(default_factory=dict)
    days: tuple[dt.date, dt.date] | None = None
    former_contact: Held | None = None

    @property
    def head(self) -> Outcome:
        return self.lines[0]

    @property
    def seat_limit(self) -> int:
        known = self.firm.seat_limit if self.firm else DEFAULT_SEATS
        return int(self.values.get("seat_limit", known))


@dataclass
class PersonPlan:
    """A person whom the list names.

    Args:
        person: as the portal knows them; None for a new one.
        values: fields of `User` that are written.
        firm: for whom they sit after it; None for a personal member.
        seat: the seat that they have there already.
        is_contact: whether they become its contact (True), are it no more (False), or neither.
        days: of a personal membership to be added, both included.
    """

    outcome: Outcome
    person: Person | None
    firm: FirmPlan | None
    values: dict[str, Any] = field(default_factory=dict)
    seat: Held | None = None
    gives_seat: bool = False
    is_contact: bool | None = None
    days: tuple[dt.date, dt.date] | None = None


@dataclass
class Plan:
    outcomes: list[Outcome]
    firms: list[FirmPlan]
    people: list[PersonPlan]
    absent_firms: list[Firm]
    absent_people: list[Person]
    # By line number: so many seats the firm would need to have room for all of its lines.
    short_of_seats: dict[int, int]

    @property
    def wrong(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.errors]

    @property
    def digest(self) -> str:
        """The same as long as the same is found and the same would be done: 64 characters."""
        parts = [
            (
                outcome.line.number,
                outcome.kind.value,
                outcome.firm.pk if outcome.firm else 0,
                outcome.person.pk if outcome.person else 0,
                [tuple(change) for change in outcome.changes],
            )
            for outcome in self.outcomes
        ]
        return hashlib.sha256(repr(parts).encode("utf-8", "backslashreplace")).hexdigest()

    def counts(self) -> dict[str, int]:
        """In numbers what goes in."""
        kinds = Counter(outcome.kind for outcome in self.outcomes if not outcome.errors)
        return {
            "lines": len(self.outcomes),
            "wrong": len(self.wrong),
            "new": kinds[Kind.NEW],
            "changed": kinds[Kind.CHANGED],
            "same": kinds[Kind.SAME],
            "new_firms": sum(one.firm is None for one in self.firms),
            "new_people": sum(one.person is None for one in self.people),
            "memberships": sum(one.days is not None for one in self.firms)
            + sum(one.days is not None for one in self.people),
            "absent": len(self.absent_firms) + len(self.absent_people),
        }


def make(
    lines: Sequence[Line],
    portal: Portal,
    *,
    today: dt.date,
    may_change_holders: bool = False,
    aside: Sequence[Line] = (),
) -> Plan:
    """The plan of a list.

    Args:
        lines: those that are to go in, understood.
        portal: what there is now.
        today: in Asia/Shanghai.
        may_change_holders: whether who imports may change holders of a role.
        aside: lines that were set aside: named, though nothing is done for them.
    """
    from members.listing import plan_firms, plan_people

    outcomes = [Outcome(line, dict(line.errors)) for line in lines]
    firms = plan_firms.plan(outcomes, portal, today=today)
    people = plan_people.plan(
        outcomes, firms, portal, today=today, may_change_holders=may_change_holders
    )
    short_of_seats = plan_firms.seat(firms, people, portal)
    unsure = [outcome.line for outcome in outcomes if outcome.errors]
    named_firms, named_people = plan_people.named([*aside, *unsure], portal)
    named_firms |= {one.firm.pk for one in firms if one.firm}
    named_people |= {one.person.pk for one in people if one.person}
    return Plan(
        outcomes,
        firms,
        people,
        _absent_firms(portal, named_firms, [*lines, *aside]),
        _absent_people(portal, named_people, [*lines, *aside], today),
        short_of_seats,
    )


def _absent_firms(portal: Portal, named: set[int], lines: Sequence[Line]) -> list[Firm]:
    if all(line.is_personal for line in lines):
        return []
    return sorted(
        (firm for firm in portal.firms.values() if firm.pk not in named), key=lambda one: one.name
    )


def _absent_people(
    portal: Portal, named: set[int], lines: Sequence[Line], today: dt.date
) -> list[Person]:
    """Who sits for a firm, or is a personal member now, and stands on no line."""
    if not any(line.has_person for line in lines):
        return []
    having = set(portal.seat_of) | {
        pk
        for pk, periods in portal.periods_of_person.items()
        if any(one.first_day <= today <= one.last_day for one in periods)
    }
    return sorted(
        (portal.people[pk] for pk in having - named if portal.people[pk].is_active),
        key=lambda one: one.member_number,
    )
