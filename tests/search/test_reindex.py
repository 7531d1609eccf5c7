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
from newsletter.search import engine, index, rebuild, search
from tests import factories
from tests.search.texts import found, publish

pytestmark = pytest.mark.django_db


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
