"""A list goes in: whole or not at all, as it was looked at, in one short transaction.

Everything is understood and planned before the transaction begins. Inside it the portal is read
again under locks on the firms and people concerned; where it is no longer what the plan was made
of the plan is made anew, and goes in only if it is still the one that was looked at. So the rules
that `save` holds for one row (room for a seat, no overlap, one seat a person) were checked
against the very rows that are locked, and the database's own constraints stand behind them.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.http import HttpRequest
from django.utils import timezone

from members import audit
from members.initials import initials
from members.listing import keeping, portal
from members.listing.plan import FirmPlan, PersonPlan, Plan
from members.models import ListImport, Membership, Organization, Seat, User

# SQLite was long compiled for 999 parameters a statement.
CHUNK = 500


class Changed(Exception):
    """The portal, or the list, is no longer what was looked at: nothing has gone in."""


def accept(
    kept: ListImport, *, by: User, seen: str, request: HttpRequest | None = None
) -> dict[str, int]:
    """Write what the list says.

    Args:
        kept: an open list without errors.
        seen: the digest of the plan that was looked at.

    Returns:
        What went in, in numbers.

    Raises:
        ValidationError: a line has an error, or lines set aside have not been downloaded.
        Changed: what would go in is not what was looked at.
        keeping.Closed: somebody has accepted it already, or given it up.
    """
    found = keeping.understood(kept)
    known = portal.load()
    plan = keeping.planned(found, known, by=by)
    if plan.wrong:
        raise ValidationError(f"还有 {len(plan.wrong)} 行有误，一行也没有导入。")
    if kept.set_aside and not kept.aside_saved:
        raise ValidationError("请先下载搁置的行：导入以后门户不再留着它们。")
    if plan.digest != seen:
        raise Changed
    rows = _Rows(plan, known)
    try:
        with transaction.atomic():
            row = _lock_all(kept, plan)
            if row.revision != kept.revision:
                raise Changed
            now = portal.load()
            if now != known:
                plan = keeping.planned(found, now, by=by)
                if plan.wrong or plan.digest != seen:
                    raise Changed
                rows = _Rows(plan, now)
            counts = plan.counts() | {"aside": len(found.aside)}
            acts = _write(plan, rows, now)
            keeping.close(row, ListImport.State.ACCEPTED, counts)
            audit.record("list.accept", by=by, subject=row, request=request, counts=counts)
            audit.record_many(_of_list(acts, row), by=by)
    except IntegrityError as error:
        # Somebody came first with a number, an address or a code that stood free.
        raise Changed from error
    return counts


def _lock_all(kept: ListImport, plan: Plan) -> ListImport:
    """The list, and all that it touches, always in the same order.

    Two lists may name one new firm, and no constraint knows its name: so they go in one after
    the other, each locking all that are open.
    """
    open_ones = ListImport.objects.filter(state=ListImport.State.OPEN).order_by("pk")
    list(open_ones.select_for_update().values_list("pk", flat=True))
    row = keeping.lock(kept)
    firms = {one.firm.pk for one in plan.firms if one.firm}
    people = {one.person.pk for one in plan.people if one.person}
    people |= {one.former_contact.person for one in plan.firms if one.former_contact}
    for model, pks in ((Organization, firms), (User, people)):
        for some in _chunks(sorted(pks)):
            rows: Any = model._default_manager.filter(pk__in=some).order_by("pk")
            list(rows.select_for_update().values_list("pk", flat=True))
    return row


def _chunks(pks: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(pks), CHUNK):
        yield pks[start : start + CHUNK]


class _Rows:
    """What can be made ready before the transaction: new rows, initials, passwords of nobody."""

    def __init__(self, plan: Plan, known: portal.Portal) -> None:
        for values in [one.values for one in plan.firms] + [one.values for one in plan.people]:
            if "name" in values:
                values["initials"] = initials(values["name"])
        self.firms = [Organization(**one.values) for one in plan.firms if one.firm is None]
        free = _free_numbers(known)
        self.people = [
            User(
                **{"member_number": one.values.get("member_number") or next(free)} | one.values,
                password=make_password(None),
            )
            for one in plan.people
            if one.person is None
        ]


def _write(plan: Plan, rows: _Rows, known: portal.Portal) -> list[audit.Act]:
    firms, told_firms = _write_firms(plan.firms, rows)
    people, told_people = _write_people(plan.people, rows)
    return [
        *told_firms,
        *told_people,
        *_write_seats(plan, firms, people, known),
        *_write_memberships(plan, firms, people),
    ]


def _write_firms(plans: Sequence[FirmPlan], rows: _Rows) -> tuple[dict[int, int], list[audit.Act]]:
    """Keys of the firms by `id` of their plans, and what was done."""
    new = [one for one in plans if one.firm is None]
    made = Organization.objects.bulk_create(rows.firms)
    keys = {id(one): row.pk for one, row in zip(new, made, strict=True)}
    acts = [audit.Act("organization.add", Organization, str(row.pk)) for row in made]
    for one in plans:
        if one.firm is None:
            continue
        keys[id(one)] = one.firm.pk
        if one.values:
            Organization.objects.filter(pk=one.firm.pk).update(**one.values)
            fields = [name for name in one.values if name != "initials"]
            acts.append(
                audit.Act("organization.change", Organization, str(one.firm.pk), {"fields": fields})
            )
    return keys, acts


def _write_people(
    plans: Sequence[PersonPlan], rows: _Rows
) -> tuple[dict[int, tuple[int, uuid.UUID]], list[audit.Act]]:
    """Keys and audit codes of the people by `id` of their plans, and what was done."""
    new = [one for one in plans if one.person is None]
    made = User.objects.bulk_create(rows.people)
    keys = {id(one): (row.pk, row.audit_ref) for one, row in zip(new, made, strict=True)}
    acts = [
        audit.Act(
            "user.add",
            User,
            str(row.audit_ref),
            personal={
                name: ["", str(getattr(row, name))]
                for name in ("member_number", "name", "phone", "email", "remark")
                if getattr(row, name)
            },
            person=row.audit_ref,
        )
        for row in made
    ]
    for one in plans:
        if one.person is None:
            continue
        keys[id(one)] = one.person.pk, one.person.audit_ref
        if one.values:
            User.objects.filter(pk=one.person.pk).update(**one.values)
            fields = {name: value for name, value in one.values.items() if name != "initials"}
            acts.append(
                audit.Act(
                    "user.change",
                    User,
                    str(one.person.audit_ref),
                    {"fields": [*fields]},
                    {name: [str(getattr(one.person, name)), str(fields[name])] for name in fields},
                    one.person.audit_ref,
                )
            )
    moved = [one.person.pk for one in plans if one.person and "email" in one.values]
    for some in _chunks(moved):
        # allauth remembers where a reset letter went: the former address opens nothing more.
        EmailAddress.objects.filter(user__in=some).delete()
    return keys, acts


def _free_numbers(known: portal.Portal) -> Iterator[str]:
    """As `User.next_member_number`, without asking for each."""
    taken = set(known.by_number)
    while True:
        number = User.random_member_number()
        if number.lower() not in taken:
            taken.add(number.lower())
            yield number


def _write_seats(
    plan: Plan,
    firms: dict[int, int],
    people: dict[int, tuple[int, uuid.UUID]],
    known: portal.Portal,
) -> list[audit.Act]:
    """Who is the contact no more makes room first: a firm has one."""
    former = {one.former_contact for one in plan.firms if one.former_contact}
    former |= {one.seat for one in plan.people if one.seat and one.is_contact is False}
    named = {one.seat for one in plan.people if one.seat and one.is_contact}
    _flag(former, False)
    _flag(named, True)
    new = [one for one in plan.people if one.gives_seat]
    today = timezone.localdate()
    made = Seat.objects.bulk_create(
        Seat(
            organization_id=firms[id(one.firm)],
            person_id=people[id(one)][0],
            since=today,
            is_contact=bool(one.is_contact),
        )
        for one in new
    )
    acts = [
        audit.Act(
            "seat.add",
            Seat,
            str(row.pk),
            {"of": {"organization": str(row.organization_id), "person": str(people[id(one)][1])}},
        )
        for one, row in zip(new, made, strict=True)
    ]
    for seat in sorted(former | named):
        person = str(known.people[seat.person].audit_ref)
        of = {"organization": str(seat.organization), "person": person}
        acts.append(
            audit.Act("seat.change", Seat, str(seat.pk), {"of": of, "fields": ["is_contact"]})
        )
    return acts


def _flag(seats: Iterable[portal.Held], is_contact: bool) -> None:
    for some in _chunks(sorted(seat.pk for seat in seats)):
        Seat.objects.filter(pk__in=some).update(is_contact=is_contact)


def _write_memberships(
    plan: Plan, firms: dict[int, int], people: dict[int, tuple[int, uuid.UUID]]
) -> list[audit.Act]:
    rows: list[Membership] = []
    of: list[dict[str, str]] = []
    for firm in plan.firms:
        if firm.days:
            first, last = firm.days
            pk = firms[id(firm)]
            rows.append(Membership(organization_id=pk, first_day=first, last_day=last))
            of.append({"organization": str(pk)})
    for person in plan.people:
        if person.days:
            first, last = person.days
            pk, reference = people[id(person)]
            rows.append(Membership(person_id=pk, first_day=first, last_day=last))
            of.append({"person": str(reference)})
    made = Membership.objects.bulk_create(rows)
    return [
        audit.Act("membership.add", Membership, str(row.pk), {"of": holder})
        for row, holder in zip(made, of, strict=True)
    ]


def _of_list(acts: Iterable[audit.Act], row: models.Model) -> Iterator[audit.Act]:
    for act in acts:
        act.detail["list"] = row.pk
        yield act
