"""`manage.py reindex`: the index made anew, mended and checked."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from members.models import User
from newsletter.models import Article, SearchEntry, SearchText
from newsletter.models.article import Online
from newsletter.search import engine, index, rebuild, search, sqlite
from newsletter.search.rows import read
from tests import factories
from tests.search.texts import found, publish

pytestmark = pytest.mark.django_db


# By engine: what befalls the terms of one entry.
DAMAGES = {
    "sqlite": [
        """INSERT INTO newsletter_search_all (newsletter_search_all, rowid, terms)
        VALUES ('delete', %(key)s, %(terms)s)""",
        """INSERT INTO newsletter_search_heading (newsletter_search_heading, rowid, terms)
        VALUES ('delete', %(key)s, '税收')""",
        "INSERT INTO newsletter_search_all (rowid, terms) VALUES (%(key)s, '财政')",
        "INSERT INTO newsletter_search_title (rowid, terms) VALUES (1, '税收')",
    ],
    "postgresql": [
        "UPDATE newsletter_searchentry SET terms = terms[2:] WHERE key = %(key)s",
        "UPDATE newsletter_searchentry SET terms = terms || 7 WHERE key = %(key)s",
        "UPDATE newsletter_searchtext SET units = '' WHERE entry_id = %(key)s",
        "DELETE FROM newsletter_search_places WHERE key = %(key)s",
        "UPDATE newsletter_search_places SET titles = '{}' WHERE key = %(key)s",
        "UPDATE newsletter_search_places SET heading_units = '' WHERE key = %(key)s",
    ],
}


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("reindex", *arguments, stdout=out)
    return out.getvalue()


def lose_the_terms() -> None:
    """As if the engine's own tables were damaged."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for place in ("all", "heading", "title"):
                table = f"newsletter_search_{place}"
                cursor.execute(f"INSERT INTO {table} ({table}) VALUES ('delete-all')")  # noqa: S608
        else:
            cursor.execute("UPDATE newsletter_searchentry SET terms = NULL")
            cursor.execute("DELETE FROM newsletter_search_places")


def test_everything_is_found_again_after_all_was_lost(member: User) -> None:
    in_text, in_title = publish("<p>税收</p>", "<p>无</p>")
    in_title.title = "税收"
    in_title.save()
    lose_the_terms()
    assert found("税收", member) == []

    assert run() == "检索索引已重建，共 2 篇。\n"
    assert found("税收", member) == [in_title, in_text]
    SearchEntry.objects.all().delete()
    assert run("-v2").endswith("检索索引已重建，共 2 篇。\n")
    assert found("税收", member) == [in_title, in_text]
    in_text.body = "<p>改</p>"
    in_text.save()
    assert found("税收", member) == [in_title]


def test_what_was_changed_behind_the_index_is_found_out_and_mended(member: User) -> None:
    changed, hidden, moved, gone, kept = publish(*["<p>税收</p>"] * 5)
    assert "共 5 篇" in run("--check")
    Article.objects.filter(pk=changed.pk).update(body='<p id="bpara2">财政</p>')
    Article.objects.filter(pk=hidden.pk).update(online=Online.LISTED)
    Article.objects.filter(pk=moved.pk).update(order=9)
    SearchEntry.objects.filter(article=gone.pk).update(article=None)
    Article.objects.filter(pk=gone.pk).update(online=Online.LISTED)

    with pytest.raises(CommandError, match="5 处"):
        run("--check")
    assert len(found("税收", member)) < 5
    run()
    assert "共 3 篇" in run("--check")
    assert found("税收", member) == [kept, moved]
    assert found("财政", member) == [changed]


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(damage, marks=getattr(pytest.mark, vendor))
        for vendor, damages in DAMAGES.items()
        for damage in damages
    ],
)
def test_terms_that_are_not_those_of_the_text_are_found_out_and_mended(
    damage: str, member: User
) -> None:
    kept, damaged = publish("<h2>税收</h2><p>第3期</p>", "<h2>税收</h2><p>第3期</p>")
    key = SearchEntry.objects.get(article=damaged).key
    text = sqlite.terms(read(SearchText.objects.get(pk=key).rows))
    assert "共 2 篇" in run("--check")
    with connection.cursor() as cursor:
        cursor.execute(damage, {"key": key, "terms": text})

    with pytest.raises(CommandError, match="索引有 1 处与文章不符"):
        run("--check")
    run()
    assert "共 2 篇" in run("--check")
    assert found("税收", member) == found("第3期", member) == [kept, damaged]


