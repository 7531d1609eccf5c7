"""What there is to leak: a canary in every content field, published or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils import timezone

from members.models import User
from newsletter import reading
from newsletter.importing import draft
from newsletter.models import Article, Figure, IncomingFile, Issue, Reading, Section
from newsletter.models.article import Online
from tests import factories
from tests.addresses import LEVELS

CANARY = "金丝雀"
# Content that members read; what only editors see carries another word.
PUBLISHED, HIDDEN = f"{CANARY}已发", f"{CANARY}未发"

TABLE = "btable1"


@dataclass
class Archive:
    """What there is to leak: an issue that is out, one that is not, and pieces of both."""

    published: Issue
    draft: Issue
    article: Article
    withdrawn: Article
    listed: Article
    hidden: Article
    figure: Figure
    hidden_figure: Figure
    incoming: IncomingFile
    attachment_pk: int
    hidden_attachment_pk: int
    listed_attachment_pk: int
    note_pk: int

    def paths(self) -> Iterator[str]:
        """Every address of the resolver, with every argument that leads to something."""
        articles = [self.article, self.withdrawn, self.listed, self.hidden]
        issues = [self.published, self.draft]
        arguments: dict[str, Sequence[object]] = {
            "newsletter:issue": [issue.slug for issue in issues] + ["1999-1"],
            "newsletter:section": [Section.objects.order_by("order")[0].slug, "no-such"],
            "newsletter:article": [article.pk for article in articles] + [999999],
            "newsletter:figure": [self.figure.pk, self.hidden_figure.pk, "nothing2"],
            "newsletter:attachment": [
                self.attachment_pk,
                self.hidden_attachment_pk,
                self.listed_attachment_pk,
                999999,
            ],
            "newsletter:table": [
                (article.pk, TABLE, form) for article in articles for form in ("xlsx", "csv")
            ],
            "newsletter:change_note": [self.note_pk, 999999],
            **{name: [article.pk for article in articles] for name in _MARKS},
            "admin:newsletter_issue_report": [self.incoming.pk],
            "admin:newsletter_figure_preview": [self.figure.pk, self.hidden_figure.pk],
            "admin:newsletter_attachment_preview": [self.attachment_pk, self.hidden_attachment_pk],
            "admin:members_reminder_told": [1],
            "admin:members_reminder_reopen": [1],
            "members:privacy_version": [1, 10**30],
            **{f"admin:members_application_{act}": [1] for act in ("approve", "decline", "told")},
            "members:redeem": ["no-invitation-has-this-token"],
            **{name: [1, 999999] for name in _OF_A_FIRM},
            **{f"admin:members_listimport_{name}": [1] for name in _OF_A_LIST},
            "admin:members_listimport_line": [(1, 2)],
            "admin:app_list": ["newsletter", "members"],
            "admin:auth_user_password_change": [User.objects.all()[0].pk],
            "admin:members_erasurerequest_erase": [User.objects.all()[0].pk],
            "admin:members_leakcase_close": [1],
            "admin:members_user_merge": [User.objects.all()[0].pk],
            "admin:members_user_verify": [User.objects.all()[0].pk],
        }
        for name in LEVELS:
            if name in ("admin:", "account_reset_password_from_key"):
                continue
            model = name.removeprefix("admin:").split("_")
            found: Sequence[object]
            if name in arguments:
                found = arguments[name]
            elif model[0] == "newsletter" and model[-1] in _OF_ONE:
                found = [row.pk for row in _rows(model[1], issues, articles)]
            elif model[0] == "members" and model[-1] in _OF_ONE:
                found = [1]
            else:
                yield reverse(name)
                continue
            for argument in found:
                yield reverse(name, args=argument if isinstance(argument, tuple) else [argument])
        # A word of every text, so that a search that sees too much shows it.
        yield reverse("newsletter:search") + "?q=body"
        yield reverse("newsletter:search") + "?q=title&order=newest&page=1"
        yield reverse("newsletter:desk", args=[self.article.pk]) + f"?block={TABLE}"
        yield from ("/admin/r/1/1/", "/admin/nonsense/", "/accounts/", "/nonsense/", "/issues")
        yield reverse("account_reset_password_from_key", args=["1", "set-password"])
        yield f"/media/{self.figure.image.name}"
        yield f"/{self.figure.image.name}"


_MARKS = [
    f"newsletter:{name}" for name in ("desk", "marks", "bookmark", "finished", "place", "add_note")
]
_OF_A_FIRM = [
    f"members:{name}" for name in ("seat_replace", "seat_invite", "seat_release", "seat_hand_over")
] + ["members:proposal_withdraw"]
_OF_A_LIST = ("columns", "sheet", "aside", "accept", "abandon")
_OF_ONE = (
    "change",
    "contact",
    "delete",
    "history",
    "preview",
    "doubts",
    "publish",
    "withdraw",
    "restore",
)


def _rows(model: str, issues: list[Issue], articles: list[Article]) -> list[models.Model]:
    match model:
        case "issue":
            return list(issues)
        case "article":
            return list(articles)
    return list(Section.objects.order_by("order")[:1])


def _article(issue: Issue, word: str, **fields: object) -> Article:
    """An article with `word` in every field that takes text."""
    texts = {
        field.name: f"{word}·{field.name}"
        for field in Article._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
        and not field.choices
        and field.name not in ("original_url", "body")
    }
    return factories.create_article(
        issue,
        **texts
        | {
            "original_url": f"https://example.org/{word}",
            "body": f"<p>{word}·body</p>{_table(word)}",
        }
        | fields,
    )


def _table(word: str) -> str:
    return f'<table id="{TABLE}"><tbody><tr><td>{word}·table</td></tr></tbody></table>'


def make_archive(*, received_by: User) -> Archive:
    """An issue that is out and one that is not, with marks of readers and a file received."""
    now = timezone.now()
    texts = ("periodical", "cover_line", "publisher", "permit_number", "recipients", "printer")
    words: dict[str, Any] = {name: f"{PUBLISHED}·{name}" for name in texts}
    published = factories.create_issue(**words)
    words = {name: f"{HIDDEN}·{name}" for name in texts}
    hidden_issue = factories.create_issue(published=False, **words)
    article = _article(published, PUBLISHED)
    withdrawn = _article(published, HIDDEN, withdrawn_at=timezone.now())
    listed = _article(
        published,
        HIDDEN,
        online=Online.LISTED,
        # What a table of contents may say of it.
        title=f"{PUBLISHED}·目录",
        kicker="",
        subtitle="",
        source="",
        document_number="",
        author="",
        original_title="",
        original_url="",
        editor="",
        proofreader="",
    )
    hidden = _article(hidden_issue, HIDDEN)
    figures = [
        factories.create_figure(
            owner, caption=word, alternative=word, image=factories.png(text=f"canary {word}")
        )
        for owner, word in ((article, PUBLISHED), (hidden, HIDDEN))
    ]
    for owner, figure in zip((article, hidden), figures, strict=True):
        owner.body += f'<figure data-figure="{figure.pk}"><figcaption>图</figcaption></figure>'
        owner.save()
    attachments = [
        factories.create_attachment(owner, name=f"{word}.bin", content=word.encode())
        for owner, word in ((article, PUBLISHED), (hidden, HIDDEN), (listed, HIDDEN))
    ]
    for owner in (article, hidden):
        factories.create_doubt(
            owner.issue, article=owner, message=f"{HIDDEN}·存疑", excerpt=f"{HIDDEN}·原文"
        )
    note = reading.add_note(
        article, reader=factories.create_user(), block=TABLE, text=f"{HIDDEN}·批注"
    )
    Reading.objects.bulk_create(
        Reading(reader=person, article=found, share=40, read_at=now, bookmarked_at=now)
        for person in User.objects.all()
        for found in (article, withdrawn, listed, hidden)
    )
    received = draft.keep_file(f"{HIDDEN}·来稿".encode(), name=f"{HIDDEN}.txt", by=received_by)
    return Archive(
        published,
        hidden_issue,
        article,
        withdrawn,
        listed,
        hidden,
        figures[0],
        figures[1],
        received,
        attachments[0].pk,
        attachments[1].pk,
        attachments[2].pk,
        note.pk,
    )
