"""Nobody finds, counts or is told of what they may not read, whatever the index holds."""

from __future__ import annotations

import itertools

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from members.models import User
from newsletter import publishing
from newsletter.models import Article, Issue, SearchEntry, Section
from newsletter.models.article import Online
from newsletter.models.issue import Status
from newsletter.search import Results, search
from newsletter.search.engine import READABLE
from tests import factories
from tests.search.texts import found, publish

pytestmark = pytest.mark.django_db
WORD = "金丝雀"


def says_nothing(results: Results) -> bool:
    told = (results.total, results.hits, results.suggestions, results.capped)
    counts = [one.count for values in results.facets.values() for one in values]
    # The filters that were chosen stay, with nothing in them.
    return told == (0, [], [], False) and not any(counts)


@pytest.mark.parametrize(
    "person",
    ["lapsed", "suspended", "seatless", "auditor", "administrator", "nobody"],
)
def test_who_may_not_read_finds_and_learns_nothing(
    person: str, request: pytest.FixtureRequest
) -> None:
    publish(f"<p>{WORD}</p>", source=WORD, title=WORD)
    user = AnonymousUser() if person == "nobody" else request.getfixturevalue(person)

    for query in (WORD, f"{WORD} 无此", f"“{WORD}无此”", f"{WORD}无此一词"):
        assert says_nothing(search(query, user=user))
        assert says_nothing(search(query, user=user, year=1999))


def test_who_loses_the_membership_finds_nothing_from_the_next_search_on(member: User) -> None:
    publish(f"<p>{WORD}</p>")
    assert search(WORD, user=member).total == 1

    User.objects.filter(pk=member.pk).update(suspended_at=timezone.now())
    assert says_nothing(search(WORD, user=User.objects.get(pk=member.pk)))


@pytest.mark.parametrize("person", ["member", "editor", "chief_editor", "membership_staff"])
def test_drafts_withdrawn_and_listed_articles_are_not_told_of(
    person: str, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(person)
    fields = {"title": WORD, "source": WORD, "lead": WORD, "body": f"<h2>{WORD}</h2>"}
    for status in set(Status) - {Status.PUBLISHED}:
        issue = factories.create_issue(published=False, status=status, scheduled_for=timezone.now())
        factories.create_article(issue, **fields)
    issue = factories.create_issue()
    factories.create_article(issue, **fields, online=Online.LISTED)
    factories.create_article(issue, **fields, withdrawn_at=timezone.now())

    for query in (WORD, f"{WORD} 无此", f"“{WORD}无此”", f"{WORD}无此一词"):
        assert says_nothing(search(query, user=user))
        assert says_nothing(search(query, user=user, year=1999, section="policy"))
    assert not SearchEntry.objects.exists()


STATES = list(itertools.product(Status, Online, [False, True]))


@pytest.mark.parametrize(("status", "online", "withdrawn"), STATES)
def test_a_stale_index_shows_nothing_that_may_not_be_read(
    status: Status, online: Online, withdrawn: bool, member: User
) -> None:
    """The rows are changed behind the index's back, which no code of ours does."""
    (article,) = publish(f"<p>{WORD}</p>", title=WORD, source=WORD)
    Issue.objects.update(status=status, scheduled_for=timezone.now())
    Article.objects.update(online=online, withdrawn_at=timezone.now() if withdrawn else None)
    assert SearchEntry.objects.filter(article=article).exists()
    readable = Article.objects.readable_by(member).exists()

    results = search(WORD, user=member)
    assert (results.total == 1) == bool(results.hits) == readable
    assert readable or says_nothing(results)
    for query in (f"{WORD} 无此", f"“{WORD}无此”", f"{WORD}无此一词"):
        suggested = search(query, user=member).suggestions
        assert readable or not suggested


def test_the_section_of_a_draft_is_not_named(member: User) -> None:
    publish("<p>税收</p>")
    section = Section.objects.create(name=WORD, slug="coming-soon", order=99)
    draft = factories.create_issue(published=False)
    factories.create_article(draft, section=section, body=f"<p>{WORD}</p>")

    for query in ("税收", WORD):
        results = search(query, user=member, section="coming-soon")
        assert (results.total, results.facets["section"][1:]) == (0, [])
        assert all(WORD not in one.label for one in results.facets["section"])


def test_an_entry_without_its_article_shows_nothing(member: User) -> None:
    publish(f"<p>{WORD}</p>")
    SearchEntry.objects.update(article=None)
    assert says_nothing(search(WORD, user=member))
    SearchEntry.objects.update(issue=None)
    assert says_nothing(search(WORD, user=member))


def test_what_members_may_read_is_what_the_engine_asks_for(member: User) -> None:
    """The engine asks for the few that are not readable; here both ways are held together."""
    for status, online, withdrawn in itertools.product(Status, Online, [False, True]):
        issue = factories.create_issue(
            status=status, scheduled_for=timezone.now(), published_at=timezone.now(), version=1
        )
        article = factories.create_article(
            issue, online=online, withdrawn_at=timezone.now() if withdrawn else None
        )
        SearchEntry.objects.filter(article=article).delete()
        SearchEntry.objects.create(key=article.pk, article=article, issue=issue)
    asked = SearchEntry.objects.raw(
        f"SELECT * FROM newsletter_searchentry e WHERE {READABLE}"  # noqa: S608
    )

    assert {entry.article_id for entry in asked} == set(
        Article.objects.readable_by(member).values_list("pk", flat=True)
    )


def test_a_withdrawal_takes_counts_and_suggestions_with_it(
    member: User, chief_editor: User
) -> None:
    kept, taken = publish("<p>减税</p>", f"<p>减税 {WORD}</p>", source="甲处")
    taken.source = "乙处"
    taken.save()
    assert len(search("减税", user=member).facets["source"]) == 2

    publishing.withdraw_article(taken, by=chief_editor, reason="版权")

    assert found("减税", member) == [kept]
    assert [one.value for one in search("减税", user=member).facets["source"]] == ["甲处"]
    assert [one.query for one in search(f"减税 {WORD}", user=member).suggestions] == ["减税"]
