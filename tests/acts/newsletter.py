"""Acts on issues, articles and sections."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from newsletter.importing import draft
from newsletter.models import Article, Issue, Section
from portal.demo import SAMPLES
from tests import factories
from tests.acts import CHIEF, EDITORS, Act, Sent, World
from tests.acts.people import form_at

SAMPLE = SAMPLES / "2026-3.txt"


def an_issue() -> Issue:
    return factories.create_issue(published=False)


def an_article() -> Article:
    return factories.create_article(an_issue())


def of_issue(act: str, issue: Issue, **data: object) -> Sent:
    return Sent(reverse(f"admin:newsletter_issue_{act}", args=[issue.pk]), data)


def of_article(act: str, article: Article, **data: object) -> Sent:
    return Sent(reverse(f"admin:newsletter_article_{act}", args=[article.pk]), data)


def settle(world: World) -> Sent:
    doubt = factories.create_doubt(an_issue())
    return of_issue("doubts", doubt.issue, doubt=doubt.pk, state="waived")


def withdrawn(world: World) -> Sent:
    issue = factories.create_issue()
    return of_article("restore", factories.create_article(issue, withdrawn_at=timezone.now()))


def received(world: World, **data: str) -> Sent:
    kept = draft.keep_file(SAMPLE.read_bytes(), name=SAMPLE.name, by=world.cast["editor"])
    return Sent(reverse("admin:newsletter_issue_report", args=[kept.pk]), data)


def new_article(world: World) -> Sent:
    return form_at(
        world,
        "admin:newsletter_article_add",
        issue=str(an_issue().pk),
        section=str(Section.objects.order_by("order")[0].pk),
        title="样例新文章",
        order="9",
        body="<p>样例。</p>",
    )


NOT_YET = "nothing of it is an issue yet"

ACTS = [
    Act(
        "admin:newsletter_issue_import",
        EDITORS,
        lambda world: Sent(
            reverse("admin:newsletter_issue_import"),
            {"file": SimpleUploadedFile(SAMPLE.name, SAMPLE.read_bytes())},
        ),
        why=NOT_YET,
    ),
    Act("admin:newsletter_issue_report#keep", EDITORS, received, "issue.import"),
    Act(
        "admin:newsletter_issue_report#discard",
        EDITORS,
        lambda world: received(world, discard="1"),
        why=NOT_YET,
    ),
    Act("admin:newsletter_issue_doubts", EDITORS, settle, "doubt.settle"),
    Act(
        "admin:newsletter_issue_publish",
        CHIEF,
        lambda world: of_issue("publish", an_article().issue),
        "issue.publish",
    ),
    Act(
        "admin:newsletter_issue_withdraw",
        CHIEF,
        lambda world: of_issue("withdraw", factories.create_issue(), reason="样例"),
        "issue.withdraw",
    ),
    Act(
        "admin:newsletter_article_withdraw",
        CHIEF,
        lambda world: of_article(
            "withdraw", factories.create_article(factories.create_issue()), reason="样例"
        ),
        "article.withdraw",
    ),
    Act("admin:newsletter_article_restore", CHIEF, withdrawn, "article.restore"),
    Act(
        "admin:newsletter_issue_add",
        EDITORS,
        lambda world: form_at(
            world, "admin:newsletter_issue_add", year="2031", number="1", serial="2031"
        ),
        "issue.add",
    ),
    Act(
        "admin:newsletter_issue_change",
        EDITORS,
        lambda world: form_at(
            world, "admin:newsletter_issue_change", an_issue().pk, printer="样例印刷厂"
        ),
        "issue.change",
    ),
    Act(
        "admin:newsletter_issue_delete",
        CHIEF,
        lambda world: of_issue("delete", an_issue(), post="yes"),
        "issue.delete",
    ),
    Act("admin:newsletter_article_add", EDITORS, new_article, "article.add"),
    Act(
        "admin:newsletter_article_change",
        EDITORS,
        lambda world: form_at(
            world, "admin:newsletter_article_change", an_article().pk, title="样例改题"
        ),
        "article.change",
    ),
    Act(
        "admin:newsletter_article_change#published",
        CHIEF,
        lambda world: form_at(
            world,
            "admin:newsletter_article_change",
            factories.create_article(factories.create_issue()).pk,
            title="样例改题",
        ),
        "article.change",
    ),
    Act(
        "admin:newsletter_article_delete",
        EDITORS,
        lambda world: of_article("delete", an_article(), post="yes"),
        "article.delete",
    ),
    Act(
        "admin:newsletter_section_add",
        CHIEF,
        lambda world: form_at(
            world, "admin:newsletter_section_add", name="样例栏目", slug="sample", order="9"
        ),
        "section.add",
    ),
    Act(
        "admin:newsletter_section_change",
        CHIEF,
        lambda world: form_at(
            world,
            "admin:newsletter_section_change",
            Section.objects.order_by("order")[0].pk,
            name="样例改名",
        ),
        "section.change",
    ),
]
