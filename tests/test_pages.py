"""The reader's pages: what they show, and that they cost the same however large the archive."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.models import User
from newsletter.models import Article, Figure, Issue, Section
from newsletter.models.article import Online
from newsletter.models.issue import Status
from tests import factories

SignIn = Callable[[User], Client]


def make_archive(issues: int) -> list[Article]:
    """Issues of 13 articles over the four sections, each article with figure and attachment."""
    sections = list(Section.objects.order_by("order"))
    made: list[Article] = []
    for _ in range(issues):
        issue = factories.create_issue()
        made += Article.objects.bulk_create(
            Article(
                issue=issue,
                section=sections[number * 4 // 13],
                order=number + 1,
                title=f"{issue}之{number + 1}",
                body="<p>正文</p>",
                printed_page=number * 6 + 2,
            )
            for number in range(13)
        )
    return made


def queries(client: Client, path: str) -> list[str]:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(path).status_code == 200, path
    return [query["sql"] for query in captured.captured_queries]


@pytest.fixture
def page_paths(member: User) -> Callable[[], list[tuple[str, int]]]:
    """Each page with how many queries it may take, session and person included."""

    def paths() -> list[tuple[str, int]]:
        issue = Issue.objects.published()[0]
        article = issue.articles.order_by("order")[6]
        return [
            ("/", 4),
            ("/issues/", 5),
            (f"/issues/{issue.slug}/", 6),
            ("/sections/", 4),
            (f"/sections/{article.section.slug}/", 5),
            (f"/articles/{article.pk}/", 4),
        ]

    return paths


def test_every_page_takes_a_constant_few_queries(
    member: User, signed_in: SignIn, page_paths: Callable[[], list[tuple[str, int]]]
) -> None:
    client = signed_in(member)
    make_archive(3)
    for path, _ in page_paths():
        client.get(path)  # a new connection asks SQLite once whether it knows JSON
    few = {path.split("/")[1]: len(queries(client, path)) for path, _ in page_paths()}
    make_archive(60)

    for path, allowed in page_paths():
        asked = queries(client, path)
        assert len(asked) <= allowed, (path, asked)
    many = {path.split("/")[1]: len(queries(client, path)) for path, _ in page_paths()}

    assert many == few


def test_the_gate_asks_two_questions_and_an_article_two_more(
    member: User, signed_in: SignIn
) -> None:
    article = make_archive(2)[6]
    figure = factories.create_figure(article)
    factories.create_attachment(article)
    article.body += f'<figure data-figure="{figure.pk}"><figcaption>甲</figcaption></figure>'
    article.save()
    client = signed_in(member)

    me = queries(client, "/join/")
    asked = queries(client, f"/articles/{article.pk}/")

    assert len(me) == 2  # session, person with entitlement
    assert len(asked) == 4
    assert "django_session" in asked[0]
    assert "members_user" in asked[1]


def test_no_body_is_loaded_that_is_not_shown(
    member: User, signed_in: SignIn, page_paths: Callable[[], list[tuple[str, int]]]
) -> None:
    make_archive(3)
    client = signed_in(member)

    for path, _ in page_paths():
        loading = [sql for sql in queries(client, path) if '"newsletter_article"."body"' in sql]
        if path.startswith("/articles/"):
            assert len(loading) == 1
            # Its own and no neighbour's.
            assert loading[0].count('"newsletter_article"."body"') == 1
        else:
            assert loading == [], path


def test_home_shows_the_latest_issue_by_section_in_printed_order(
    member: User, signed_in: SignIn
) -> None:
    older = factories.create_issue(year=2030, number=1, serial=93)
    newer = factories.create_issue(year=2030, number=2, serial=94)
    news, rules = Section.objects.order_by("order")[:2]
    factories.create_article(newer, section=rules, order=1, title="规则在先")
    factories.create_article(newer, section=news, order=2, title="新闻在后", printed_page=17)
    factories.create_article(older, title="上一期的文章")

    page = signed_in(member).get("/").content.decode()

    assert page.index("规则在先") < page.index("新闻在后")
    assert page.index(rules.name) < page.index(news.name)
    assert "17" in page
    assert "上一期的文章" not in page
    assert older.get_absolute_url() in page


def test_home_before_anything_is_published_says_so(member: User, signed_in: SignIn) -> None:
    factories.create_issue(published=False)

    answer = signed_in(member).get("/")

    assert answer.status_code == 200
    assert "还没有" in answer.content.decode()


def test_an_article_page_shows_every_field_that_is_set(member: User, signed_in: SignIn) -> None:
    issue = factories.create_issue()
    fields = {
        "kicker": "引题文字",
        "title": "标题文字",
        "subtitle": "副题文字",
        "lead": "导读一\n导读二",
        "source": "来源文字",
        "document_number": "样发〔2026〕1号",
        "author": "作者文字",
        "original_title": "原标题文字",
        "editor": "责编文字",
        "proofreader": "校对文字",
        "body": "<h2>一、小节</h2><p>段落文字</p>",
    }
    article = factories.create_article(issue, printed_page=7, **fields)

    page = signed_in(member).get(f"/articles/{article.pk}/").content.decode()

    for text in [*fields.values(), "导读一", "导读二", "一、小节", "段落文字"]:
        assert "\n" in text or text.startswith("<") or text in page, text
    assert issue.slug in page
    assert article.section.get_absolute_url() in page


def test_previous_and_next_keep_to_the_issue_and_skip_what_was_withdrawn(
    member: User, signed_in: SignIn
) -> None:
    issue = factories.create_issue()
    first, second, third, fourth = (
        factories.create_article(issue, title=f"第{word}篇") for word in "一二三四"
    )
    factories.create_article(factories.create_issue(), title="别期的文章")
    Article.objects.filter(pk=third.pk).update(withdrawn_at=timezone.now())
    client = signed_in(member)

    page = client.get(f"/articles/{second.pk}/").content.decode()

    assert f"/articles/{first.pk}/" in page
    assert f"/articles/{fourth.pk}/" in page
    assert "第三篇" not in page
    assert "别期的文章" not in page
    assert client.get(f"/articles/{third.pk}/").status_code == 404


def test_an_article_that_is_only_listed_says_where_it_can_be_read(
    member: User, signed_in: SignIn
) -> None:
    issue = factories.create_issue()
    article = factories.create_article(
        issue, online=Online.LISTED, title="只列标题", printed_page=33, body="<p>秘密</p>"
    )

    contents = signed_in(member).get(issue.get_absolute_url()).content.decode()
    page = signed_in(member).get(f"/articles/{article.pk}/").content.decode()

    assert "只列标题" in contents
    assert "仅存目" in contents
    assert "仅存目" in page
    assert "33" in page
    assert "秘密" not in page


def test_a_figure_that_was_not_received_says_so(member: User, signed_in: SignIn) -> None:
    article = factories.create_article(factories.create_issue())
    figure = Figure.objects.create(article=article, number="图2", caption="走势")
    article.body = f'<figure data-figure="{figure.pk}"><figcaption>走势</figcaption></figure>'
    article.save()
    client = signed_in(member)

    page = client.get(f"/articles/{article.pk}/").content.decode()

    assert "图2" in page
    assert "此图暂缺" in page
    assert client.get(f"/figures/{figure.pk}/").status_code == 404


def test_a_figure_leaves_as_the_picture_it_is_and_runs_nothing(
    member: User, signed_in: SignIn
) -> None:
    article = factories.create_article(factories.create_issue())
    picture = factories.png(text="figure")
    figure = factories.create_figure(article, image=picture)

    answer = signed_in(member).get(f"/figures/{figure.pk}/")

    assert factories.content_of(answer) == picture
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_an_attachment_is_saved_under_its_chinese_name(member: User, signed_in: SignIn) -> None:
    article = factories.create_article(factories.create_issue())
    attachment = factories.create_attachment(article, name="附表“一”.html", content=b"<script>")

    answer = signed_in(member).get(attachment.get_absolute_url())

    assert answer["Content-Disposition"].startswith("attachment;")
    assert "filename*=utf-8''%E9%99%84" in answer["Content-Disposition"]
    assert answer["Content-Type"] == "application/octet-stream"
    assert factories.content_of(answer) == b"<script>"


def test_the_archive_is_by_year_newest_first_and_can_be_narrowed(
    member: User, signed_in: SignIn
) -> None:
    serial = 40
    for year in (2028, 2029, 2030):
        for number in (1, 2, 3, 4):
            serial += 1
            factories.create_issue(year=year, number=number, serial=serial)
    client = signed_in(member)

    page = client.get("/issues/").content.decode()
    narrowed = client.get("/issues/?year=2029").content.decode()
    nonsense = client.get("/issues/?year=1066&page=zwölf")

    assert page.index("/issues/2030-4/") < page.index("/issues/2030-1/")
    assert page.index("/issues/2030-1/") < page.index("/issues/2028-4/")
    assert "/issues/2029-3/" in narrowed
    assert "/issues/2030-1/" not in narrowed
    assert nonsense.status_code == 200


def test_long_lists_are_cut_into_pages(member: User, signed_in: SignIn) -> None:
    make_archive(45)
    client = signed_in(member)
    section = Section.objects.order_by("order")[0]

    for path, most in (("/issues/", 40), (f"/sections/{section.slug}/", 30)):
        first = client.get(path).content.decode()
        second = client.get(f"{path}?page=2").content.decode()
        what = "/issues/2" if path == "/issues/" else 'href="/articles/'
        assert 0 < first.count(what) <= most * 2, path
        assert second.count(what) > 0, path


def test_a_drafts_new_section_is_not_told(member: User, signed_in: SignIn) -> None:
    section = Section.objects.create(slug="coming", name="机密栏目", order=9)
    article = factories.create_article(factories.create_issue(published=False), section=section)
    client = signed_in(member)

    assert "机密栏目" not in client.get("/sections/").content.decode()
    assert client.get("/sections/coming/").status_code == 404
    Issue.objects.filter(pk=article.issue_id).update(
        status=Status.PUBLISHED, published_at=timezone.now(), version=1
    )
    assert "机密栏目" in client.get("/sections/").content.decode()
    assert client.get("/sections/coming/").status_code == 200


def test_sections_show_the_latest_few_of_each(member: User, signed_in: SignIn) -> None:
    make_archive(4)
    latest = Issue.objects.published()[0]

    page = signed_in(member).get("/sections/").content.decode()

    for section in Section.objects.all():
        assert section.get_absolute_url() in page
    assert page.count('href="/articles/') == 4 * 5
    assert f"{latest}之1" in page


@pytest.mark.parametrize("slug", ["2030-01", "02030-1", "2030-5", "2030-0"])
def test_an_issue_has_one_address(member: User, signed_in: SignIn, slug: str) -> None:
    factories.create_issue(year=2030, number=1, serial=93)

    assert signed_in(member).get(f"/issues/{slug}/").status_code == 404
    assert signed_in(member).get("/issues/2030-1/").status_code == 200


def test_previous_and_next_issue_are_those_that_are_published(
    member: User, signed_in: SignIn
) -> None:
    one, two, three = (
        factories.create_issue(year=2030, number=number, serial=92 + number) for number in (1, 2, 3)
    )
    Issue.objects.filter(pk=two.pk).update(status=Status.WITHDRAWN)

    page = signed_in(member).get(three.get_absolute_url()).content.decode()

    assert one.get_absolute_url() in page
    assert two.get_absolute_url() not in page


def test_pages_name_nothing_from_outside(member: User, signed_in: SignIn) -> None:
    make_archive(2)
    client = signed_in(member)
    article = Article.objects.first()
    assert article is not None
    for path in ("/", "/issues/", "/sections/", f"/articles/{article.pk}/", "/me/", "/join/"):
        # Its own address stands in the article, to be copied.
        page = client.get(path).content.decode().replace('value="http://testserver/', 'value="/')
        assert "http://" not in page.replace("http://www.w3.org/", ""), path
        assert "https://" not in page, path
        assert 'lang="zh-Hans"' in page


@pytest.mark.parametrize(("path", "status"), [("/articles/999999/", 404), ("/no-such/", 404)])
def test_error_pages_are_ours(member: User, signed_in: SignIn, path: str, status: int) -> None:
    answer = signed_in(member).get(path)

    assert answer.status_code == status
    assert "找不到" in answer.content.decode() or "没有" in answer.content.decode()


def test_a_fault_of_ours_gets_a_calm_page(
    member: User, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise RuntimeError("金丝雀")

    monkeypatch.setattr("newsletter.views.pages.by_section", fail)
    factories.create_issue()
    client = signed_in(member)
    client.raise_request_exception = False

    answer = client.get("/")

    assert answer.status_code == 500
    page = answer.content.decode()
    assert "金丝雀" not in page
    assert 'lang="zh-Hans"' in page


def test_a_form_without_its_token_gets_our_page(member: User) -> None:
    client = Client(enforce_csrf_checks=True)

    answer = client.post("/accounts/login/", {"login": "x", "password": "y"})

    assert answer.status_code == 403
    assert 'lang="zh-Hans"' in answer.content.decode()
