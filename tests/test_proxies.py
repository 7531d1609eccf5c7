"""Who is asking: only a proxy of ours may say so for somebody else."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from members.models import AuditPersonal, User
from portal.middleware import ProxyMiddleware

PROXY = "10.0.0.1"


@pytest.fixture
def behind_proxies(settings: Any) -> None:
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


def asked_by(remote: str, forwarded: str | None = None, **more: str) -> HttpRequest:
    """The request as the rest of the portal sees it."""
    seen: list[HttpRequest] = []

    def portal(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse()

    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    request = RequestFactory().get("/", REMOTE_ADDR=remote, **headers, **more)  # type: ignore[arg-type]
    ProxyMiddleware(portal)(request)
    return seen[0]


@pytest.mark.parametrize(
    ("remote", "forwarded", "client"),
    [
        # A stranger names nobody.
        ("192.0.2.66", None, "192.0.2.66"),
        ("192.0.2.66", "10.0.0.9", "192.0.2.66"),
        ("192.0.2.66", "198.51.100.7", "192.0.2.66"),
        # One of ours, read from the right, past all that are ours.
        (PROXY, None, PROXY),
        (PROXY, "198.51.100.7", "198.51.100.7"),
        (PROXY, "198.51.100.7, 10.0.0.2", "198.51.100.7"),
        (PROXY, "203.0.113.5, 198.51.100.7", "198.51.100.7"),
        (PROXY, "10.0.0.9, 198.51.100.7, 10.0.0.2 ,10.0.0.3", "198.51.100.7"),
        (PROXY, "10.0.0.9", "10.0.0.9"),
        ("fd00::1", "2001:db8::7", "2001:db8::7"),
        # What is no address ends the walk at the last one that was.
        (PROXY, "localhost", PROXY),
        (PROXY, "198.51.100.7, nonsense, 10.0.0.2", "10.0.0.2"),
        (PROXY, "", PROXY),
        (PROXY, ",,", PROXY),
        ("", "198.51.100.7", ""),
    ],
)
def test_the_client_is_found_from_the_right(
    behind_proxies: None, remote: str, forwarded: str | None, client: str
) -> None:
    assert asked_by(remote, forwarded).META["REMOTE_ADDR"] == client


def test_a_stranger_s_forwarded_headers_are_dropped_unread(behind_proxies: None) -> None:
    request = asked_by(
        "192.0.2.66",
        "10.0.0.9",
        HTTP_X_FORWARDED_PROTO="https",
        HTTP_X_FORWARDED_HOST="evil.example.org",
        HTTP_X_FORWARDED_PORT="1",
        HTTP_X_REAL_IP="10.0.0.9",
        HTTP_FORWARDED="for=10.0.0.9",
    )

    assert not [name for name in request.META if "FORWARDED" in name or "REAL_IP" in name]
    assert not request.is_secure()


def test_the_transport_is_believed_of_our_proxy_alone(behind_proxies: None) -> None:
    assert asked_by(PROXY, "192.0.2.7", HTTP_X_FORWARDED_PROTO="https").is_secure()
    assert not asked_by(PROXY, "192.0.2.7", HTTP_X_FORWARDED_PROTO="http").is_secure()
    assert not asked_by("192.0.2.7", HTTP_X_FORWARDED_PROTO="https").is_secure()


def test_without_proxies_nobody_is_believed() -> None:
    request = asked_by("127.0.0.1", "198.51.100.7", HTTP_X_FORWARDED_PROTO="https")

    assert request.META["REMOTE_ADDR"] == "127.0.0.1"
    assert not request.is_secure()


# Through the whole portal ------------------------------------------------------------------
def test_a_refused_sign_in_is_recorded_under_the_real_address(
    db: None, behind_proxies: None
) -> None:
    form = {"login": "nobody", "password": "wrong"}
    Client(REMOTE_ADDR=PROXY).post(
        "/accounts/login/", form, HTTP_X_FORWARDED_FOR="203.0.113.5, 198.51.100.7"
    )
    Client(REMOTE_ADDR="192.0.2.66").post(
        "/accounts/login/", form, HTTP_X_FORWARDED_FOR="198.51.100.7"
    )

    assert [row.values["address"] for row in AuditPersonal.objects.order_by("pk")] == [
        "198.51.100.7",
        "192.0.2.66",
    ]


def test_attempts_are_counted_by_the_real_address(db: None, behind_proxies: None) -> None:
    """A stranger who claims another address each time is stopped all the same."""
    said = ""
    for attempt in range(12):
        answer = Client(REMOTE_ADDR="192.0.2.77").post(
            "/accounts/login/",
            {"login": f"nobody{attempt}", "password": "wrong"},
            HTTP_X_FORWARDED_FOR=f"203.0.113.{attempt}",
        )
        said = answer.content.decode()
    assert "次数过多" in said

    elsewhere = Client(REMOTE_ADDR=PROXY).post(
        "/accounts/login/",
        {"login": "nobody", "password": "wrong"},
        HTTP_X_FORWARDED_FOR="198.51.100.8",
    )
    assert "次数过多" not in elsewhere.content.decode()


@pytest.mark.parametrize(
    ("remote", "forwarded", "status"),
    [
        (PROXY, "198.51.100.7", 200),
        (PROXY, "2001:db8:1::5", 200),
        (PROXY, "198.51.101.7", 404),
        (PROXY, "198.51.100.7, 192.0.2.66", 404),
        (PROXY, None, 404),
        ("198.51.100.7", None, 200),
        ("192.0.2.66", "198.51.100.7", 404),
        ("", None, 404),
    ],
)
def test_the_admin_opens_from_its_networks_alone(
    editor: User,
    signed_in: Callable[[User], Client],
    behind_proxies: None,
    settings: Any,
    remote: str,
    forwarded: str | None,
    status: int,
) -> None:
    settings.ADMIN_NETWORKS = [ip_network("198.51.100.0/24"), ip_network("2001:db8:1::/48")]
    client = signed_in(editor)
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}

    answer = client.get("/admin/", REMOTE_ADDR=remote, **headers)  # type: ignore[arg-type]

    assert answer.status_code == status
    # Reading is not the admin's business.
    assert client.get("/issues/", REMOTE_ADDR=remote, **headers).status_code == 200  # type: ignore[arg-type]


def test_plain_http_is_sent_to_https_and_https_from_the_proxy_is_not(
    behind_proxies: None, settings: Any, db: None
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    plain = Client(REMOTE_ADDR="192.0.2.7").get("/accounts/login/?next=/issues/")
    assert plain.status_code == 301
    assert plain["Location"] == "https://testserver/accounts/login/?next=/issues/"

    pretended = Client(REMOTE_ADDR="192.0.2.7").get("/robots.txt", HTTP_X_FORWARDED_PROTO="https")
    assert pretended.status_code == 301

    proxied = Client(REMOTE_ADDR=PROXY).get(
        "/robots.txt", HTTP_X_FORWARDED_FOR="192.0.2.7", HTTP_X_FORWARDED_PROTO="https"
    )
    assert proxied.status_code == 200


def test_health_is_asked_of_in_plain_http(settings: Any, db: None) -> None:
    settings.SECURE_SSL_REDIRECT = True

    assert Client().get("/healthz").status_code == 200
    assert Client().get("/readyz").status_code == 200
