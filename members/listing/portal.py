"""What the portal knows, as far as a list can touch it: read at once, in a few plain queries.

A list is compared with everybody, because who is not on it is told too. An association has some
thousand firms and people: the rows as tuples are a few megabytes.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from django.db.models import Q

from members.bulk import firm_key
from members.models import Membership, Organization, Seat, User

_Key = TypeVar("_Key")
_Row = TypeVar("_Row")


class Firm(NamedTuple):
    pk: int
    name: str
    credit_code: str
    region: str
    size: str
    industry: str
    seat_limit: int
    remark: str


class Person(NamedTuple):
    pk: int
    audit_ref: uuid.UUID
    member_number: str
    name: str
    phone: str
    email: str
    remark: str
    is_active: bool
    suspended_at: dt.datetime | None
    erased_at: dt.datetime | None
    merged_into: int | None
    is_superuser: bool

    def __str__(self) -> str:
        return f"{self.name}（{self.member_number}）"


class Held(NamedTuple):
    """A current seat."""

    pk: int
    organization: int
    person: int
    is_contact: bool


class Period(NamedTuple):
    """A membership."""

    organization: int | None
    person: int | None
    first_day: dt.date
    last_day: dt.date


@dataclass(frozen=True)
class Portal:
    """Everything by what a line may name it."""

    firms: dict[int, Firm]
    firms_by_code: dict[str, Firm]
    firms_by_key: dict[str, list[Firm]]
    people: dict[int, Person]
    by_number: dict[str, Person]
    by_phone: dict[str, Person]
    by_email: dict[str, Person]
    seat_of: dict[int, Held]
    seats_in: dict[int, list[Held]]
    periods_of_firm: dict[int, list[Period]]
    periods_of_person: dict[int, list[Period]]
    role_holders: frozenset[int]

    def contact_of(self, firm: int) -> Held | None:
        return next((seat for seat in self.seats_in.get(firm, []) if seat.is_contact), None)

    def whoever(self, found: Person | None) -> Person | None:
        """The record that a merged one went into."""
        while found is not None and found.merged_into is not None:
            found = self.people.get(found.merged_into)
        return found


def load() -> Portal:
    """Five queries, whatever the list and the portal hold."""
    fields = ("pk", "name", "credit_code", "region", "size", "industry", "seat_limit", "remark")
    firms = [Firm(*row) for row in Organization.objects.order_by("pk").values_list(*fields)]
    people = [
        Person(*row)
        for row in User.objects.order_by("pk").values_list(
            *("pk", "audit_ref", "member_number", "name", "phone", "email", "remark"),
            *("is_active", "suspended_at", "erased_at", "merged_into", "is_superuser"),
        )
    ]
    seats = [
        Held(*row)
        for row in Seat.objects.current()
        .order_by("pk")
        .values_list("pk", "organization", "person", "is_contact")
    ]
    periods = [
        Period(*row)
        for row in Membership.objects.order_by("first_day").values_list(
            "organization", "person", "first_day", "last_day"
        )
    ]
    roles = User.objects.filter(Q(groups__isnull=False) | Q(is_superuser=True)).order_by()
    return Portal(
        firms={firm.pk: firm for firm in firms},
        firms_by_code={firm.credit_code: firm for firm in firms if firm.credit_code},
        firms_by_key=_grouped([(firm_key(firm.name), firm) for firm in firms]),
        people={person.pk: person for person in people},
        by_number={person.member_number.lower(): person for person in people},
        by_phone={person.phone: person for person in people if person.phone},
        by_email={person.email.lower(): person for person in people if person.email},
        seat_of={seat.person: seat for seat in seats},
        seats_in=_grouped([(seat.organization, seat) for seat in seats]),
        periods_of_firm=_grouped(
            [(one.organization, one) for one in periods if one.organization is not None]
        ),
        periods_of_person=_grouped(
            [(one.person, one) for one in periods if one.person is not None]
        ),
        role_holders=frozenset(roles.values_list("pk", flat=True)),
    )


def _grouped(pairs: Sequence[tuple[_Key, _Row]]) -> dict[_Key, list[_Row]]:
    found: dict[_Key, list[_Row]] = defaultdict(list)
    for key, row in pairs:
        found[key].append(row)
    return dict(found)
