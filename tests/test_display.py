"""How somebody wants to read: chosen by anybody, kept with the person or on the device."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from django.http import SimpleCookie
from django.test import Client
from django.test.utils import CaptureQueriesContext

from members.display import CHOICES, Display
from members.models import User
from tests import factories
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
COOKIE = settings.DISPLAY_COOKIE_NAME
CHECKED = r'<input[^>]*name="([a-z]+)"[^>]*value="([a-z0-9]+)"[^>]*checked'


def attributes(client: Client, address: str = "/accounts/login/") -> dict[str, str]:
    """What the page's `html` element says about the display."""
    page = client.get(address, follow=True).content.decode()
    element = re.search(r"<html[^>]*>", page)
    assert element
    return dict(re.findall(r' data-([a-z]+)="([a-z0-9]*)"', element[0]))


def test_nothing_chosen_says_nothing(client: Client) -> None:
    assert attributes(client) == {}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name in CHOICES for value, _ in CHOICES[name]]
)
def test_every_choice_is_kept_for_a_member_and_said_on_each_page(
    member: User, signed_in: SignIn, name: str, value: str
) -> None:
    client = signed_in(member)
    assert client.post("/display/", {name: value}).status_code == 302
    expected = {} if value == CHOICES[name][0][0] else {name: value}
    for address in ["/", "/issues/", "/display/", "/me/"]:
        assert attributes(client, address) == expected, address
    member.refresh_from_db()
    assert member.display == expected


def test_a_choice_is_there_on_another_device(member: User, signed_in: SignIn) -> None:
    signed_in(member).post("/display/", {"theme": "dark", "size": "165"})
    elsewhere = signed_in(member)
    assert attributes(elsewhere, "/") == {"theme": "dark", "size": "165"}
    assert COOKIE not in elsewhere.cookies


def test_what_a_form_does_not_name_stays(member: User, signed_in: SignIn) -> None:
    client = signed_in(member)
    client.post("/display/", {"theme": "dark", "size": "165", "elder": "on"})
    client.post("/display/", {"elder": "off"})
    assert attributes(client, "/") == {"theme": "dark", "size": "165"}


@pytest.mark.parametrize(
    "values",
    [
        {"theme": "pink"},
        {"theme": ""},
        {"size": "100000"},
        {"theme": 'dark"><script>'},
        {"font": "serif"},
        {"theme": "dark\0"},
    ],
)
def test_what_is_no_choice_changes_nothing(
    member: User, signed_in: SignIn, values: dict[str, str]
) -> None:
    client = signed_in(member)
    client.post("/display/", {"theme": "sepia"})
    client.post("/display/", values)
    assert attributes(client, "/") == {"theme": "sepia"}
    member.refresh_from_db()
    assert member.display == {"theme": "sepia"}


def test_the_choice_of_one_is_not_that_of_another(member: User, signed_in: SignIn) -> None:
    signed_in(member).post("/display/", {"theme": "dark"})
    assert attributes(signed_in(factories.create_member()), "/") == {}


def test_whoever_may_not_read_may_still_choose(
    lapsed: User, suspended: User, signed_in: SignIn
) -> None:
    for person in [lapsed, suspended]:
        client = signed_in(person)
        client.post("/display/", {"elder": "on"})
        assert attributes(client, "/") == {"elder": "on"}


# A stranger, and what becomes of their choice --------------------------------------------------


def test_a_stranger_who_needs_large_type_has_it_on_the_sign_in_page(client: Client) -> None:
    answer = client.post("/display/", {"elder": "on", "next": "/accounts/login/"})
    assert answer["Location"] == "/accounts/login/"
    assert attributes(client) == {"elder": "on"}
    client.post("/display/", {"size": "135"})
    assert attributes(client) == {"elder": "on", "size": "135"}
    client.post("/display/", {"elder": "off"})
    assert attributes(client) == {"size": "135"}


