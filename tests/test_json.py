"""An issue written out as JSON, and read back to an equal one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from members.models import AuditEntry
from newsletter import publishing
from newsletter.exports.json import issue_document
from newsletter.models import Article, Attachment, Doubt, Figure, IncomingFile, Issue, Section
from newsletter.models.article import Online
from newsletter.models.issue import Status
from tests import factories
from tests.samples import import_sample

pytestmark = pytest.mark.django_db


def exported(issue: Issue, folder: Path) -> Path:
    path = folder / f"{issue.slug}.json"
    call_command("export_issue", issue.slug, output=path, verbosity=0)
    return path


def comparable(issue: Issue) -> dict[str, Any]:
    """The document without what an import does not bring back: states and row numbers."""
    document = issue_document(issue)
    document.pop("state")
    for article in document["articles"]:
        article.pop("id")
    return document


def test_an_exported_issue_comes_back_equal(tmp_path: Path) -> None:
    issue = import_sample(publish=True)
    first = issue.articles.order_by("order")[0]
    first.author, first.online = "某作者", Online.LISTED
    first.save()
    factories.create_attachment(first, name="附表：样例.xlsx", content=bytes(range(256)))
    doubt = issue.doubts.first()
    assert doubt is not None
    publishing.settle(doubt, state=Doubt.State.MENDED, by=factories.create_user())
    before = comparable(issue)
    path = exported(issue, tmp_path)
    Doubt.objects.all().delete()
    IncomingFile.objects.all().delete()
    Issue.objects.all().delete()
    assert not Attachment.objects.exists()

    again = import_sample(path)

    assert comparable(again) == before
    assert again.status == Status.DRAFT


def test_an_exported_issue_replaces_its_draft(tmp_path: Path) -> None:
    issue = import_sample()
    path = exported(issue, tmp_path)
    before = comparable(issue)
    issue.articles.update(title="改坏了", lead="改坏了")

    again = import_sample(path, replace=True)

    assert comparable(again) == before


def test_a_section_that_was_renamed_since_is_known_by_its_address(tmp_path: Path) -> None:
    issue = import_sample()
    path = exported(issue, tmp_path)
    Section.objects.filter(slug="policy").update(name="政策解读与问答")

    again = import_sample(path, replace=True)

    assert again.articles.filter(section__name="政策解读与问答").exists()
    assert Section.objects.count() == 4


def test_the_document_names_every_field_of_the_models(tmp_path: Path) -> None:
    """A field added later must be exported too, or be named here with its reason."""
    issue = import_sample()
    document = json.loads(exported(issue, tmp_path).read_text(encoding="utf-8"))
    derived = {
        Issue: {
            # How far it has come is told in "state"; an import always makes a draft.
            *("id", "status", "version", "published_at", "created_at"),
            *("approved_hash", "scheduled_for", "withdrawn_at", "withdrawal_reason"),
        },
        Article: {"issue_id", "order", "withdrawn_at", "withdrawal_reason"},
        Figure: {"article_id", "order", "width", "height"},
        Doubt: {"id", "issue_id", "order", "settled_by_id", "settled_at"},
    }
    article = next(found for found in document["articles"] if found["figures"])
    examples = {
        Issue: document["issue"],
        Article: article,
        Figure: article["figures"][0],
        Doubt: document["doubts"][0],
    }
    for model, example in examples.items():
        names = {field.attname for field in model._meta.concrete_fields} - derived[model]
        assert names - set(example) - {f"{name}_id" for name in example} == set()


def test_the_export_is_written_whole_or_not_at_all_and_for_its_owner_alone(tmp_path: Path) -> None:
    issue = import_sample()
    path = exported(issue, tmp_path)

    assert path.stat().st_mode & 0o077 == 0
    assert [found.name for found in tmp_path.iterdir()] == [path.name]
    assert AuditEntry.objects.filter(action="issue.export", subject=str(issue.pk)).count() == 1
    with pytest.raises(CommandError, match="写不了"):
        call_command("export_issue", issue.slug, output=tmp_path / "no" / "x.json")


@pytest.mark.parametrize("name", ["1999-1", "nonsense", "2026-03", "２０２６-3"])
def test_an_issue_that_is_not_there_is_said_so(tmp_path: Path, name: str) -> None:
    with pytest.raises(CommandError, match="没有"):
        call_command("export_issue", name, output=tmp_path / "x.json")


@pytest.mark.parametrize(
    "mutate",
    [
        lambda document: document.pop("articles"),
        lambda document: document.update(version=99),
        lambda document: document["articles"][0].update(section="no-such"),
        lambda document: document["articles"][0].update(title=""),
        lambda document: document["issue"].update(serial="many"),
        lambda document: document["issue"].update(number=9),
        lambda document: document["doubts"][0].update(kind="nonsense"),
        lambda document: document["doubts"][0].update(article=99),
        lambda document: document["articles"][0].update(original_url="javascript:alert(1)"),
        lambda document: document["articles"][0].update(printed_page="twelve"),
        lambda document: document["articles"][0].update(body=None),
        lambda document: document.update(format="other"),
        lambda document: document["articles"][0].update(source=None),
        lambda document: document["issue"].update(year="abc"),
        lambda document: document["issue"].update(year=[1]),
        lambda document: document["issue"].update(year=True),
        lambda document: document["issue"].update(serial=10**30),
        lambda document: document["articles"][0].update(title=["x"]),
        lambda document: document["articles"][0].update(lead={"x": 1}),
        lambda document: document["articles"][0].update(title="\ud800"),
        lambda document: document["articles"][0]["figures"].append(
            {"id": '"><x', "number": "", "caption": "", "alternative": "", "image": ""}
        ),
        lambda document: document.update(doubts=document["doubts"][:1] * 5000),
        lambda document: document.update(articles=document["articles"] * 50),
        lambda document: document["articles"][0]["figures"].append(
            {"id": "x", "number": "图1", "caption": "甲" * 999, "alternative": "", "image": ""}
        ),
    ],
)
def test_a_damaged_document_is_refused_and_nothing_is_kept(tmp_path: Path, mutate: Any) -> None:
    issue = import_sample()
    document = issue_document(issue)
    Issue.objects.all().delete()
    IncomingFile.objects.all().delete()
    mutate(document)
    path = tmp_path / "2026-3.json"
    path.write_text(json.dumps(document), encoding="utf-8")

    with pytest.raises(CommandError) as refusal:
        call_command("import_issue", str(path))

    assert any("\u4e00" <= character <= "\u9fff" for character in str(refusal.value))
    assert not Issue.objects.exists()
    assert not IncomingFile.objects.exists()
