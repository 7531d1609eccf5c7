"""The states of an issue. Nothing else changes an issue's status.

Every verb takes who did it, locks the issue, and writes the audit entry in the same transaction.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from members import audit
from members.models import User
from newsletter.doubts import DoubtKind, Severity
from newsletter.models import Article, Doubt, Figure, Issue
from newsletter.models.article import Online, ReprintBasis
from newsletter.models.issue import Status
from newsletter.search import index

_PUBLISHABLE = {Status.DRAFT, Status.IN_REVIEW, Status.APPROVED, Status.WITHDRAWN}
_BLOCKING = [kind.value for kind in DoubtKind if kind.severity is Severity.BLOCKING]
_COLOPHON = {
    "cover_line": "封面标注",
    "publisher": "编印单位",
    "permit_number": "准印证号",
    "recipients": "发送对象",
    "printer": "印刷单位",
    "printed_on": "印刷日期",
    "print_run": "印数",
}


class Refused(Exception):
    """An act that the issue's state does not allow; the message tells the editor why."""


def obstacles(issue: Issue) -> list[str]:
    """What must be mended before this issue can be published, in sentences."""
    found: list[str] = []
    if issue.status not in _PUBLISHABLE:
        found.append(f"{issue}现为“{issue.get_status_display()}”，不能再发布。")
    articles = issue.articles.filter(withdrawn_at__isnull=True)
    if not articles.exists():
        found.append("这一期还没有文章。")
    empty = articles.filter(online=Online.FULL, body="").values_list("title", flat=True)
    found += [f"《{title}》没有正文：请补上，或把线上方式改为“仅存目”。" for title in empty[:20]]
    blocking = issue.doubts.filter(state=Doubt.State.OPEN, kind__in=_BLOCKING)
    found += list(blocking.values_list("message", flat=True)[:20])
    return found


def warnings(issue: Issue) -> list[str]:
    """What the editor should know before publishing, though it may be as it is."""
    found: list[str] = []
    waiting = issue.doubts.filter(state=Doubt.State.OPEN).count()
    if waiting:
        found.append(f"还有 {waiting} 处存疑没有处理。")
    articles = issue.articles.filter(withdrawn_at__isnull=True)
    unchecked = articles.filter(reprint_basis=ReprintBasis.UNVERIFIED).count()
    if unchecked:
        found.append(f"{unchecked} 篇文章的转载依据还是“待核”。")
    silent = Figure.objects.filter(article__in=articles, alternative="").exclude(image="").count()
    if silent:
        found.append(f"{silent} 张图没有替代文字，看不见图的人不知道图中说什么。")
    # 《内部资料性出版物管理办法》 art. 15: the imprint an internal publication carries.
    missing = [label for field, label in _COLOPHON.items() if not getattr(issue, field)]
    if missing:
        found.append(f"刊记不全：缺{'、'.join(missing)}。")
    before = Issue.objects.exclude(pk=issue.pk).filter(serial__lt=issue.serial)
    last = before.order_by("-serial").values_list("serial", flat=True).first()
    if last is not None and last != issue.serial - 1:
        found.append(f"总期号不连续：上一期是总第{last}期，这一期是总第{issue.serial}期。")
    return found


@transaction.atomic
def publish(issue: Issue, *, by: User | audit.Actor) -> Issue:
    """Put an issue before the members.

    Raises:
        Refused: something stands in the way; see `obstacles`.
    """
    issue = _locked(issue)
    if reasons := obstacles(issue):
        raise Refused("".join(reasons))
    before = issue.status
    issue.status = Status.PUBLISHED
    issue.version += 1
    issue.published_at = timezone.now()
    issue.scheduled_for = None
    issue.withdrawn_at, issue.withdrawal_reason = None, ""
    issue.save()
    index.refresh_issue(issue)
    audit.record("issue.publish", by=by, subject=issue, before=before, version=issue.version)
    return issue


@transaction.atomic
def withdraw(issue: Issue, *, by: User | audit.Actor, reason: str) -> Issue:
    """Take a published issue back; from the next request on nobody reads it.

    Raises:
        Refused: it is not published.
    """
    issue = _locked(issue)
    if not issue.is_published:
        raise Refused(f"{issue}现为“{issue.get_status_display()}”，没有发布，不必撤回。")
    issue.status = Status.WITHDRAWN
    issue.withdrawn_at, issue.withdrawal_reason = timezone.now(), reason
    issue.save()
    index.refresh_issue(issue)
    audit.record("issue.withdraw", by=by, subject=issue, reason=reason)
    return issue


@transaction.atomic
def withdraw_article(article: Article, *, by: User | audit.Actor, reason: str) -> None:
    """Take one article back from page, contents and files at once."""
    _locked(article.issue)
    Article.objects.filter(pk=article.pk).update(
        withdrawn_at=timezone.now(), withdrawal_reason=reason
    )
    index.refresh([article.pk])
    audit.record("article.withdraw", by=by, subject=article, reason=reason)


@transaction.atomic
def restore_article(article: Article, *, by: User | audit.Actor) -> None:
    """Put an article that was withdrawn by itself back in its place."""
    _locked(article.issue)
    Article.objects.filter(pk=article.pk).update(withdrawn_at=None, withdrawal_reason="")
    index.refresh([article.pk])
    audit.record("article.restore", by=by, subject=article)


@transaction.atomic
def settle(doubt: Doubt, *, state: Doubt.State, by: User) -> None:
    """Tick a doubt off by name, or open it again."""
    doubt.state = state
    doubt.settled_by = by if state != Doubt.State.OPEN else None
    doubt.settled_at = timezone.now() if state != Doubt.State.OPEN else None
    doubt.save()
    audit.record("doubt.settle", by=by, subject=doubt, state=state, issue=doubt.issue_id)


@transaction.atomic
def reopen_as_draft(issue: Issue, *, by: User | audit.Actor) -> Issue:
    """Back to a draft, because its content is being replaced.

    Raises:
        Refused: it is published.
    """
    issue = _locked(issue)
    if issue.is_published:
        raise Refused(f"{issue}已发布，不能用重新导入来替换。请先撤回，再导入。")
    if issue.status != Status.DRAFT:
        before, issue.status = issue.status, Status.DRAFT
        issue.approved_hash, issue.scheduled_for = "", None
        issue.save()
        audit.record("issue.reopen", by=by, subject=issue, before=before)
    return issue


def _locked(issue: Issue) -> Issue:
    # SQLite has no row locks: its transactions are IMMEDIATE, one writer at a time.
    return Issue.objects.select_for_update().get(pk=issue.pk)
