"""Writing the audit trail: one function, called inside the transaction of the act itself."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.db import models, transaction
from django.http import HttpRequest

from members.models.audit import AuditEntry, AuditPersonal

if TYPE_CHECKING:
    from members.models import User


# What the auditor reads for an action; one that is not here is shown as it is.
ACTIONS: Final = {
    "session.sign-in": "登录",
    "session.sign-out": "退出",
    "user.add": "增加人员",
    "user.change": "修改人员",
    "user.password": "更换密码",
    "user.erase": "注销人员",
    "data.download": "下载本人数据",
    "erasure.ask": "申请注销",
    "erasure.withdraw": "撤回注销申请",
    "seal.open": "打开封存的身份",
    "seal.destroy": "销毁封存的身份",
    "leakcase.add": "泄密追查立案",
    "leakcase.change": "修改泄密追查",
    "leakcase.close": "泄密追查结案",
    "user.merge": "合并人员",
    "user.merged": "并入另一人",
    "user.verify": "电话核对身份",
    "invitation.send": "发出邀请",
    "invitation.revoke": "收回邀请",
    "invitation.redeem": "使用邀请",
    "invitation.refuse": "使用邀请",
    "seat.add": "安排席位",
    "seat.change": "修改席位",
    "proposal.add": "推荐人员",
    "proposal.withdraw": "撤回推荐",
    "proposal.approve": "同意推荐",
    "proposal.decline": "婉拒推荐",
    "proposal.forget": "清除推荐中的个人信息",
    "privacy.publish": "发布个人信息处理说明",
    "privacy.agree": "同意个人信息处理说明",
    "application.add": "申请入会",
    "application.approve": "批准入会申请",
    "application.decline": "不通过入会申请",
    "application.tell": "告知申请人",
    "application.expire": "关闭逾期的入会申请",
    "application.forget": "清空申请中的个人信息",
    "figure.add": "增加图",
    "figure.change": "修改图",
    "figure.delete": "删除图",
    "attachment.add": "增加附件",
    "attachment.change": "修改附件",
    "attachment.delete": "删除附件",
    "list.upload": "上传名单",
    "list.change": "修改名单",
    "list.aside": "下载搁置的行",
    "list.accept": "导入名单",
    "list.abandon": "放弃名单",
    "list.forget": "清除名单",
    "list.export": "导出名单",
    "organization.add": "增加会员单位",
    "organization.change": "修改会员单位",
    "membership.add": "增加会籍",
    "membership.change": "修改会籍",
    "membership.delete": "删除会籍",
    "reminder.send": "发出会籍提醒",
    "reminder.tell": "电话告知会籍",
    "reminder.reopen": "撤回电话告知",
    "reminder.print": "打印电话提醒",
    "role.grant": "授予角色",
    "role.revoke": "收回角色",
    "issue.import": "导入一期",
    "issue.replace": "重新导入一期",
    "issue.reopen": "退回草稿",
    "issue.add": "增加一期",
    "issue.change": "修改一期",
    "issue.delete": "删除一期",
    "issue.publish": "发布一期",
    "issue.withdraw": "撤回一期",
    "issue.export": "导出一期",
    "delivery.table": "取走表格",
    "article.add": "增加文章",
    "article.change": "修改文章",
    "article.delete": "删除文章",
    "article.withdraw": "撤下文章",
    "article.restore": "恢复文章",
    "section.add": "增加栏目",
    "section.change": "修改栏目",
    "doubt.settle": "处理存疑",
    "audit.triggers-restored": "重建审计触发器",
    "demo.load": "载入样例",
}


class Actor:
    """Somebody who is no person: the command line, a periodic job, a stranger."""

    def __init__(self, kind: str) -> None:
        self.kind = kind


COMMAND_LINE: Final = Actor("command")
SYSTEM: Final = Actor("system")
STRANGER: Final = Actor("stranger")


def record(
    action: str,
    *,
    by: User | Actor,
    subject: models.Model | None = None,
    succeeded: bool = True,
    request: HttpRequest | None = None,
    personal: dict[str, Any] | None = None,
    person: User | None = None,
    **detail: Any,
) -> AuditEntry:
    """Append one entry.

    Args:
        action: what was done, as `thing.verb` (issue.publish).
        by: who did it.
        subject: what it was done to; a person is referred to by the opaque reference.
        succeeded: False for a refusal.
        request: where it came from: address and agent are kept as personal values.
        personal: values of personal fields (before and after, a name as typed).
        person: whose those values are; the actor when not given.
        detail: what may stay for ever: no personal value may be among it.
    """
    from members.models import User

    actor = by if isinstance(by, User) else None
    values: dict[uuid.UUID | None, dict[str, Any]] = {}
    if request is not None:
        values.setdefault(actor.audit_ref if actor else None, {}).update(
            address=request.META.get("REMOTE_ADDR", ""),
            agent=request.META.get("HTTP_USER_AGENT", "")[:300],
        )
    if actor is not None:
        values.setdefault(actor.audit_ref, {}).update(
            member_number=actor.member_number, name=actor.name
        )
    if personal:
        whose = person or actor
        values.setdefault(whose.audit_ref if whose else None, {}).update(personal)
    with transaction.atomic():
        entry = AuditEntry.objects.create(
            action=action,
            succeeded=succeeded,
            actor=actor.audit_ref if actor else None,
            actor_kind="person" if isinstance(by, User) else by.kind,
            subject_type=subject._meta.label_lower if subject is not None else "",
            subject=_reference(subject),
            detail=detail,
        )
        AuditPersonal.objects.bulk_create(
            AuditPersonal(entry=entry, person=whose, values=found)
            for whose, found in values.items()
        )
    return entry


@dataclass(frozen=True)
class Act:
    """One of many acts that are recorded together.

    Args:
        action, detail: as `record` takes them.
        model, reference: what it was done to: its class, and its key or a person's opaque code.
        personal: values of personal fields.
        person: whose those are, by the opaque code.
    """

    action: str
    model: type[models.Model]
    reference: str
    detail: dict[str, Any] = field(default_factory=dict)
    personal: dict[str, Any] = field(default_factory=dict)
    person: uuid.UUID | None = None


def record_many(acts: Iterable[Act], *, by: User) -> None:
    """Append an entry for each, in a few statements.

    Where they came from is told once, by the entry of the act that they are part of.
    """
    told = list(acts)
    who = {"member_number": by.member_number, "name": by.name}
    with transaction.atomic():
        entries = AuditEntry.objects.bulk_create(
            AuditEntry(
                action=act.action,
                actor=by.audit_ref,
                actor_kind="person",
                subject_type=act.model._meta.label_lower,
                subject=act.reference,
                detail=act.detail,
            )
            for act in told
        )
        personal = []
        for entry, act in zip(entries, told, strict=True):
            values = {by.audit_ref: who}
            if act.personal and act.person is not None:
                values[act.person] = values.get(act.person, {}) | act.personal
            personal += [
                AuditPersonal(entry=entry, person=whose, values=found)
                for whose, found in values.items()
            ]
        AuditPersonal.objects.bulk_create(personal)


def _reference(subject: models.Model | None) -> str:
    if subject is None:
        return ""
    return str(getattr(subject, "audit_ref", subject.pk))
