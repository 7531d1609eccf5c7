"""From the file to the draft issue in the database."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from members.models import AuditEntry, User
from newsletter import body, publishing
from newsletter.exports.json import issue_document
from newsletter.importing import receive
from newsletter.importing.errors import ImportRefused
from newsletter.models import Article, Doubt, Figure, IncomingFile, Issue, Section
from newsletter.models.article import Online, ReprintBasis
from newsletter.models.issue import Status
from portal.demo import SAMPLES
from tests import factories
from tests.samples import SAMPLE, import_sample

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.txt")), ids=lambda path: path.stem)
def test_each_sample_comes_in_whole_with_its_pictures(path: Path) -> None:
    found = receive.from_path(path)
    issue = receive.keep(found, by=factories.create_user())

    assert found.lost == 0
    assert issue.status == Status.DRAFT
    assert issue.articles.count() >= 8
    assert issue.articles.values("section").distinct().count() == 4
    figures = Figure.objects.filter(article__issue=issue)
    assert figures.count() >= 3
    assert not figures.filter(image="").exists()
    # Asked of the table: an instance without sizes would open its file to find them.
    assert set(figures.values_list("width", "height")) == {(1600, 900)}
    assert not issue.doubts.filter(kind="figure-image").exists()
    for article in issue.articles.all():
        assert article.body == body.clean(article.body)


def test_figures_stand_in_the_body_by_their_id() -> None:
    issue = import_sample()
    article = issue.articles.filter(figures__isnull=False).distinct().get()

    placed = body.figure_captions(article.body)

    assert placed == {figure.pk: figure.caption for figure in article.figures.all()}
    assert [figure.number for figure in article.figures.all()] == ["图1", "图2", "图3", "图4"]


def test_the_command_prints_the_report_and_keeps_the_doubts_as_rows(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("import_issue", str(SAMPLE))

    said = capsys.readouterr().out
    issue = Issue.objects.get()
    for title in issue.articles.values_list("title", flat=True):
        assert title[:10] in said or "同" in said
    for doubt in issue.doubts.all():
        assert doubt.message in said
    assert "丢失 0" in said


def test_an_import_is_recorded_with_who_did_it_and_the_file_is_kept(editor: User) -> None:
    issue = import_sample(by=editor.member_number)

    entry = AuditEntry.objects.get(action="issue.import")
    received = IncomingFile.objects.get()
    assert entry.actor == editor.audit_ref
    assert entry.subject == str(issue.pk)
    assert received.issue == issue
    assert received.received_by == editor
    with received.file.open("rb") as file:
        assert file.read() == SAMPLE.read_bytes()


def test_without_a_name_the_command_line_is_recorded() -> None:
    import_sample()

    assert AuditEntry.objects.get(action="issue.import").actor_kind == "command"


def test_an_unknown_name_is_refused_before_anything_is_read() -> None:
    with pytest.raises(CommandError, match="没有会员号"):
        import_sample(by="NOBODY")

    assert not Issue.objects.exists()


def test_publish_publishes_at_once() -> None:
    issue = import_sample(publish=True)

    assert issue.is_published
    assert issue.version == 1


def test_a_second_import_of_the_same_issue_is_refused_and_changes_nothing() -> None:
    issue = import_sample()
    before = issue_document(issue)

    with pytest.raises(CommandError, match="已在库中"):
        import_sample()

    assert issue_document(Issue.objects.get()) == before
    assert IncomingFile.objects.count() == 1


def test_replace_refuses_a_published_issue() -> None:
    issue = import_sample(publish=True)
    before = issue_document(issue)

    with pytest.raises(CommandError, match="已发布"):
        import_sample(replace=True)

    assert issue_document(Issue.objects.get()) == before


def test_replace_keeps_addresses_blocks_and_what_was_decided_by_hand(tmp_path: Path) -> None:
    issue = import_sample()
    articles = list(issue.articles.order_by("order"))
    renamed, edited = articles[0], articles[1]
    edited.reprint_basis = ReprintBasis.GOVERNMENT
    edited.online = Online.LISTED
    edited.editor = "某编辑"
    edited.save()
    figures = list(Figure.objects.values_list("pk", "image"))
    settled = issue.doubts.first()
    assert settled is not None
    publishing.settle(settled, state=Doubt.State.WAIVED, by=factories.create_user())

    # The printer's second file: one title mended, two articles in another order.
    text = SAMPLE.read_text(encoding="utf-8")
    assert text.count(renamed.title) >= 2
    changed = tmp_path / "2026-3.txt"
    text = text.replace(renamed.title, f"{renamed.title}（修订）")
    # Every line moves: what was settled stays settled.
    changed.write_text("\n\n" + text, encoding="utf-8")
    again = import_sample(changed, replace=True)

    assert again.pk == issue.pk
    assert [article.pk for article in again.articles.order_by("order")] == [
        article.pk for article in articles
    ]
    first = Article.objects.get(pk=renamed.pk)
    assert first.title.endswith("（修订）")
    assert first.body == renamed.body
    second = Article.objects.get(pk=edited.pk)
    assert second.body == edited.body
    assert (second.reprint_basis, second.online, second.editor) == (
        "government",
        "listed",
        "某编辑",
    )
    assert [pk for pk, _ in figures] == list(Figure.objects.values_list("pk", flat=True))
    # The second file came without pictures: those that are there stay.
    assert figures == list(Figure.objects.values_list("pk", "image"))
    assert again.doubts.filter(kind=settled.kind, state=Doubt.State.WAIVED).exists()


def test_a_replaced_issue_in_review_is_a_draft_again() -> None:
    issue = import_sample()
    Issue.objects.filter(pk=issue.pk).update(status=Status.APPROVED, approved_hash="x")

    again = import_sample(replace=True)

    assert again.status == Status.DRAFT
    assert again.approved_hash == ""
    assert AuditEntry.objects.filter(action="issue.reopen").count() == 1


def test_an_article_that_is_no_longer_in_the_file_goes(tmp_path: Path) -> None:
    issue = import_sample()
    last = issue.articles.order_by("order").last()
    assert last is not None
    text = SAMPLE.read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    titles = [number for number, line in enumerate(lines) if last.title in line]
    colophon = next(number for number, line in enumerate(lines) if line.startswith("准印证号"))
    kept = [
        line
        for number, line in enumerate(lines)
        if number != titles[0] and not titles[-1] <= number < colophon
    ]
    shorter = tmp_path / "2026-3.txt"
    shorter.write_text("".join(kept), encoding="utf-8")

    again = import_sample(shorter, replace=True)

    assert again.articles.count() == issue.articles.count()
    assert not Article.objects.filter(pk=last.pk).exists()


def test_an_import_that_fails_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.core.files.storage import default_storage

    def names() -> set[str]:
        return {
            f"{folder}/{name}"
            for folder in ("figures", "incoming")
            if default_storage.exists(folder)
            for name in default_storage.listdir(folder)[1]
        }

    before = names()
    # The fourth picture is broken: by then articles, figures and files have been written.
    found = receive.from_path(SAMPLE)
    owner = next(article for article in found.draft.articles if len(article.figures) >= 3)
    owner.figures[-1].image = b"not a picture"

    with pytest.raises(ImportRefused, match="图片"):
        receive.keep(found, by=factories.create_user())

    assert not Issue.objects.exists()
    assert not Article.objects.exists()
    assert not IncomingFile.objects.exists()
    assert not AuditEntry.objects.filter(action="issue.import").exists()
    assert names() == before


def test_a_taken_serial_is_refused_with_a_sentence() -> None:
    factories.create_issue(serial=78, year=1999, number=1)

    with pytest.raises(CommandError, match="总期号"):
        import_sample()

    assert Issue.objects.count() == 1


@pytest.mark.parametrize(
    "data",
    [b"", b"\x00\x01\x02" * 400, "从前有座山，山里有座庙。\n\n".encode() * 500, b"%PDF-1.7 ...."],
    ids=["empty", "binary", "novel", "pdf"],
)
def test_what_is_no_issue_is_refused_with_a_sentence(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(data)

    with pytest.raises(CommandError) as refusal:
        call_command("import_issue", str(path))

    assert any("\u4e00" <= character <= "\u9fff" for character in str(refusal.value))
    assert not Issue.objects.exists()
    assert not IncomingFile.objects.exists()


def test_a_new_section_is_added_at_the_end(tmp_path: Path) -> None:
    text = SAMPLE.read_text(encoding="utf-8").replace("热点问题", "会员之声")
    path = tmp_path / "2026-3.txt"
    path.write_text(text, encoding="utf-8")

    issue = import_sample(path)

    section = Section.objects.get(name="会员之声")
    assert section.order == 5
    assert issue.articles.filter(section=section).exists()


def test_a_figure_number_that_is_printed_twice_is_one_picture(tmp_path: Path) -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    captions = [line for line in text.splitlines() if line.startswith("图2")]
    assert len(captions) == 1
    path = tmp_path / "2026-3.txt"
    path.write_text(text.replace("图3", "图2", 1), encoding="utf-8")

    issue = import_sample(path)

    article = issue.articles.get(figures__number="图4")
    assert [figure.number for figure in article.figures.all()] == ["图1", "图2", "图4"]
