"""The demo: its people, one account a role, and the two sample issues, by the very importer."""

from __future__ import annotations

import datetime as dt
import os
import secrets
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.utils import timezone

from members import audit, privacy_notices, proposals, reminders
from members.invitations import new_token
from members.models import (
    Consent,
    ErasureRequest,
    Invitation,
    Membership,
    Organization,
    Reminder,
    Seat,
    User,
)
from newsletter import publishing
from newsletter.importing import receive
from portal.demo_people import (
    ACCOUNTS,
    FIRMS,
    LEAVING,
    PEOPLE,
    PROPOSED,
    PROPOSER,
    Firm,
    Person,
    application,
)

SAMPLES = settings.BASE_DIR / "newsletter" / "samples"
ACCOUNTS_FILE = "demo-accounts.txt"
DAY = dt.timedelta(days=1)
YEAR = 365 * DAY


def load() -> Path:
    """Fill an empty database, all or nothing.

    Raises:
        ValidationError: `DEMO_PASSWORD` is one that nobody could choose.

    Returns:
        The file that lists the accounts and their password.
    """
    password = os.environ.get("DEMO_PASSWORD") or secrets.token_urlsafe(9)
    validate_password(password)
    with transaction.atomic():
        people = load_people(password)
        for path in sorted(SAMPLES.glob("*.txt")):
            issue = receive.keep(receive.from_path(path), by=people["E10000001"])
            publishing.publish(issue, by=people["E10000002"])
        # Before the commit: accounts without the paper that names them would be of no use.
        return _write_accounts(password)


def load_people(password: str) -> dict[str, User]:
    """Firms and people, with all that waits for the secretariat, by member number."""
    with transaction.atomic():
        firms = {firm.name: _organization(firm) for firm in FIRMS}
        # Slow by design: once for all.
        encoded = make_password(password)
        people = {one.member_number: _person(one, encoded) for one in PEOPLE}
        for one in PEOPLE:
            _place(one, people[one.member_number], firms.get(one.firm))
        _agree([people[one.member_number] for one in PEOPLE if not one.invited])
        _wait(people)
        audit.record(
            "demo.load", by=audit.COMMAND_LINE, people=len(people), organizations=len(firms)
        )
    return people


def _organization(firm: Firm) -> Organization:
    organization = Organization(
        name=firm.name,
        credit_code=firm.credit_code,
        region=firm.region,
        industry=firm.industry,
        size=firm.size,
        seat_limit=firm.seats,
        suspended_at=timezone.now() if firm.suspended else None,
        suspension_reason=firm.suspended,
    )
    organization.full_clean()
    organization.save()
    last = timezone.localdate() + firm.last * DAY
    first = last - (firm.days - 1) * DAY
    Membership.objects.create(organization=organization, first_day=first, last_day=last)
    for _ in range(firm.years_before):
        first, last = first - YEAR, first - DAY
        Membership.objects.create(organization=organization, first_day=first, last_day=last)
    return organization


def _person(one: Person, encoded: str) -> User:
    person = User(
        member_number=one.member_number,
        name=one.name,
        phone=one.phone,
        email=one.email,
        is_active=one.is_active,
        suspended_at=timezone.now() if one.suspended else None,
        suspension_reason=one.suspended,
        password=encoded,
    )
    if one.invited:
        person.set_unusable_password()
    elif one not in ACCOUNTS:
        person.last_login = person.last_seen_at = timezone.now() - 3 * DAY
    person.full_clean()
    person.save()
    if one.role:
        person.groups.add(Group.objects.get(name=one.role.value))
    return person


def _place(one: Person, person: User, organization: Organization | None) -> None:
    """Seat, membership in person, invitation."""
    today = timezone.localdate()
    if organization is not None:
        Seat.objects.create(
            organization=organization,
            person=person,
            is_contact=one.is_contact,
            since=today - 200 * DAY,
            until=today - 20 * DAY if one.has_left else None,
        )
    if one.last is not None:
        last = today + one.last * DAY
        Membership.objects.create(person=person, first_day=last - YEAR + DAY, last_day=last)
    if one.invited:
        _invitation(one, person)


def _invitation(one: Person, person: User) -> None:
    """One that has left already: its token is nobody's, and nothing waits for the mail server."""
    is_slip = one.invited == "slip"
    days = settings.SLIP_DAYS if is_slip else settings.INVITATION_DAYS
    # The whole of one's time and a day are past, or half a day.
    age = (days + 1) * DAY if one.invited == "expired letter" else DAY / 2
    sent = timezone.now() - age
    Invitation.objects.create(
        person=person,
        channel=Invitation.Channel.SLIP if is_slip else Invitation.Channel.EMAIL,
        token_hash=Invitation.hash_token(new_token()),
        created_at=sent,
        sent_at=sent,
        expires_at=sent + days * DAY,
    )


def _agree(people: list[User]) -> None:
    """Whoever has come in has agreed to the privacy notice."""
    privacy_notices.publish_first()
    notice = privacy_notices.in_force()
    assert notice is not None
    Consent.objects.bulk_create(
        Consent(person=person, notice=notice, occasion=Consent.Occasion.JOINING)
        for person in people
    )


def _wait(people: dict[str, User]) -> None:
    """What is to be done at the desk: calls, a proposal, an application, an erasure."""
    reminders.make_due()
    # No letter of the demo leaves on the day that it is loaded: these count as sent.
    sent = list(Reminder.objects.letters().values_list("pk", flat=True))
    Reminder.objects.filter(pk__in=sent).update(status=Reminder.Status.SENT)
    proposals.propose(
        by=people[PROPOSER],
        name=PROPOSED["name"],
        phone=PROPOSED["phone"],
        note=PROPOSED["note"],
    )
    asks = application()
    notice = privacy_notices.in_force()
    assert notice is not None
    asks.notice = notice
    asks.full_clean()
    asks.save()
    ErasureRequest.objects.create(person=people[LEAVING])


def _write_accounts(password: str) -> Path:
    lines = [f"{one.member_number}　{one.what}" for one in PEOPLE if one.what]
    path: Path = settings.VAR_DIR / ACCOUNTS_FILE
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(
        "\n".join(f"  {line}" for line in lines)
        + f"\n  密码（各账号相同，正式使用前请停用这些账号）　{password}\n",
        encoding="utf-8",
    )
    return path
