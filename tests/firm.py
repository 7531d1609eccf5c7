"""A firm at its contact's desk: shared by the tests of 本单位 and of 推荐."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone
from lxml import html

from members import seats
from members.audit import COMMAND_LINE
from members.models import Organization, Proposal, Seat, User
from tests import factories

PAGE = "/organization/"
PROPOSE = "/organization/propose/"
# What is typed into the form of a proposal.
NEW = {"name": "乙新人", "phone": "138 1234 5678", "email": "Yi@Example.org", "note": "财务"}


def seat_of(person: User) -> Seat:
    return Seat.objects.current().get(person=person)


def firm_of(contact: User) -> Organization:
    return seat_of(contact).organization


def colleague(contact: User, *, is_in: bool = False, **fields: Any) -> User:
    """Somebody else with a seat there; one who never came in has no password."""
    if is_in:
        fields.setdefault("last_login", timezone.now())
    person = factories.create_user(**fields)
    if not is_in:
        person.set_unusable_password()
        person.save()
    seats.give(firm_of(contact), person, by=COMMAND_LINE)
    return person


def address(act: str, person: User) -> str:
    return reverse(f"members:seat_{act}", args=[seat_of(person).pk])


def said(answer: Any) -> str:
    """The page as it is read, without its marks and line ends."""
    assert answer.status_code == 200, answer.status_code
    page = html.fromstring(answer.content.decode())
    return " ".join(" ".join(page.itertext()).split())


def page_of(proposal: Proposal) -> str:
    return reverse("admin:members_proposal_change", args=[proposal.pk])
