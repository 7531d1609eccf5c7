"""批注: written, changed, refused in a sentence; kept through corrections of the text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from lxml import html

from members.models import User
from newsletter import reading
from newsletter.models import Article, Note
from newsletter.models.reading import EXCERPT_LENGTH, NOTE_LENGTH
from tests.marks import FIRST, SCRIPT, SECOND, WORDS, create_article, mark, marks

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]


@pytest.fixture
def article(db: None) -> Article:
    return create_article()


def test_a_note_is_written_changed_and_deleted(
    member: User, signed_in: SignIn, article: Article
) -> None:
    client = signed_in(member)
    answer = mark(client, article, "notes", block="bfirst", text=f"  {WORDS}\n")
    assert answer.status_code == 201
    written = answer.json()
    day = timezone.localdate()
    assert written == {
        "id": Note.objects.get().pk,
        "block": "bfirst",
        "excerpt": FIRST,
        "text": WORDS,
        "written": f"{day.year}年{day.month}月{day.day}日",
    }
    assert marks(client, article)["notes"] == [written]

    address = f"/me/notes/{written['id']}/"
    changed = client.post(address, {"text": "已经对过。"}, headers=SCRIPT)
    assert changed.json() == written | {"text": "已经对过。"}
    assert client.post(address, {"delete": "1"}, headers=SCRIPT).status_code == 204
    assert marks(client, article)["notes"] == []
    assert client.post(address, {"text": "再改"}, headers=SCRIPT).status_code == 404


def test_notes_come_in_the_order_in_which_they_were_written(
    member: User, signed_in: SignIn, article: Article
) -> None:
    client = signed_in(member)
    for text in "甲乙丙":
        mark(client, article, "notes", block="bfirst", text=text)
    mark(client, article, "notes", block="bhead1", text="丁")
    assert [note["text"] for note in marks(client, article)["notes"]] == list("甲乙丙丁")


@pytest.mark.parametrize(
    ("block", "text", "sentence"),
    [
        ("bfirst", "", "请先写下批注，再保存。"),
        ("bfirst", " \r\n\t　", "请先写下批注，再保存。"),
        ("bfirst", "\0", "请先写下批注，再保存。"),
        (
            "bfirst",
            "字" * (NOTE_LENGTH + 1),
            f"批注最多{NOTE_LENGTH}字，现有{NOTE_LENGTH + 1}字。请分成几条。",
        ),
        ("bother", WORDS, "文中找不到这一段，可能刚刚订正过。请刷新页面，再写一次。"),
        ("", WORDS, "文中找不到这一段，可能刚刚订正过。请刷新页面，再写一次。"),
        ("\0", WORDS, "文中找不到这一段，可能刚刚订正过。请刷新页面，再写一次。"),
    ],
)
def test_a_note_without_words_or_paragraph_is_refused_in_a_sentence(
    member: User, signed_in: SignIn, article: Article, block: str, text: str, sentence: str
) -> None:
    answer = mark(signed_in(member), article, "notes", block=block, text=text)
    assert (answer.status_code, answer.json()) == (400, {"error": sentence})
    assert not Note.objects.exists()


def test_lines_count_as_the_box_counts_them(
    member: User, signed_in: SignIn, article: Article
) -> None:
    """A form sends CR LF for each line end (HTML Standard, section 4.10.22.7)."""
    client = signed_in(member)
    lines = "\r\n".join(["字"] * (NOTE_LENGTH // 2))
    answer = mark(client, article, "notes", block="bfirst", text=lines)
    assert answer.status_code == 201
    assert answer.json()["text"] == lines.replace("\r\n", "\n")


def test_what_is_no_character_does_not_reach_the_database(
    member: User, signed_in: SignIn, article: Article
) -> None:
    answer = mark(signed_in(member), article, "notes", block="bfirst", text="前\0后")
    assert answer.json()["text"] == "前后"


def test_markup_in_a_note_stays_words(member: User, signed_in: SignIn, article: Article) -> None:
    client = signed_in(member)
    text = "<script>alert(1)</script>&amp;"
    assert mark(client, article, "notes", block="bfirst", text=text).json()["text"] == text
    desk = client.get(f"/me/articles/{article.pk}/").content.decode()
    assert "<script>alert" not in desk
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;" in desk


def test_a_note_may_stand_at_a_heading_or_a_table_and_not_in_a_cell(
    member: User, signed_in: SignIn, article: Article
) -> None:
    client = signed_in(member)
    for block in ["bhead1", "btable"]:
        assert mark(client, article, "notes", block=block, text=WORDS).status_code == 201
    table = Note.objects.get(block="btable")
    assert table.excerpt == "甲12"


def test_a_paragraph_is_remembered_by_its_first_words(
    member: User, signed_in: SignIn, article: Article
) -> None:
    article.body = f'<p id="blong1">{"长" * 500}</p>'
    article.save()
    note = reading.add_note(article, reader=member, block="blong1", text=WORDS)
    assert note.excerpt == "长" * EXCERPT_LENGTH


def test_notes_have_a_bound(
    member: User, signed_in: SignIn, article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "NOTES_AN_ARTICLE", 2)
    client = signed_in(member)
    assert [
        mark(client, article, "notes", block="bfirst", text=text).status_code for text in "甲乙丙"
    ] == [201, 201, 400]


def test_a_form_is_asked_before_a_note_goes(
    member: User, signed_in: SignIn, article: Article
) -> None:
    client = signed_in(member)
    note = reading.add_note(article, reader=member, block="bfirst", text=WORDS)
    address = f"/me/notes/{note.pk}/"
    asked = client.post(address, {"delete": "1", "next": "/me/notes/?page=2"})
    assert asked.status_code == 200
    assert WORDS in asked.content.decode()
    assert 'value="/me/notes/?page=2"' in asked.content.decode()
    kept = client.post(address, {"keep": "1", "text": "", "next": "/me/notes/?page=2"})
    assert (kept.status_code, kept["Location"]) == (302, "/me/notes/?page=2")
    assert Note.objects.exists()
    gone = client.post(address, {"delete": "sure"}, follow=True)
    assert gone.redirect_chain == [("/me/notes/", 302)]
    assert "批注已删除。" in gone.content.decode()
    assert not Note.objects.exists()


# After a correction ----------------------------------------------------------------------------


def test_notes_go_with_their_paragraph_through_a_correction(member: User, article: Article) -> None:
    same = reading.add_note(article, reader=member, block="bsecond", text="同一段")
    moved = reading.add_note(article, reader=member, block="bfirst", text="改过几个字的一段")
    article.body = (
        f'<p id="bnew01">新加的一段，说的是别的事。</p><p id="bnew02">{FIRST[:-3]}落实。</p>'
        f'<p id="bsecond">{SECOND}</p>'
    )
    article.save()
    reading.hang_notes(article)
    same.refresh_from_db()
    moved.refresh_from_db()
    assert same.block == "bsecond"
    assert (moved.block, moved.excerpt) == ("bnew02", f"{FIRST[:-3]}落实。")


def test_a_note_whose_paragraph_is_gone_keeps_its_words_and_its_place_is_the_beginning(
    member: User, signed_in: SignIn, article: Article
) -> None:
    client = signed_in(member)
    mark(client, article, "notes", block="bfirst", text=WORDS)
    mark(client, article, "place", block="bfirst", share=41)
    article.body = '<p id="bother">全然是另一件事：河道清淤的年度安排。</p>'
    article.save()
    reading.hang_notes(article)
    found = marks(client, article)
    assert [(note["block"], note["excerpt"], note["text"]) for note in found["notes"]] == [
        ("bfirst", FIRST, WORDS)
    ]
    assert found["block"] == ""


def test_a_figure_without_words_does_not_draw_a_note_to_itself(
    member: User, article: Article
) -> None:
    """Two empty texts are alike, and say nothing about each other."""
    article.body = f'<figure id="bfig01" data-figure="fig1"></figure><p id="bfirst">{FIRST}</p>'
    article.save()
    note = reading.add_note(article, reader=member, block="bfig01", text=WORDS)
    article.body = f'<p id="bfirst">{FIRST}</p><figure id="bfig02" data-figure="fig2"></figure>'
    article.save()
    reading.hang_notes(article)
    note.refresh_from_db()
    assert note.block == "bfig01"


def test_a_note_outlives_its_article(member: User, signed_in: SignIn, article: Article) -> None:
    note = reading.add_note(article, reader=member, block="bfirst", text=WORDS)
    Article.objects.filter(pk=article.pk).delete()
    client = signed_in(member)
    page = client.get("/me/notes/").content.decode()
    assert WORDS in page
    assert "企业夜谈" in page
    assert FIRST not in page, "what is gone is not read on in a quotation"
    answer = client.post(f"/me/notes/{note.pk}/", {"text": ""}, headers=SCRIPT)
    assert (answer.status_code, answer.json()) == (400, {"error": "请先写下批注，再保存。"})
    typed = "字" * (NOTE_LENGTH + 1)
    again = client.post(f"/me/notes/{note.pk}/", {"text": typed})
    assert again.status_code == 400
    assert typed in again.content.decode()


# Without a script ------------------------------------------------------------------------------


def test_a_refused_note_comes_back_with_what_was_typed(
    member: User, signed_in: SignIn, article: Article
) -> None:
    client = signed_in(member)
    typed = "字" * (NOTE_LENGTH + 1)
    answer = client.post(f"/me/articles/{article.pk}/notes/", {"block": "bsecond", "text": typed})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert typed in page
    assert "请分成几条" in page
    assert '<option value="bsecond" selected>' in page


def test_the_desk_names_every_paragraph_once_and_takes_the_one_it_was_asked_for(
    member: User, signed_in: SignIn, article: Article
) -> None:
    page = signed_in(member).get(f"/me/articles/{article.pk}/?block=bsecond").content.decode()
    for block in ["bhead1", "bfirst", "bsecond", "btable"]:
        assert page.count(f'<option value="{block}"') == 1
    assert page.count(" selected") == 1
    assert '<option value="bsecond" selected>' in page


def test_under_a_note_the_form_for_another_one_waits_folded(
    article: Article, member: User, signed_in: SignIn
) -> None:
    client = signed_in(member)
    desk = f"/me{article.get_absolute_url()}"
    form = f"//form[@action='{desk}notes/']"

    def folded(answer: Any) -> list[bool]:
        page = html.fromstring(answer.content)
        assert len(page.xpath(form)) == 1
        return ["open" not in found.attrib for found in page.xpath(f"{form}/ancestor::details")]

    assert folded(client.get(desk)) == [], "nothing to fold away under"
    reading.add_note(article, reader=member, block="bfirst", text=WORDS)
    assert folded(client.get(desk)) == [True]
    assert folded(client.post(f"{desk}notes/", {"block": "bfirst", "text": ""})) == [False]
