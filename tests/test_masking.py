"""Phone numbers and addresses are shown whole to their owner and on staff's page of that person."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from members.masking import mask_email, mask_phone
from members.models import Seat, User
from tests import factories
from tests.addresses import LEVELS
from tests.archive import make_archive
from tests.factories import content_of

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]

PHONE = "+8613900135790"
AUTOCOMPLETE = "/admin/autocomplete/"


@pytest.fixture
def person() -> User:
    return factories.create_member(name="甄会员", phone=PHONE, email="old@example.org")


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("+8613900135790", "139****5790"),
        ("+861064000000", "010****0000"),
        ("+8675588552233", "0755****2233"),
        ("+864008001234", "400****1234"),
        ("+85221234567", "+85****4567"),
        ("+123456", "****"),
        ("", ""),
    ],
)
def test_a_masked_number_can_be_recognised_and_not_used(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


def test_a_masked_address_shows_its_first_letter_and_its_host() -> None:
    assert mask_email("zhen@example.org") == "z***@example.org"
    assert mask_email("") == ""


# Where a number may stand whole: one's own page, and staff's pages of that one person.
WHOLE = {
    "members:my_data",
    "members:correct",
    "admin:members_user_change",
    "admin:members_user_verify",
}


@pytest.mark.parametrize(
    "who", ["person", "colleague", "editor", "membership_staff", "auditor", "administrator"]
)
def test_no_page_shows_a_number_whole_but_the_listed_ones(
    request: pytest.FixtureRequest, person: User, editor: User, signed_in: SignIn, who: str
) -> None:
    """A walk of every address, with the one number there is."""
    organization = person.seats.get().organization
    person.seats.update(is_contact=True)
    User.objects.exclude(pk=person.pk).update(phone="", email="")
    if who == "colleague":
        viewer = factories.create_user(name="同事")
        Seat.objects.create(organization=organization, person=viewer)
    else:
        viewer = request.getfixturevalue(who)
    client = signed_in(viewer)
    archive = make_archive(received_by=editor)
    rows = {"user": person.pk, "organization": organization.pk}
    paths = {
        *archive.paths(),
        *(
            reverse(f"admin:members_{model}_{page}", args=[pk])
            for model, pk in rows.items()
            for page in ("change", "history", "delete")
        ),
        reverse("admin:members_erasurerequest_erase", args=[person.pk]),
        f"{reverse('admin:members_user_changelist')}?q=0135790",
        f"{reverse('admin:members_organization_changelist')}?q=0135790",
        f"{AUTOCOMPLETE}?app_label=members&model_name=seat&field_name=person&term=甄",
    }
    assert len(paths) > 100
    shown, looked = set(), 0
    for path in sorted(paths):
        if path == reverse("account_logout"):
            continue
        answer = client.get(path)
        said = content_of(answer).decode("utf-8", "replace")
        looked += answer.status_code == 200
        name = get_resolver().resolve(path.partition("?")[0]).view_name if _resolves(path) else ""
        # A search shows again what was typed.
        if "13900135790" in said.replace(" ", ""):
            shown.add(name)

    assert looked > 10
    assert shown <= WHOLE, shown - WHOLE
    if who == "person":
        assert {"members:my_data", "members:correct"} <= shown
    if who == "membership_staff":
        assert "admin:members_user_change" in shown


def _resolves(path: str) -> bool:
    try:
        return get_resolver().resolve(path.partition("?")[0]).view_name in LEVELS
    except Exception:
        return False


def test_the_list_of_people_shows_masked_numbers_and_finds_whole_ones(
    person: User, membership_staff: User, signed_in: SignIn
) -> None:
    page = signed_in(membership_staff).get("/admin/members/user/?q=5790").content.decode()

    assert "甄会员" in page
    assert "139****5790" in page
    assert "o***@example.org" in page
    assert "old@example.org" not in page
