"""The members as a list with the columns that are imported: it goes in again without a change."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from members import audit, bulk
from members.bulk.cells import NO, PERSONAL, YES
from members.bulk.model import MAX_ROWS
from members.bulk.writing import Format
from members.models import Membership, Organization, Seat, User


def of_everybody() -> list[bulk.Line]:
    """Every firm with who sits for it, and every personal member.

    Raises:
        ValidationError: more lines than one list may have.
    """
    personal = User.objects.filter(memberships__isnull=False).exclude(
        pk__in=Seat.objects.current().values("person")
    )
    return _bounded([*_firms(Organization.objects.all()), *_people(personal)])


def of_firms(chosen: QuerySet[Organization]) -> list[bulk.Line]:
    """These firms with who sits for them."""
    return _bounded(_firms(chosen))


def of_people(chosen: QuerySet[User]) -> list[bulk.Line]:
    """These people with the firms they sit for; who sits for none stands as 个人会员."""
    return _bounded(_people(chosen))


def as_file(
    lines: list[bulk.Line],
    *,
    format: Format,  # noqa: A002
    by: User,
    request: HttpRequest | None = None,
) -> bytes:
    """The file, told to the audit trail."""
    file = bulk.write_rows(lines, [*bulk.FIELDS], format=format)
    with transaction.atomic():
        audit.record(
            "list.export",
            by=by,
            request=request,
            lines=len(lines),
            people=sum(line.has_person for line in lines),
            format=format,
        )
    return file


_Values = dict[str, str]


def _bounded(rows: list[_Values]) -> list[bulk.Line]:
    # The headings are a row as well.
    if len(rows) >= MAX_ROWS:
        raise ValidationError(
            f"一份名单最多 {MAX_ROWS:,} 行，这里有 {len(rows):,} 行。请在列表里分几次选。"
        )
    return [bulk.Line(number, values) for number, values in enumerate(rows, start=2)]


def _firms(chosen: QuerySet[Organization]) -> list[_Values]:
    """A line for each seat; one more for a firm with a remark of its own, or with nobody."""
    pks = chosen.order_by().values("pk")
    seats: dict[int, list[Seat]] = {}
    for seat in (
        Seat.objects.current()
        .filter(organization__in=pks)
        .select_related("person")
        .order_by("-is_contact", "person__member_number")
    ):
        seats.setdefault(seat.organization_id, []).append(seat)
    days = _last_days("organization", Membership.objects.filter(organization__in=pks))
    rows: list[_Values] = []
    for firm in Organization.objects.filter(pk__in=pks).order_by("name", "pk"):
        of_firm = _firm(firm, days)
        held = seats.get(firm.pk, [])
        if firm.remark or not held:
            rows.append(of_firm | {"remark": firm.remark})
        rows += [of_firm | _person(seat.person, seat) for seat in held]
    return rows


def _people(chosen: QuerySet[User]) -> list[_Values]:
    pks = chosen.filter(erased_at__isnull=True).order_by().values("pk")
    seats = {
        seat.person_id: seat
        for seat in Seat.objects.current().filter(person__in=pks).select_related("organization")
    }
    of_firms = _last_days(
        "organization",
        Membership.objects.filter(
            organization__seats__person__in=pks, organization__seats__until__isnull=True
        ),
    )
    own = _last_days("person", Membership.objects.filter(person__in=pks))
    rows: list[_Values] = []
    for person in User.objects.filter(pk__in=pks).order_by("member_number"):
        seat = seats.get(person.pk)
        if seat is None:
            of_firm = {"organization": PERSONAL} | own.get(person.pk, {})
        else:
            of_firm = _firm(seat.organization, of_firms)
        rows.append(of_firm | _person(person, seat))
    return rows


def _last_days(holder: str, memberships: QuerySet[Membership]) -> dict[int, _Values]:
    """By holder the days of the last membership."""
    rows = memberships.order_by("last_day").values_list(f"{holder}_id", "first_day", "last_day")
    return {pk: {"starts": first.isoformat(), "ends": last.isoformat()} for pk, first, last in rows}


def _firm(firm: Organization, days: dict[int, _Values]) -> _Values:
    return {
        "organization": firm.name,
        "credit_code": firm.credit_code,
        "region": firm.region,
        "size": firm.size,
        "industry": firm.industry,
        "seats": str(firm.seat_limit),
        **days.get(firm.pk, {}),
    }


def _person(person: User, seat: Seat | None) -> _Values:
    contact = "" if seat is None else YES if seat.is_contact else NO
    return {
        "name": person.name,
        "phone": person.phone,
        "email": person.email,
        "member_number": person.member_number,
        "is_contact": contact,
        "remark": person.remark,
    }
