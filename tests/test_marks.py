"""One's own marks in an article: place, read, bookmark; whose they are, and what they cost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.models import Membership, User
from newsletter import reading
from newsletter.models import Article, Note, Reading
from newsletter.models.article import Online
from tests import factories
from tests.marks import BODY, FIRST, SCRIPT, WORDS, create_article, mark, marks

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]


@pytest.fixture
def article(db: None) -> Article:
    return create_article()


def test_an_article_nobody_has_touched_has_no_marks(
    member: User, signed_in: SignIn, article: Article
) -> None:
    assert marks(signed_in(member), article) == {
        "bookmarked": False,
        "finished": False,
        "block": "",
        "share": 0,
        "notes": [],
    }


def test_marks_cost_two_queries_besides_session_and_person_however_many_notes(
    member: User, signed_in: SignIn, article: Article
) -> None:
    client = signed_in(member)
    marks(client, article)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            marks(client, article)
        counts.append(len(asked))
        for _ in range(20):
            reading.add_note(article, reader=member, block="bfirst", text=WORDS)
    assert counts == [4, 4]


def test_the_page_of_an_article_asks_for_no_mark(
    member: User, signed_in: SignIn, article: Article
) -> None:
    reading.add_note(article, reader=member, block="bfirst", text=WORDS)
    client = signed_in(member)
    with CaptureQueriesContext(connection) as asked:
        page = client.get(article.get_absolute_url()).content.decode()
    tables = {Note._meta.db_table, Reading._meta.db_table}
    assert not [query for query in asked if any(table in query["sql"] for table in tables)]
    assert WORDS not in page


# Place and read mark ---------------------------------------------------------------------------


def test_a_place_is_kept_and_moves_on(member: User, signed_in: SignIn, article: Article) -> None:
    client = signed_in(member)
    for block, share in [("bfirst", "12"), ("bsecond", "41")]:
        answer = mark(client, article, "place", block=block, share=share)
        assert (answer.status_code, answer.content) == (204, b"")
    found = marks(client, article)
    assert (found["block"], found["share"], found["finished"]) == ("bsecond", 41, False)
    assert Reading.objects.count() == 1


@pytest.mark.parametrize("share", [94, 95, 100])
def test_the_end_of_the_text_marks_an_article_as_read(
    member: User, signed_in: SignIn, article: Article, share: int
) -> None:
    client = signed_in(member)
    mark(client, article, "place", block="bsecond", share=share)
    assert marks(client, article)["finished"] is (share >= 95)


def test_reading_again_from_the_start_leaves_an_article_read(
    member: User, signed_in: SignIn, article: Article
) -> None:
    client = signed_in(member)
    mark(client, article, "place", block="bsecond", share=100)
    mark(client, article, "place", block="bfirst", share=8)
    found = marks(client, article)
    assert (found["finished"], found["share"]) == (True, 8)


@pytest.mark.parametrize(
    ("block", "share"),
    [
        ("bfirst", ""),
        ("bfirst", "-1"),
        ("bfirst", "101"),
        ("bfirst", "4.5"),
        ("bfirst", "４１"),
        ("bfirst", "²"),
        ("bfirst", "0041"),
        ("bfirst", "1" * 5000),
        ("bfirst\n", "41"),
        ("first", "41"),
        ("b", "41"),
        ("b" * 17, "41"),
        ("b<script>", "41"),
        ("bfirst\0", "41"),
    ],
)
def test_what_is_no_place_is_refused_and_changes_nothing(
    member: User, signed_in: SignIn, article: Article, block: str, share: str
) -> None:
    client = signed_in(member)
    answer = mark(client, article, "place", block=block, share=share)
    assert answer.status_code == 400
    assert answer.json()["error"] == "阅读位置不对，没有记下。"
    assert not Reading.objects.exists()


def test_an_article_put_back_to_unread_is_begun_anew(
    member: User, signed_in: SignIn, article: Article
) -> None:
    client = signed_in(member)
    mark(client, article, "place", block="bsecond", share=100)
    mark(client, article, "finished", on="0")
    found = marks(client, article)
    assert (found["finished"], found["block"], found["share"]) == (False, "", 0)
    mark(client, article, "finished", on="1")
    assert marks(client, article)["finished"] is True


def test_a_mark_leaves_the_others_alone(member: User, signed_in: SignIn, article: Article) -> None:
    client = signed_in(member)
    mark(client, article, "bookmark", on="1")
    mark(client, article, "place", block="bfirst", share=41)
    mark(client, article, "finished", on="1")
    mark(client, article, "bookmark", on="0")
    found = marks(client, article)
    assert (found["bookmarked"], found["finished"], found["block"]) == (False, True, "bfirst")


def test_a_bookmark_set_twice_is_one_and_taken_away_is_none(
    member: User, signed_in: SignIn, article: Article
) -> None:
    client = signed_in(member)
    for on, expected in [("1", True), ("1", True), ("0", False), ("0", False), ("", False)]:
        assert mark(client, article, "bookmark", on=on).status_code == 204
        assert marks(client, article)["bookmarked"] is expected
    assert Reading.objects.count() == 1


def test_an_article_of_which_only_the_title_is_online_has_nothing_to_mark(
    member: User, signed_in: SignIn, article: Article
) -> None:
    Article.objects.filter(pk=article.pk).update(online=Online.LISTED)
    client = signed_in(member)
    for address, values in addresses(article):
        assert client.post(address, values, headers=SCRIPT).status_code == 404, address
    page = client.get(article.get_absolute_url()).content.decode()
    assert "引用" in page
    for address, _ in addresses(article):
        assert address not in page


# Whose they are, and for whom they are closed --------------------------------------------------


def addresses(article: Article) -> list[tuple[str, dict[str, str]]]:
    base = f"/me/articles/{article.pk}"
    return [
        (f"{base}/bookmark/", {"on": "1"}),
        (f"{base}/finished/", {"on": "1"}),
        (f"{base}/place/", {"block": "bfirst", "share": "41"}),
        (f"{base}/notes/", {"block": "bfirst", "text": WORDS}),
    ]


def test_nobody_sees_or_changes_the_marks_of_another(
    member: User, chief_editor: User, signed_in: SignIn, article: Article
) -> None:
    note = reading.add_note(article, reader=member, block="bfirst", text=WORDS)
    reading.keep_place(article, reader=member, block="bfirst", share=41)
    for other in [factories.create_member(), chief_editor]:
        client = signed_in(other)
        assert marks(client, article)["notes"] == []
        assert marks(client, article)["share"] == 0
        for values in [{"text": "改"}, {"delete": "1"}]:
            assert client.post(f"/me/notes/{note.pk}/", values).status_code == 404
        assert WORDS not in client.get("/me/notes/").content.decode()
        assert WORDS not in client.get(f"/me/articles/{article.pk}/").content.decode()
    note.refresh_from_db()
    assert note.text == WORDS


@pytest.mark.parametrize("state", ["draft", "withdrawn"])
def test_what_cannot_be_read_cannot_be_marked(
    member: User, signed_in: SignIn, article: Article, state: str
) -> None:
    note = reading.add_note(article, reader=member, block="bfirst", text=WORDS)
    reading.keep_place(article, reader=member, block="bfirst", share=41)
    if state == "draft":
        hidden = factories.create_article(factories.create_issue(published=False), body=BODY)
    else:
        hidden = article
        Article.objects.filter(pk=article.pk).update(withdrawn_at=timezone.now())
    client = signed_in(member)
    for address, values in addresses(hidden):
        assert client.post(address, values, headers=SCRIPT).status_code == 404, address
    for address in [f"/me/articles/{hidden.pk}/", f"/me/articles/{hidden.pk}/marks/"]:
        assert client.get(address).status_code == 404, address
    if state == "withdrawn":
        assert client.get("/me/resume/").json() == {}
        assert FIRST not in client.get("/me/notes/").content.decode()
        assert client.post(f"/me/notes/{note.pk}/", {"text": "改"}).status_code == 404
    assert Note.objects.get().text == WORDS


@pytest.mark.parametrize("who", ["lapsed", "suspended", "seatless"])
def test_whoever_may_not_read_gets_no_byte_through_their_marks(
    request: pytest.FixtureRequest, signed_in: SignIn, article: Article, who: str
) -> None:
    person: User = request.getfixturevalue(who)
    note = reading.add_note(article, reader=person, block="bfirst", text=WORDS)
    reading.keep_place(article, reader=person, block="bfirst", share=41)
    client = signed_in(person)
    looked = [
        *(f"/me/articles/{article.pk}/{what}" for what in ("", "marks/")),
        *("/me/notes/", "/me/resume/", "/me/reading/", "/me/bookmarks/"),
    ]
    for address in looked:
        answer = client.get(address, headers=SCRIPT)
        assert answer.status_code == 403, address
        assert FIRST not in answer.content.decode(), address
    for address, values in [*addresses(article), (f"/me/notes/{note.pk}/", {"text": "改"})]:
        assert client.post(address, values, headers=SCRIPT).status_code == 403, address
    assert Note.objects.get().text == WORDS
    assert not Reading.objects.filter(bookmarked_at__isnull=False).exists()


def test_marks_are_closed_with_the_next_request_after_a_lapse_and_there_again_afterwards(
    member: User, signed_in: SignIn, article: Article
) -> None:
    client = signed_in(member)
    mark(client, article, "notes", block="bfirst", text=WORDS)
    today = timezone.localdate()
    Membership.objects.update(last_day=today - dt.timedelta(days=1))
    assert client.get(f"/me/articles/{article.pk}/marks/").status_code == 403
    Membership.objects.update(last_day=today)
    assert [note["text"] for note in marks(client, article)["notes"]] == [WORDS]


def test_a_stranger_is_sent_to_sign_in_and_leaves_no_mark(client: Client, article: Article) -> None:
    for address, values in addresses(article):
        answer = client.post(address, values, headers=SCRIPT)
        assert answer.status_code == 302, address
        assert answer["Location"].startswith("/accounts/login/"), address
    assert not Reading.objects.exists()
    assert not Note.objects.exists()


def test_a_mark_needs_the_token_of_its_form(member: User, article: Article) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)
    for address, values in addresses(article):
        assert client.post(address, values, headers=SCRIPT).status_code == 403, address
    assert not Reading.objects.exists()


def test_marks_are_set_by_post_alone(member: User, signed_in: SignIn, article: Article) -> None:
    client = signed_in(member)
    for address, values in addresses(article):
        assert client.get(address, values).status_code == 405, address
    assert client.post(f"/me/articles/{article.pk}/marks/").status_code == 405
    assert not Reading.objects.exists()


def test_nothing_of_ones_marks_is_kept_by_a_cache(
    member: User, signed_in: SignIn, article: Article
) -> None:
    client = signed_in(member)
    for address in [f"/me/articles/{article.pk}/marks/", "/me/resume/", "/me/notes/"]:
        assert client.get(address)["Cache-Control"] == "private, no-store", address


# Without a script ------------------------------------------------------------------------------


def test_a_form_goes_back_to_where_it_stood_and_nowhere_else(
    member: User, signed_in: SignIn, article: Article
) -> None:
    client = signed_in(member)
    address = f"/me/articles/{article.pk}/bookmark/"
    home = article.get_absolute_url()
    for wanted, reached in [
        ("/me/bookmarks/?page=2", "/me/bookmarks/?page=2"),
        ("", home),
        ("https://elsewhere.example/", home),
        ("//elsewhere.example/", home),
        ("/\\elsewhere.example/", home),
        ("javascript:alert(1)", home),
        ("/\t/elsewhere.example/", home),
    ]:
        answer = client.post(address, {"on": "1", "next": wanted})
        assert (answer.status_code, answer["Location"]) == (302, reached), wanted


# 继续阅读 --------------------------------------------------------------------------------------


def test_what_is_offered_again_is_what_was_left_last_and_is_not_read_to_its_end(
    member: User, signed_in: SignIn, article: Article
) -> None:
    client = signed_in(member)
    assert client.get("/me/resume/").json() == {}
    others = [factories.create_article(article.issue, body=BODY) for _ in range(3)]
    mark(client, article, "place", block="bfirst", share=41)
    mark(client, others[0], "place", block="bsecond", share=100)  # read
    mark(client, others[1], "bookmark", on="1")  # only kept
    mark(client, others[2], "place", block="", share=0)  # only opened
    assert client.get("/me/resume/").json() == {
        "title": article.title,
        "url": f"{article.get_absolute_url()}#bfirst",
        "issue": str(article.issue),
        "share": 41,
    }