def test_the_cookie_of_a_choice_is_of_this_site_alone_and_read_by_no_script(
    client: Client,
) -> None:
    cookie = client.post("/display/", {"elder": "on"}).cookies[COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert cookie["domain"] == ""
    assert bool(cookie["secure"]) is settings.HTTPS


@pytest.mark.parametrize(
    "value",
    [
        "theme=dark%22%3E%3Cscript%3E",
        "theme=dark&theme=pink",
        "%FF%FE",
        "x" * 100_000,
        "elder=",
        "=&&&;;",
        "theme[]=dark",
    ],
)
def test_a_cookie_that_somebody_made_up_is_passed_over(client: Client, value: str) -> None:
    client.cookies = SimpleCookie({COOKIE: quote(value, safe="=&%")})
    answer = client.get("/accounts/login/")
    assert answer.status_code == 200
    assert "<script>" not in answer.content.decode()
    assert attributes(client) in ({}, {"theme": "dark"})


def test_what_was_chosen_before_sign_in_goes_with_the_person(client: Client) -> None:
    member = factories.create_member(display={"theme": "dark", "size": "88"})
    client.post("/display/", {"elder": "on", "size": "135"})
    client.post("/accounts/login/", {"login": member.member_number, "password": PASSWORD})
    expected = {"theme": "dark", "size": "135", "elder": "on"}
    assert attributes(client, "/") == expected
    member.refresh_from_db()
    assert member.display == expected


def test_signing_in_on_a_device_without_a_choice_keeps_ones_own(client: Client) -> None:
    member = factories.create_member(display={"theme": "dark"})
    client.post("/accounts/login/", {"login": member.member_number, "password": PASSWORD})
    assert attributes(client, "/") == {"theme": "dark"}


def test_after_sign_out_the_device_shows_what_was_chosen_last(client: Client) -> None:
    member = factories.create_member()
    client.post("/display/", {"elder": "on"})
    client.post("/accounts/login/", {"login": member.member_number, "password": PASSWORD})
    client.post("/display/", {"size": "165"})
    client.post("/accounts/logout/")
    assert attributes(client) == {"elder": "on", "size": "165"}


def test_a_device_without_a_strangers_choice_tells_nothing_about_who_was_there(
    client: Client,
) -> None:
    member = factories.create_member()
    client.post("/accounts/login/", {"login": member.member_number, "password": PASSWORD})
    client.post("/display/", {"elder": "on"})
    client.post("/accounts/logout/")
    assert COOKIE not in client.cookies
    assert attributes(client) == {}


# The form --------------------------------------------------------------------------------------


def test_the_page_offers_every_choice_to_everybody_and_shows_what_is_chosen(
    client: Client, member: User, lapsed: User, signed_in: SignIn
) -> None:
    for visitor in [client, signed_in(member), signed_in(lapsed)]:
        visitor.post("/display/", {"theme": "sepia"})
        page = visitor.get("/display/").content.decode()
        checked = re.findall(
            r'<input[^>]*name="([a-z]+)"[^>]*value="([a-z0-9]+)"[^>]*checked', page
        )
        assert dict(checked) == {
            "theme": "sepia",
            "face": "serif",
            "size": "100",
            "leading": "normal",
            "elder": "off",
        }
        for name, choices in CHOICES.items():
            for value, label in choices:
                assert re.search(rf'<input[^>]*name="{name}"[^>]*value="{value}"', page)
                assert label in page


def test_a_script_gets_no_page_and_a_form_goes_back_within_the_portal(
    member: User, signed_in: SignIn
) -> None:
    client = signed_in(member)
    scripted = client.post("/display/", {"theme": "dark"}, headers={"accept": "application/json"})
    assert (scripted.status_code, scripted.content) == (204, b"")
    for wanted, reached in [
        ("/issues/?year=2026", "/issues/?year=2026"),
        ("https://elsewhere.example/", "/"),
        ("//elsewhere.example/", "/"),
        ("/\\elsewhere.example", "/"),
        ("", "/"),
    ]:
        answer = client.post("/display/", {"theme": "dark", "next": wanted})
        assert (answer.status_code, answer["Location"]) == (302, reached), wanted


def test_the_form_needs_its_token(client: Client) -> None:
    guarded = Client(enforce_csrf_checks=True)
    assert guarded.post("/display/", {"elder": "on"}).status_code == 403
    assert COOKIE not in guarded.cookies


def test_how_a_page_looks_costs_no_query(member: User, signed_in: SignIn) -> None:
    client = signed_in(member)
    client.get("/")
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            client.get("/")
        counts.append(len(asked))
        client.post("/display/", {"theme": "dark", "elder": "on", "size": "200"})
    assert counts[0] == counts[1]


def test_sizes_are_offered_from_small_to_large_and_reach_the_double() -> None:
    """WCAG 2.2, 1.4.4: text can be made twice as large."""
    [(chosen, choices)] = [(c, o) for name, c, o in Display().controls if name == "size"]
    assert chosen == "100"
    sizes = [int(value) for value, _ in choices]
    assert sizes == sorted(sizes)
    assert sizes[-1] == 200
