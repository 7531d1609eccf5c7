"""The walk: every address, as each of the cast, with a canary in every content field.

No byte of a canary may appear where it may not be, whatever the method or the headers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from members.models import User
from newsletter.models import Doubt, Issue
from newsletter.models.issue import Status
from tests import factories
from tests.addresses import LEVELS, MEMBER, OPEN, ROLE
from tests.archive import CANARY, HIDDEN, PUBLISHED, Archive, make_archive

METHODS: list[tuple[str, dict[str, str]]] = [
    ("GET", {}),
    ("HEAD", {}),
    ("POST", {}),
    ("OPTIONS", {}),
    ("GET", {"HTTP_RANGE": "bytes=0-200"}),
    ("GET", {"HTTP_IF_NONE_MATCH": "*"}),
    ("GET", {"HTTP_IF_MODIFIED_SINCE": "Wed, 21 Oct 2065 07:28:00 GMT"}),
    ("GET", {"HTTP_HX_REQUEST": "true", "HTTP_ACCEPT": "application/json"}),
]


@pytest.fixture
def archive(db: None, editor: User) -> Archive:
    return make_archive(received_by=editor)


def _said(client: Client, path: str, method: str, headers: dict[str, str]) -> tuple[int, str]:
    """The status, and all that came back: headers, redirect, body."""
    answer = client.generic(method, path, **headers)  # type: ignore[arg-type]
    body = factories.content_of(answer)
    said = "\n".join(f"{name}: {value}" for name, value in answer.items())
    return answer.status_code, said + "\n" + body.decode("utf-8", "replace")


def _everything_said(client: Client, archive: Archive) -> Iterator[tuple[str, int, str]]:
    # A POST comes without a token here: what it may do with one is for other tests.
    client.handler.enforce_csrf_checks = True
    for path in archive.paths():
        for method, headers in METHODS:
            status, said = _said(client, path, method, headers)
            assert status < 500, (method, path)
            yield f"{method} {path} {headers}", status, said


def _leaks(said: str, word: str) -> bool:
    from urllib.parse import quote

    encoded = (word, quote(word), word.encode("unicode_escape").decode())
    return any(form in said for form in encoded)


@pytest.fixture(params=["anonymous", "lapsed", "suspended", "seatless", "auditor", "administrator"])
def outsider(request: pytest.FixtureRequest, signed_in: Callable[[User], Client]) -> Client:
    if request.param == "anonymous":
        return Client()
    return signed_in(request.getfixturevalue(request.param))


def test_who_may_not_read_gets_no_byte_from_any_address(archive: Archive, outsider: Client) -> None:
    asked = 0
    for what, _, said in _everything_said(outsider, archive):
        asked += 1
        assert not _leaks(said, CANARY), what
        # The head of every PNG's first chunk and the first byte of its width: no random token
        # has a NUL in it.
        assert "IHDR\0" not in said, what

    assert asked > 400


@pytest.fixture(params=["member", "membership_staff"])
def reader(request: pytest.FixtureRequest, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(request.getfixturevalue(request.param))


def test_who_may_read_gets_what_is_published_and_nothing_else(
    archive: Archive, reader: Client
) -> None:
    seen = 0
    for what, _, said in _everything_said(reader, archive):
        assert not _leaks(said, HIDDEN), what
        seen += _leaks(said, PUBLISHED)

    assert seen > 20


@pytest.mark.parametrize("role", ["editor", "chief_editor"])
def test_editors_see_drafts_in_the_admin_alone(
    request: pytest.FixtureRequest,
    archive: Archive,
    signed_in: Callable[[User], Client],
    role: str,
) -> None:
    client = signed_in(request.getfixturevalue(role))
    in_admin = 0
    for what, _, said in _everything_said(client, archive):
        if " /admin/" in what:
            in_admin += _leaks(said, HIDDEN)
        else:
            assert not _leaks(said, HIDDEN), what

    assert in_admin > 10


def test_the_walk_asks_for_every_address_of_the_resolver(archive: Archive) -> None:
    resolver = get_resolver()
    reached = set()
    for path in archive.paths():
        try:
            match = resolver.resolve(path)
        except Exception:  # noqa: S112  (those that lead nowhere are asked for on purpose)
            continue
        reached.add(match.view_name)

    assert set(LEVELS) - reached <= {"admin:"}


@pytest.mark.parametrize(
    "person",
    [
        "anonymous",
        "lapsed",
        "suspended",
        "seatless",
        "member",
        "editor",
        "chief_editor",
        "membership_staff",
        "auditor",
        "administrator",
    ],
)
def test_the_table_of_levels_holds_for_each_of_the_cast(
    request: pytest.FixtureRequest,
    archive: Archive,
    signed_in: Callable[[User], Client],
    person: str,
) -> None:
    """person × address → what a plain GET answers, by the level alone."""
    client = Client() if person == "anonymous" else signed_in(request.getfixturevalue(person))
    reads = person in ("member", "editor", "chief_editor", "membership_staff")
    has_role = person not in ("anonymous", "lapsed", "suspended", "seatless", "member")
    resolver = get_resolver()
    for path in archive.paths():
        try:
            level = LEVELS[resolver.resolve(path).view_name]
        except Exception:
            level = "none"
        if level == OPEN or path == reverse("account_logout"):
            continue
        answer = client.get(path)
        factories.content_of(answer)
        signs_in = answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")
        if person == "anonymous":
            assert signs_in, path
        elif level == MEMBER:
            assert (answer.status_code == 403) is (not reads), path
        elif level == ROLE:
            assert has_role or answer.status_code == 404, path
            assert not (has_role and answer.status_code == 302 and signs_in), path


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
def test_a_stranger_gets_the_same_answer_whether_an_address_exists_or_not(
    archive: Archive, method: str
) -> None:
    exists = f"/articles/{archive.article.pk}/"
    pairs = [
        (exists, "/articles/999999/"),
        (exists, "/nonsense/"),
        (exists, "/articles/abc"),
        ("/issues/", "/issuez/"),
        ("/admin/", "/adnim/"),
        ("/admin/newsletter/issue/", "/admin/newsletter/nothing/"),
        (f"/figures/{archive.figure.pk}/", "/figures/nothing2/"),
    ]
    for one, other in pairs:
        first, second = _said(Client(), one, method, {}), _said(Client(), other, method, {})
        assert first[0] == second[0] == 302
        assert first[1].replace(one, "") == second[1].replace(other, ""), (one, other)


@pytest.mark.parametrize(
    "path",
    [
        "//articles/{pk}/",
        "/articles//{pk}/",
        "/articles/{pk}",
        "/articles/{pk}//",
        "/ARTICLES/{pk}/",
        "/articles/%2e/{pk}/",
        "/articles/./{pk}/",
        "/static/../articles/{pk}/",
        "/static/%2e%2e/articles/{pk}/",
        "/accounts/login/../../articles/{pk}/",
        "/articles/{pk}/?next=/accounts/login/",
        "/articles/0{pk}/",
        "/articles/{pk};/",
    ],
)
def test_no_spelling_of_an_address_opens_it(archive: Archive, path: str) -> None:
    status, said = _said(Client(), path.format(pk=archive.article.pk), "GET", {})

    assert status in (302, 404)
    assert not _leaks(said, CANARY)


def test_gated_answers_are_never_kept_by_anybody(
    archive: Archive, member: User, signed_in: Callable[[User], Client]
) -> None:
    client = signed_in(member)
    for path in ("/", f"/articles/{archive.article.pk}/", f"/figures/{archive.figure.pk}/"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "private, no-store"
        assert "noindex" in answer["X-Robots-Tag"]
        assert not answer.has_header("ETag")
        assert not answer.has_header("Last-Modified")
        factories.content_of(answer)


def test_a_withdrawn_issue_is_gone_on_the_next_request(
    archive: Archive, member: User, signed_in: Callable[[User], Client]
) -> None:
    client = signed_in(member)
    paths = [
        f"/articles/{archive.article.pk}/",
        f"/issues/{archive.published.slug}/",
        f"/figures/{archive.figure.pk}/",
        f"/attachments/{archive.attachment_pk}/",
    ]
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200, path
        factories.content_of(answer)

    Issue.objects.filter(pk=archive.published.pk).update(status=Status.WITHDRAWN)

    for path in [*paths, "/", "/issues/", "/sections/"]:
        status, said = _said(client, path, "GET", {})
        assert not _leaks(said, CANARY), path
        assert status in (200, 404)
    assert Doubt.objects.count() == 2
