"""Whatever has named somebody, now and before: what an erasure looks for elsewhere (PIPL art. 47).

Former values stand in the trail alone, and only until the erasure seals them there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Q

from members.models import AuditPersonal, User

FIELDS: Final = ("name", "phone", "email")


@dataclass
class KnownAs:
    """One person, by all their records.

    Attributes:
        numbers: member numbers.
        names, phones, emails: each value, and until when it was theirs; None for still.
        firms: names of the firms for which they have ever sat.
        is_personal: whether they were ever a member without a firm.
    """

    numbers: set[str] = field(default_factory=set)
    names: dict[str, dt.datetime | None] = field(default_factory=dict)
    phones: dict[str, dt.datetime | None] = field(default_factory=dict)
    emails: dict[str, dt.datetime | None] = field(default_factory=dict)
    firms: set[str] = field(default_factory=set)
    is_personal: bool = False

    def declined(self, since: str) -> Q:
        """Declined applications or proposals that came by phone or e-mail of theirs.

        Of a former one only while it was theirs: a number is given to somebody else later.

        Args:
            since: the field that says when one was made.
        """
        same = Q(pk__in=[])
        for name, values in (("phone", self.phones), ("email__iexact", self.emails)):
            for value, until in values.items():
                while_theirs = Q() if until is None else Q(**{f"{since}__lte": until})
                same |= Q(**{name: value}) & while_theirs
        return Q(state="declined") & same

    def mentioned(self, *fields: str) -> Q:
        """Rows whose text has a name, number, phone or address of theirs."""
        words = {*self.numbers, *self.names, *self.emails}
        for digits in map(dialled, self.phones):
            groups = digits[:3], digits[3:7], digits[7:]
            words |= {digits, " ".join(groups), "-".join(groups)}
        found = Q(pk__in=[])
        for name in fields:
            for word in words:
                found |= Q(**{f"{name}__icontains": word})
        return found


def dialled(phone: str) -> str:
    """E.164 as a remark or a list has it: digits alone, those of China without 86."""
    return phone.removeprefix("+86").removeprefix("+")


def known_as(rows: Iterable[User]) -> KnownAs:
    """All that these records of one person say, and what the trail says that they said."""
    found = KnownAs()
    values = {"name": found.names, "phone": found.phones, "email": found.emails}
    people = list(rows)
    for person in people:
        found.numbers.add(person.member_number)
        found.firms |= set(person.seats.values_list("organization__name", flat=True))
        found.is_personal |= person.memberships.exists()
        for name, known in values.items():
            if value := getattr(person, name):
                known[value] = None
    for person in people:
        # Of themselves alone: what staff did to others may lie under their own code.
        told = AuditPersonal.objects.filter(
            person=person.audit_ref,
            entry__subject_type=User._meta.label_lower,
            entry__subject=str(person.audit_ref),
        )
        for at, said in told.order_by("entry__at").values_list("entry__at", "values"):
            for name, before in _former(said):
                if values[name].get(before, at) is not None:
                    values[name][before] = at
    return found


def _former(said: dict[str, Any]) -> list[tuple[str, str]]:
    """The values before, of pairs of before and after, by field."""
    found = []
    for name, value in said.items():
        match value:
            case dict():
                found += _former(value)
            case [str(before), _] if name in FIELDS and before:
                found.append((name, before))
    return found
