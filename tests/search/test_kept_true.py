"""Every act that changes what may be read changes the index, in the same transaction."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from members.models import User
from newsletter import publishing
from newsletter.exports.json import issue_document
from newsletter.importing import read_json
from newsletter.importing.draft import save as save_draft
from newsletter.models import Article, Issue, SearchEntry, SearchText, Section
from newsletter.models.article import Online
from newsletter.models.search import issues_of
from newsletter.search import rebuild, search
from tests import factories
from tests.search.texts import found, issue_of, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def issue(db: None) -> Issue:
    made = issue_of(2026, 1, published=False)
    for number in range(3):
        factories.create_article(made, title=f"第{number}篇", body="<p>税收</p>")
    return made


def is_true() -> bool:
    """The index says what the articles say, and of the same articles."""
    entries = set(SearchEntry.objects.values_list("article", flat=True))
    readable = set(Article.objects.searchable().values_list("pk", flat=True))
    texts = set(SearchText.objects.values_list("entry", flat=True))
    keys = set(SearchEntry.objects.values_list("key", flat=True))
    return entries == readable and texts == keys and rebuild.differences() == 0


def test_publishing_and_withdrawing_an_issue(
    issue: Issue, member: User, chief_editor: User
) -> None:
    assert found("税收", member) == []

    publishing.publish(issue, by=chief_editor)
    assert len(found("税收", member)) == 3
    assert is_true()
    publishing.withdraw(issue, by=chief_editor, reason="有误")
    assert found("税收", member) == []
    assert not SearchEntry.objects.exists()
    publishing.publish(issue, by=chief_editor)
    assert len(found("税收", member)) == 3
    assert is_true()


def test_withdrawing_and_restoring_one_article(
    issue: Issue, member: User, chief_editor: User
) -> None:
    publishing.publish(issue, by=chief_editor)
    first, second, third = issue.articles.order_by("order")

    publishing.withdraw_article(second, by=chief_editor, reason="版权")
    assert found("税收", member) == [first, third]
    assert is_true()
    publishing.restore_article(second, by=chief_editor)
    assert found("税收", member) == [first, second, third]
    assert is_true()


@pytest.mark.parametrize(
    ("field", "value", "query"),
    [
        ("title", "财政题", "财政题"),
        ("contents_title", "目录财政", "目录财政"),
        ("kicker", "财政引", "财政引"),
        ("subtitle", "财政副", "财政副"),
        ("lead", "财政导读", "财政导读"),
        ("source", "财政部", "财政部"),
        ("document_number", "财政〔2026〕1号", "财政〔2026〕1号"),
        ("body", "<p>财政文</p>", "财政文"),
    ],
)
def test_correcting_any_text_of_a_published_article(
    field: str, value: str, query: str, member: User
) -> None:
    article, other = publish(
        "<p>税收</p>", "<p>财务</p>", **({} if field == "body" else {field: "旧文字"})
    )
    setattr(article, field, value)
    article.save()

    assert found(query, member) == [article]
    assert found("税收" if field == "body" else "旧文字", member) == (
        [] if field == "body" else [other]
    )
    assert is_true()


def test_taking_an_article_offline_and_back(member: User) -> None:
    (article,) = publish("<p>税收</p>")

    article.online = Online.LISTED
    article.save()
    assert found("税收", member) == []
    article.online = Online.FULL
    article.save(update_fields=["online"])
    assert found("税收", member) == [article]
    assert is_true()


def test_a_section_changed_is_counted_anew(member: User) -> None:
    (article,) = publish("<p>税收</p>")
    article.section = Section.objects.get(slug="policy")
    article.save()

    assert search("税收", user=member, section="policy").total == 1
    assert is_true()


def test_a_section_renamed_or_a_new_one_needs_nothing(member: User) -> None:
    publish("<p>税收</p>")
    Section.objects.filter(pk=Article.objects.get().section_id).update(name="新名", slug="new")

    (value,) = search("税收", user=member).facets["section"]
    assert (value.label, value.value) == ("新名", "new")


def test_articles_put_in_another_order(member: User) -> None:
    one, two, three = publish("<p>税收</p>", "<p>税收</p>", "<p>税收</p>")

    one.issue.reorder({one.pk: 3, two.pk: 1, three.pk: 2})

    assert found("税收", member) == [two, three, one]
    assert is_true()


def test_an_order_changed_in_the_admin(
    member: User, chief_editor: User, signed_in: Callable[[User], Client]
) -> None:
    one, two = publish("<p>税收</p>", "<p>税收</p>")
    issue = one.issue
    form: dict[str, Any] = {
        "year": issue.year, "number": issue.number, "serial": issue.serial,
        "frequency": issue.frequency, "periodical": issue.periodical,
        "articles-TOTAL_FORMS": 2, "articles-INITIAL_FORMS": 2,
    }  # fmt: skip
    for at, (article, order) in enumerate([(one, 2), (two, 1)]):
        form |= {
            f"articles-{at}-id": article.pk,
            f"articles-{at}-issue": issue.pk,
            f"articles-{at}-order": order,
            f"articles-{at}-section": article.section_id,
            f"articles-{at}-online": article.online,
        }

    answer = signed_in(chief_editor).post(f"/admin/newsletter/issue/{issue.pk}/change/", form)

    assert answer.status_code == 302, answer.content.decode()
    assert found("税收", member) == [two, one]
    assert is_true()


def test_an_issue_numbered_anew(member: User) -> None:
    older = factories.create_article(issue_of(2020, 1), body="<p>税收</p>")
    newer = factories.create_article(issue_of(2021, 1), body="<p>税收</p>")
    newer.issue.year = 2019
    newer.issue.save()

    assert found("税收", member) == [older, newer]
    assert search("税收", user=member, issue="2019-1").total == 1
    keys = SearchEntry.objects.values_list("key", flat=True)
    assert set(issues_of(keys)) == {(2020, 1), (2019, 1)}
    assert is_true()


@pytest.mark.parametrize("how", ["article", "queryset", "issue", "issues"])
def test_deleting_leaves_nothing(how: str, member: User) -> None:
    (article,) = publish("<p>税收</p>")
    {
        "article": article.delete,
        "queryset": Article.objects.all().delete,
        "issue": article.issue.delete,
        "issues": Issue.objects.all().delete,
    }[how]()

    assert search("税收", user=member).total == 0
    # Deleting issues in bulk goes past the articles: what it leaves shows nothing.
    assert how == "issues" or not SearchEntry.objects.exists()


def test_a_key_that_an_orphan_holds_is_free_again(member: User) -> None:
    publish("<p>旧文字</p>")
    year, number = Issue.objects.values_list("year", "number").get()
    Issue.objects.all().delete()
    again = factories.create_issue(year=year, number=number)
    article = factories.create_article(again, body="<p>新文字</p>")

    assert found("新文字", member) == [article]
    assert found("旧文字", member) == []
    assert is_true()


def test_an_import_in_the_place_of_a_withdrawn_issue(
    issue: Issue, member: User, chief_editor: User
) -> None:
    publishing.publish(issue, by=chief_editor)
    document = issue_document(issue)
    document["articles"][0]["body"] = "<p>财政</p>"
    publishing.withdraw(issue, by=chief_editor, reason="有误")
    draft = read_json.read_json(json.dumps(document).encode())
    again = save_draft(draft, by=chief_editor, replace=True)
    assert not SearchEntry.objects.exists()

    publishing.publish(again, by=chief_editor)
    assert len(found("税收", member)) == 2
    assert len(found("财政", member)) == 1
    assert is_true()


class Undone(Exception):
    pass


def test_what_is_rolled_back_changes_nothing_in_the_index(
    issue: Issue, member: User, chief_editor: User
) -> None:
    acts: list[Callable[[], Any]] = [
        lambda: publishing.publish(issue, by=chief_editor),
        lambda: publishing.withdraw(issue, by=chief_editor, reason="x"),
        lambda: publishing.withdraw_article(issue.articles.all()[0], by=chief_editor, reason="x"),
        lambda: issue.articles.all()[0].delete(),
        lambda: Issue.objects.get(pk=issue.pk).delete(),
        lambda: Article(pk=issue.articles.all()[0].pk, issue=issue, order=1, title="改",
                        section=Section.objects.all()[0], body="<p>改</p>").save(),
    ]  # fmt: skip
    for number, act in enumerate(acts):
        before = found("税收", member)
        with suppress(Undone), transaction.atomic():
            act()
            assert found("税收", member) != before
            raise Undone
        assert found("税收", member) == before
        assert is_true()
        if number == 0:
            publishing.publish(issue, by=chief_editor)
            issue.refresh_from_db()
    assert len(found("税收", member)) == 3


def test_an_act_fails_with_its_index(
    issue: Issue, chief_editor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("newsletter.search.index.refresh_issue", fail)
    with pytest.raises(RuntimeError):
        publishing.publish(issue, by=chief_editor)

    issue.refresh_from_db()
    assert not issue.is_published
