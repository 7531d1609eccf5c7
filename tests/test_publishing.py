"""Publishing, withdrawing, settling: what each verb allows, and what it leaves behind."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from members import audit
from members.models import AuditEntry, User
from newsletter import publishing
from newsletter.models import Article, Doubt, Issue
from newsletter.models.article import Online
from newsletter.models.issue import Frequency, Status
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(db: None) -> Issue:
    issue = factories.create_issue(published=False, year=2030, number=1, serial=93)
    factories.create_article(issue)
    return issue


def test_publishing_opens_the_issue_and_counts_the_version(
    draft: Issue, member: User, chief_editor: User
) -> None:
    assert not Issue.objects.readable_by(member).exists()

    issue = publishing.publish(draft, by=chief_editor)

    assert Issue.objects.readable_by(member).get() == issue
    assert issue.version == 1
    assert issue.published_at is not None
    entry = AuditEntry.objects.get(action="issue.publish")
    assert entry.actor == chief_editor.audit_ref
    assert entry.detail == {"before": "draft", "version": 1}


def test_withdrawing_closes_it_and_publishing_again_is_the_next_version(
    draft: Issue, member: User, chief_editor: User
) -> None:
    issue = publishing.publish(draft, by=chief_editor)
    issue = publishing.withdraw(issue, by=chief_editor, reason="有误")

    assert not Issue.objects.readable_by(member).exists()
    assert issue.withdrawal_reason == "有误"
    again = publishing.publish(issue, by=chief_editor)
    assert again.version == 2
    assert again.withdrawn_at is None
    assert again.withdrawal_reason == ""


def test_a_stale_copy_of_the_issue_does_not_publish_it_twice(
    draft: Issue, chief_editor: User
) -> None:
    stale = Issue.objects.get(pk=draft.pk)
    publishing.publish(draft, by=chief_editor)

    with pytest.raises(publishing.Refused, match="已发布"):
        publishing.publish(stale, by=chief_editor)

    assert Issue.objects.get(pk=draft.pk).version == 1
    assert AuditEntry.objects.filter(action="issue.publish").count() == 1


@pytest.mark.parametrize("status", [Status.DRAFT, Status.WITHDRAWN, Status.APPROVED])
def test_only_what_is_published_is_withdrawn(
    draft: Issue, chief_editor: User, status: Status
) -> None:
    Issue.objects.filter(pk=draft.pk).update(status=status)

    with pytest.raises(publishing.Refused):
        publishing.withdraw(draft, by=chief_editor, reason="x")

    assert not AuditEntry.objects.filter(action="issue.withdraw").exists()


def test_an_issue_without_articles_is_not_published(chief_editor: User) -> None:
    with pytest.raises(publishing.Refused, match="没有文章"):
        publishing.publish(factories.create_issue(published=False), by=chief_editor)


def test_an_article_without_a_body_stands_in_the_way_unless_it_is_only_listed(
    draft: Issue, chief_editor: User
) -> None:
    empty = factories.create_article(draft, title="空文", body="")

    with pytest.raises(publishing.Refused, match="《空文》没有正文"):
        publishing.publish(draft, by=chief_editor)

    empty.online = Online.LISTED
    empty.save()
    assert publishing.publish(draft, by=chief_editor).is_published


def test_a_doubt_that_blocks_stands_in_the_way_until_it_is_settled(
    draft: Issue, chief_editor: User
) -> None:
    doubt = factories.create_doubt(draft, kind="no-article", message="目录第3行没有文章。")

    with pytest.raises(publishing.Refused, match="目录第3行没有文章"):
        publishing.publish(draft, by=chief_editor)

    publishing.settle(doubt, state=Doubt.State.WAIVED, by=chief_editor)
    assert publishing.publish(draft, by=chief_editor).is_published


def test_other_doubts_an_empty_imprint_and_a_gap_are_warned_of(draft: Issue) -> None:
    factories.create_doubt(draft)
    factories.create_issue(year=2029, number=1, serial=90)

    found = "".join(publishing.warnings(draft))

    assert "1 处存疑" in found
    assert "准印证号" in found
    assert "总第90期" in found


def test_settling_a_doubt_takes_a_name_and_reopening_takes_it_back(
    draft: Issue, editor: User
) -> None:
    doubt = factories.create_doubt(draft)

    publishing.settle(doubt, state=Doubt.State.MENDED, by=editor)
    doubt.refresh_from_db()
    assert doubt.settled_by == editor
    assert doubt.settled_at is not None

    publishing.settle(doubt, state=Doubt.State.OPEN, by=editor)
    doubt.refresh_from_db()
    assert doubt.settled_by is None
    assert AuditEntry.objects.filter(action="doubt.settle").count() == 2


def test_one_article_is_withdrawn_and_restored(draft: Issue, member: User, editor: User) -> None:
    article = Article.objects.get()
    factories.create_article(draft)
    publishing.publish(draft, by=editor)

    publishing.withdraw_article(article, by=editor, reason="版权")
    assert article not in Article.objects.readable_by(member)
    assert article not in Article.objects.listed_for(member)
    publishing.restore_article(article, by=editor)
    assert article in Article.objects.readable_by(member)
    assert list(
        AuditEntry.objects.filter(action__startswith="article.")
        .order_by("id")
        .values_list("action", flat=True)
    ) == ["article.withdraw", "article.restore"]


def test_an_act_and_its_audit_entry_stand_or_fall_together(
    draft: Issue, editor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(audit, "record", fail)

    with pytest.raises(RuntimeError):
        publishing.publish(draft, by=editor)

    assert Issue.objects.get(pk=draft.pk).status == Status.DRAFT


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"year": 2030, "number": 1, "serial": 500}, "issue_year_number_unique"),
        ({"year": 2031, "number": 1, "serial": 93}, "serial"),
        ({"year": 2031, "number": 1, "serial": 0}, "issue_serial_positive"),
        ({"year": 2031, "number": 5, "serial": 501}, "issue_number_of_a_quarterly"),
        ({"year": 2031, "number": 0, "serial": 501}, "issue_number_of_a_quarterly"),
        (
            {"year": 2031, "number": 0, "serial": 501, "frequency": Frequency.IRREGULAR},
            "issue_number_of_a_quarterly",
        ),
        ({"year": 2031, "number": 1, "serial": 501, "status": Status.PUBLISHED}, "published"),
        ({"year": 2031, "number": 1, "serial": 501, "status": Status.SCHEDULED}, "scheduled"),
    ],
)
def test_the_database_refuses_what_no_issue_can_be(
    draft: Issue, values: dict[str, object], constraint: str
) -> None:
    # SQLite names the columns of a unique constraint, PostgreSQL its name.
    columns = {"issue_year_number_unique": "issue.year, newsletter_issue.number"}
    match = f"{constraint}|{columns.get(constraint, constraint)}"
    with pytest.raises(IntegrityError, match=match), transaction.atomic():
        Issue.objects.bulk_create([Issue(**values)])


def test_a_supplement_may_have_any_number(draft: Issue) -> None:
    Issue.objects.create(year=2030, number=5, serial=94, frequency=Frequency.IRREGULAR)


def test_the_database_refuses_two_articles_in_one_place(draft: Issue) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.create_article(draft, order=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Article.objects.filter(issue=draft).update(order=F("order") - 1)


def test_a_settled_doubt_has_its_time(draft: Issue) -> None:
    factories.create_doubt(draft)

    with pytest.raises(IntegrityError, match="doubt_settled_has_time"), transaction.atomic():
        Doubt.objects.update(state=Doubt.State.MENDED)


def test_nothing_but_publishing_writes_the_status() -> None:
    """No admin form, import or command sets it: the field cannot be edited."""
    assert not Issue._meta.get_field("status").editable
    assert connection.vendor in ("sqlite", "postgresql")
