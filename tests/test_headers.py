"""What every answer says besides its content, and what no page of ours contains."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from lxml import etree, html

from members.models import User
from newsletter.models import Figure
from tests import factories
from tests.processes import plain_environment
from tests.test_settings import PRODUCTION, ROOT


@pytest.fixture
def figure(db: None) -> Figure:
    """In an article with all that a page can show."""
    article = factories.create_article(factories.create_issue(), lead="导读")
    found = factories.create_figure(article)
    article.body = (
        "<h2>一、甲</h2><p>乙</p><h2>二、丙</h2>"
        "<table><caption>表</caption><tr><th>头</th></tr><tr><td>1</td></tr></table>"
        f'<figure data-figure="{found.pk}"><figcaption>图</figcaption></figure>'
    )
    article.save()
    return found


@pytest.fixture
def pages(
    figure: Figure, member: User, lapsed: User, editor: User, signed_in: Callable[[User], Client]
) -> Iterator[tuple[str, Any]]:
    """Every kind of page, as it is answered."""
    article, issue = figure.article, figure.article.issue
    asked: list[tuple[Client, list[str]]] = [
        (
            Client(),
            ["/accounts/login/", "/accounts/password/reset/", "/join/", "/accounts/signup/"],
        ),
        (signed_in(lapsed), ["/", "/me/"]),
        (
            signed_in(member),
            [
                "/",
                "/issues/",
                f"/issues/{issue.slug}/",
                "/sections/",
                f"/sections/{article.section.slug}/",
                f"/articles/{article.pk}/",
                "/me/",
                "/accounts/password/change/",
                "/accounts/logout/",
                "/nothing/here/",
            ],
        ),
        (
            signed_in(editor),
            [
                f"/admin/newsletter/issue/{issue.pk}/preview/",
                f"/admin/newsletter/article/{article.pk}/preview/",
            ],
        ),
    ]
    return iter([(path, client.get(path)) for client, paths in asked for path in paths])


@pytest.fixture
def desks(
    figure: Figure, chief_editor: User, signed_in: Callable[[User], Client]
) -> Iterator[tuple[str, Any]]:
    issue = figure.article.issue
    client = signed_in(chief_editor)
    return iter(
        (path, client.get(path))
        for path in (
            "/admin/",
            "/admin/newsletter/issue/",
            "/admin/newsletter/issue/import/",
            f"/admin/newsletter/issue/{issue.pk}/change/",
            f"/admin/newsletter/issue/{issue.pk}/doubts/",
            f"/admin/newsletter/issue/{issue.pk}/publish/",
            f"/admin/newsletter/issue/{issue.pk}/withdraw/",
            f"/admin/newsletter/article/{figure.article.pk}/change/",
            "/admin/newsletter/section/",
        )
    )


def policy_of(answer: Any) -> dict[str, list[str]]:
    found = {}
    for directive in answer["Content-Security-Policy"].split(";"):
        name, *sources = directive.split()
        found[name] = sources
    return found


def test_every_answer_carries_the_headers(pages: Iterator[tuple[str, Any]]) -> None:
    statuses = set()
    for path, answer in pages:
        statuses.add(answer.status_code)
        assert answer["X-Content-Type-Options"] == "nosniff", path
        assert answer["X-Frame-Options"] == "DENY", path
        assert answer["Referrer-Policy"] == "same-origin", path
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin", path
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin", path
        assert answer["Cache-Control"] == "private, no-store", path
        assert "Cookie" in answer["Vary"], path
        assert "noindex" in answer["X-Robots-Tag"], path
        assert "geolocation=()" in answer["Permissions-Policy"], path
        # Plain http: a promise of https would lock the embedded portal out.
        assert not answer.has_header("Strict-Transport-Security"), path
    assert statuses == {200, 403, 404}


def test_the_policy_lets_nothing_in_from_outside(pages: Iterator[tuple[str, Any]]) -> None:
    for path, answer in pages:
        policy = policy_of(answer)
        assert policy["default-src"] == ["'none'"], path
        for name in ("frame-ancestors", "object-src", "base-uri"):
            assert policy[name] == ["'none'"], path
        assert policy["form-action"] == ["'self'"], path
        assert policy["img-src"] == ["'self'", "data:"], path
        for name in ("script-src", "style-src"):
            assert policy[name][0] == "'self'", path
            assert all(source.startswith("'nonce-") for source in policy[name][1:]), path
        if path.startswith("/admin/"):
            assert policy.pop("style-src-attr") == ["'unsafe-inline'"], path
        assert "unsafe" not in str(policy), path


def test_no_page_breaks_its_own_policy(pages: Iterator[tuple[str, Any]]) -> None:
    scripts = 0
    for path, answer in pages:
        page = html.document_fromstring(answer.content)
        for element in page.iter(etree.Element):
            assert "style" not in element.attrib, path
            assert not [name for name in element.attrib if name.startswith("on")], path
            assert not element.get("href", "").lower().startswith("javascript:"), path
        for element in page.iter("script", "style"):
            source = element.get("src", "")
            nonce = f"'nonce-{element.get('nonce')}'"
            assert source.startswith("/static/") or nonce in policy_of(answer)["script-src"], path
            scripts += 1
        for element in page.iter("link", "img"):
            address = element.get("href") or element.get("src") or ""
            assert address.startswith(("/static/", "/figures/", "/admin/")), (path, address)
    assert scripts


def test_only_the_desks_allow_style_attributes_and_nothing_else(
    desks: Iterator[tuple[str, Any]],
) -> None:
    for path, answer in desks:
        assert answer.status_code == 200, path
        policy = policy_of(answer)
        assert policy.pop("style-src-attr") == ["'unsafe-inline'"], path
        assert "unsafe" not in str(policy), path
        assert answer["Cache-Control"] == "private, no-store", path
        page = html.document_fromstring(answer.content)
        for element in page.iter(etree.Element):
            assert not [name for name in element.attrib if name.startswith("on")], path
        for element in page.iter("script"):
            inert = element.get("type") in ("application/json", "text/template")
            nonce = f"'nonce-{element.get('nonce')}'"
            allowed = element.get("src", "").startswith(("/static/", "/admin/jsi18n/"))
            allowed = allowed or nonce in policy["script-src"]
            assert inert or allowed, (path, html.tostring(element))


def test_a_picture_runs_nothing(
    figure: Figure, member: User, signed_in: Callable[[User], Client]
) -> None:
    answer = signed_in(member).get(figure.get_absolute_url())
    answer.close()

    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("host", ["evil.example.org", "localhost.evil.example.org", "a b", ""])
@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/healthz", "/robots.txt", "/x"])
def test_a_forged_host_gets_our_page_and_nothing_else(db: None, host: str, path: str) -> None:
    answer = Client(raise_request_exception=False).get(path, headers={"host": host})

    if answer.status_code == 200:
        # Health and robots.txt are the same for everybody and mention no address.
        assert path in ("/healthz", "/robots.txt")
        return
    assert answer.status_code == 400
    said = answer.content.decode()
    assert "这个请求无法处理" in said
    assert "evil" not in said
    assert "DisallowedHost" not in said
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_robots_are_told_to_keep_out() -> None:
    assert Client().get("/robots.txt").content == b"User-agent: *\nDisallow: /\n"


OVER_HTTPS = """
import django
django.setup()
from django.core.management import call_command
from django.test import Client
call_command("set_up", verbosity=0)
call_command("collectstatic", interactive=False, verbosity=0)
client = Client(REMOTE_ADDR="127.0.0.1")
proxied = {"HTTP_HOST": "portal.example.org", "HTTP_X_FORWARDED_FOR": "192.0.2.7"}
https = proxied | {"HTTP_X_FORWARDED_PROTO": "https"}
plain = client.get("/accounts/login/", **proxied)
print(plain.status_code, plain.get("Location"), plain.has_header("Strict-Transport-Security"))
answer = client.get("/accounts/login/", **https)
print(answer.status_code, answer["Strict-Transport-Security"])
from members.models import User
User.objects.create_user("M1", password="correct horse", name="x")
answer = client.post("/accounts/login/", {"login": "M1", "password": "correct horse"}, **https)
print(answer.status_code)
for cookie in answer.cookies.values():
    print(cookie.OutputString())
"""


def test_over_https_the_cookies_and_headers_are_the_strict_ones(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", OVER_HTTPS],
        cwd=ROOT,
        env=plain_environment(
            DJANGO_SETTINGS_MODULE="portal.settings",
            VAR_DIR=str(tmp_path),
            TRUSTED_PROXIES="127.0.0.1",
            **PRODUCTION,
        ),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    plain, secure, signed_in, *cookies = result.stdout.splitlines()

    assert plain == "301 https://portal.example.org/accounts/login/ False"
    assert re.fullmatch(r"200 max-age=\d{8,}; includeSubDomains", secure)
    assert signed_in == "302"
    session = next(cookie for cookie in cookies if cookie.startswith("__Host-session="))
    for words in ("HttpOnly", "Secure", "Path=/", "SameSite=Lax"):
        assert words in session
    assert all("Domain=" not in cookie for cookie in cookies)
    assert all(cookie.startswith("__Host-") for cookie in cookies)
