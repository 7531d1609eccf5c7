"""The walk: every address, as each of the cast, with a canary in every content field.

No byte of a canary may appear where it may not be, whatever the method or the headers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import models
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from members.models import User
from newsletter.importing import draft
from newsletter.models import Article, Doubt, Figure, IncomingFile, Issue, Section
from newsletter.models.article import Online
from newsletter.models.issue import Status
from tests import factories
from tests.addresses import LEVELS, MEMBER, OPEN, ROLE

CANARY = "金丝雀"
# Content that members read; what only editors see carries another word.
PUBLISHED, HIDDEN = f"{CANARY}已发", f"{CANARY}未发"

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


@dataclass
class Archive:
    """What there is to leak: an issue that is out, one that is not, and pieces of both."""

    published: Issue
    draft: Issue
    article: Article
    withdrawn: Article
    listed: Article
    hidden: Article
    figure: Figure
    hidden_figure: Figure
    incoming: IncomingFile
    attachment_pk: int
    hidden_attachment_pk: int
    listed_attachment_pk: int

    def paths(self) -> Iterator[str]:
        """Every address of the resolver, with every argument that leads to something."""
        articles = [self.article, self.withdrawn, self.listed, self.hidden]
        issues = [self.published, self.draft]
        arguments: dict[str, Sequence[object]] = {
            "newsletter:issue": [issue.slug for issue in issues] + ["1999-1"],
            "newsletter:section": [Section.objects.order_by("order")[0].slug, "no-such"],
            "newsletter:article": [article.pk for article in articles] + [999999],
            "newsletter:figure": [self.figure.pk, self.hidden_figure.pk, "nothing2"],
            "newsletter:attachment": [
                self.attachment_pk,
                self.hidden_attachment_pk,
                self.listed_attachment_pk,
                999999,
            ],
            "admin:newsletter_issue_report": [self.incoming.pk],
            "admin:newsletter_figure_preview": [self.figure.pk, self.hidden_figure.pk],
            "admin:newsletter_attachment_preview": [self.attachment_pk, self.hidden_attachment_pk],
            "admin:app_list": ["newsletter", "members"],
            "admin:auth_user_password_change": [User.objects.all()[0].pk],
        }
        for name in LEVELS:
            if name in ("admin:", "account_reset_password_from_key"):
                continue
            model = name.removeprefix("admin:").split("_")
            found: Sequence[object]
            if name in arguments:
                found = arguments[name]
            elif model[0] == "newsletter" and model[-1] in _OF_ONE:
                found = [row.pk for row in _rows(model[1], issues, articles)]
            elif model[0] == "members" and model[-1] in _OF_ONE:
                found = [1]
            else:
                yield reverse(name)
                continue
            for argument in found:
                yield reverse(name, args=[argument])
        yield from ("/admin/r/1/1/", "/admin/nonsense/", "/accounts/", "/nonsense/", "/issues")
        yield reverse("account_reset_password_from_key", args=["1", "set-password"])
        yield f"/media/{self.figure.image.name}"
        yield f"/{self.figure.image.name}"


_OF_ONE = ("change", "delete", "history", "preview", "doubts", "publish", "withdraw", "restore")


def _rows(model: str, issues: list[Issue], articles: list[Article]) -> list[models.Model]:
    match model:
        case "issue":
            return list(issues)
        case "article":
            return list(articles)
    return list(Section.objects.order_by("order")[:1])


def _article(issue: Issue, word: str, **fields: object) -> Article:
    """An article with `word` in every field that takes text."""
    texts = {
        field.name: f"{word}·{field.name}"
        for field in Article._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
        and not field.choices
        and field.name not in ("original_url", "body")
    }
    return factories.create_article(
        issue,
        **texts
        | {"original_url": f"https://example.org/{word}", "body": f"<p>{word}·body</p>"}
        | fields,
    )


@pytest.fixture
def archive(db: None, editor: User) -> Archive:
    texts = ("periodical", "cover_line", "publisher", "permit_number", "recipients", "printer")
    words: dict[str, Any] = {name: f"{PUBLISHED}·{name}" for name in texts}
    published = factories.create_issue(**words)
    words = {name: f"{HIDDEN}·{name}" for name in texts}
    hidden_issue = factories.create_issue(published=False, **words)
    article = _article(published, PUBLISHED)
    withdrawn = _article(published, HIDDEN, withdrawn_at=timezone.now())
    listed = _article(
        published,
        HIDDEN,
        online=Online.LISTED,
        # What a table of contents may say of it.
        title=f"{PUBLISHED}·目录",
        kicker="",
        subtitle="",
        source="",
        document_number="",
        author="",
        original_title="",
        original_url="",
        editor="",
        proofreader="",
    )
    hidden = _article(hidden_issue, HIDDEN)
    figures = [
        factories.create_figure(
            owner, caption=word, alternative=word, image=factories.png(text=f"canary {word}")
        )
        for owner, word in ((article, PUBLISHED), (hidden, HIDDEN))
    ]
    for owner, figure in zip((article, hidden), figures, strict=True):
        owner.body += f'<figure data-figure="{figure.pk}"><figcaption>图</figcaption></figure>'
        owner.save()
    attachments = [
        factories.create_attachment(owner, name=f"{word}.bin", content=word.encode())
        for owner, word in ((article, PUBLISHED), (hidden, HIDDEN), (listed, HIDDEN))
    ]
    for owner in (article, hidden):
        factories.create_doubt(
            owner.issue, article=owner, message=f"{HIDDEN}·存疑", excerpt=f"{HIDDEN}·原文"
        )
    received = draft.keep_file(f"{HIDDEN}·来稿".encode(), name=f"{HIDDEN}.txt", by=editor)
    return Archive(
        published,
        hidden_issue,
        article,
        withdrawn,
        listed,
        hidden,
        figures[0],
        figures[1],
        received,
        attachments[0].pk,
        attachments[1].pk,
        attachments[2].pk,
    )


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
        assert "IHDR" not in said, what

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