@pytest.mark.sqlite
@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM newsletter_search_all_data WHERE id > 10",
        "UPDATE newsletter_search_heading_data SET block = zeroblob(9) WHERE id > 10",
        "DROP TABLE newsletter_search_title",
    ],
)
def test_where_a_table_of_terms_cannot_be_read_every_entry_is_wrong(
    damage: str, member: User
) -> None:
    publish("<h2>税收</h2>", "<p>税收</p>")
    with connection.cursor() as cursor:
        cursor.execute(damage)

    with pytest.raises(CommandError, match="2 处"):
        run("--check")
    run()
    assert "共 2 篇" in run("--check")
    assert len(found("税收", member)) == 2


def test_all_terms_of_all_entries_are_checked_a_batch_at_a_time(
    member: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine.engine(), "_BATCH", 2)
    publish(*["<p>税收</p>"] * 5)
    assert "共 5 篇" in run("--check")
    lose_the_terms()

    with pytest.raises(CommandError, match="5 处"):
        run("--check")
    run()
    assert "共 5 篇" in run("--check")


def test_a_word_of_any_length_is_checked() -> None:
    publish(f"<p>税{'é' * 40_000}收</p>")

    assert rebuild.differences() == 0


def test_a_rebuilt_index_can_be_changed_like_the_old_one(member: User) -> None:
    one, two = publish("<p>税收</p>", "<p>财政</p>")
    run()
    one.body = "<p>财政</p>"
    one.save()
    two.delete()

    assert found("财政", member) == [one]
    assert found("税收", member) == []
    assert rebuild.differences() == 0


def test_searches_go_on_and_changes_are_kept_while_it_is_rebuilt(
    member: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two batches others search, correct, take away and publish."""
    monkeypatch.setattr(engine.engine(), "_BATCH", 2)
    monkeypatch.setattr(rebuild, "BATCH", 2)
    articles = publish(*["<p>税收</p>"] * 8)

    def correct(article: Article) -> None:
        article.body = "<p>财政</p>"
        article.save()

    # Once in the first half, then after each batch of terms, which are written last to first.
    acts: list[Callable[[], Any]] = [
        lambda: correct(articles[0]),
        lambda: correct(articles[7]),
        lambda: correct(articles[1]),
        articles[6].delete,
        lambda: publish("<p>财政</p>"),
    ]
    seen: list[int] = []

    def told(done: int) -> None:
        seen.append(len(found("税收", member)) + len(found("财政", member)))
        if len(seen) >= 4 and acts:
            acts.pop(0)()

    rebuild.rebuild(told)

    assert not acts
    assert min(seen) >= 7
    assert len(found("税收", member)) == 4
    assert len(found("财政", member)) == 4
    assert rebuild.differences() == 0
    articles[7].delete()
    assert len(found("财政", member)) == 3


def test_a_rebuilding_that_failed_leaves_the_old_index_and_can_be_begun_again(
    member: User,
) -> None:
    publish("<p>税收</p>")

    def told(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine.engine().rebuild(told)
    assert len(found("税收", member)) == 1
    run()
    assert len(found("税收", member)) == 1


def test_an_archive_of_the_release_before_is_indexed_by_the_migration(member: User) -> None:
    """With the models as they were then; the migration itself runs in every test run."""
    (readable,) = publish("<p>税收</p>", title="题")
    publish("<p>税收</p>", online=Online.LISTED)
    factories.create_article(factories.create_issue(published=False), body="<p>税收</p>")
    index.forget(Article.objects.values_list("pk", flat=True))
    assert not SearchText.objects.exists()

    index.fill(MigrationLoader(connection).project_state(("newsletter", "0004_search")).apps)

    assert found("税收", member) == [readable]
    assert search("题", user=member).hits[0].title == "<mark>题</mark>"
    assert rebuild.differences() == 0
    assert SearchText.objects.count() == 1


def test_one_rebuilding_at_a_time(db: None) -> None:
    cache.add("reindex-running", value=True)

    with pytest.raises(CommandError, match="另一个 reindex 正在运行"):
        call_command("reindex")

    cache.delete("reindex-running")
    call_command("reindex", verbosity=0)
    call_command("reindex", verbosity=0)


def test_an_entry_without_its_text_is_told_and_mended(member: User) -> None:
    publish("<p>税收</p>")
    SearchText.objects.all().delete()

    with pytest.raises(CommandError, match="不符"):
        run("--check")
    run()

    assert "索引无误" in run("--check")
    assert len(found("税收", member)) == 1
