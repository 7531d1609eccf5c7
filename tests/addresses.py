"""Every address of the portal, with its level: frozen here, compared with the resolver.

An address that is new, gone, or changed its level fails `test_levels.py` until somebody has
thought about it and written it down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

OPEN = "open"
ACCOUNT = "account"
MEMBER = "member"
ROLE = "role"

LEVELS = {
    "newsletter:home": MEMBER,
    "newsletter:archive": MEMBER,
    "newsletter:issue": MEMBER,
    "newsletter:sections": MEMBER,
    "newsletter:section": MEMBER,
    "newsletter:article": MEMBER,
    "newsletter:figure": MEMBER,
    "newsletter:attachment": MEMBER,
    "newsletter:table": MEMBER,
    "newsletter:search": MEMBER,
    "newsletter:history": MEMBER,
    "newsletter:bookmarks": MEMBER,
    "newsletter:notes": MEMBER,
    "newsletter:change_note": MEMBER,
    "newsletter:resume": MEMBER,
    "newsletter:desk": MEMBER,
    "newsletter:marks": MEMBER,
    "newsletter:bookmark": MEMBER,
    "newsletter:finished": MEMBER,
    "newsletter:place": MEMBER,
    "newsletter:add_note": MEMBER,
    "members:me": ACCOUNT,
    "members:my_data": ACCOUNT,
    "members:download_data": ACCOUNT,
    "members:correct": ACCOUNT,
    "members:ask_erasure": ACCOUNT,
    "members:withdraw_erasure": ACCOUNT,
    "members:display": OPEN,
    "members:privacy": OPEN,
    "members:privacy_version": OPEN,
    "members:privacy_agree": ACCOUNT,
    "members:apply": OPEN,
    "members:apply_sent": OPEN,
    "members:join": OPEN,
    "members:redeem": OPEN,
    "members:organization": ACCOUNT,
    "members:propose": ACCOUNT,
    "members:seat_replace": ACCOUNT,
    "members:seat_invite": ACCOUNT,
    "members:seat_release": ACCOUNT,
    "members:seat_hand_over": ACCOUNT,
    "members:proposal_withdraw": ACCOUNT,
    "account_login": OPEN,
    "account_signup": OPEN,
    "account_inactive": OPEN,
    "account_reset_password": OPEN,
    "account_reset_password_done": OPEN,
    "account_reset_password_from_key": OPEN,
    "account_reset_password_from_key_done": OPEN,
    "account_logout": ACCOUNT,
    "account_reauthenticate": ACCOUNT,
    "account_change_password": ACCOUNT,
    "account_set_password": ACCOUNT,
    "healthz": OPEN,
    "readyz": OPEN,
    "robots": OPEN,
    "admin:index": ROLE,
    "admin:login": ROLE,
    "admin:logout": ROLE,
    "admin:password_change": ROLE,
    "admin:password_change_done": ROLE,
    "admin:autocomplete": ROLE,
    "admin:jsi18n": ROLE,
    "admin:app_list": ROLE,
    "admin:": ROLE,
    "admin:newsletter_issue_import": ROLE,
    "admin:newsletter_issue_report": ROLE,
    "admin:newsletter_issue_preview": ROLE,
    "admin:newsletter_issue_doubts": ROLE,
    "admin:newsletter_issue_publish": ROLE,
    "admin:newsletter_issue_withdraw": ROLE,
    "admin:newsletter_article_preview": ROLE,
    "admin:newsletter_article_withdraw": ROLE,
    "admin:newsletter_article_restore": ROLE,
    "admin:newsletter_figure_preview": ROLE,
    "admin:newsletter_attachment_preview": ROLE,
    "admin:auth_user_password_change": ROLE,
    "admin:members_user_slip_picture": ROLE,
    "admin:members_user_merge": ROLE,
    "admin:members_user_verify": ROLE,
    "admin:members_organization_contact": ROLE,
    "admin:members_listimport_changelist": ROLE,
    "admin:members_listimport_add": ROLE,
    "admin:members_listimport_export": ROLE,
    "admin:members_listimport_change": ROLE,
    "admin:members_listimport_columns": ROLE,
    "admin:members_listimport_sheet": ROLE,
    "admin:members_listimport_line": ROLE,
    "admin:members_listimport_aside": ROLE,
    "admin:members_listimport_accept": ROLE,
    "admin:members_listimport_abandon": ROLE,
    "admin:members_erasurerequest_erase": ROLE,
    "admin:members_sealedlink_open": ROLE,
    "admin:members_leakcase_close": ROLE,
    "admin:members_application_approve": ROLE,
    "admin:members_application_decline": ROLE,
    "admin:members_application_told": ROLE,
    "admin:members_privacynotice_new": ROLE,
    "admin:members_reminder_changelist": ROLE,
    "admin:members_reminder_renew": ROLE,
    "admin:members_reminder_calls": ROLE,
    "admin:members_reminder_printed_calls": ROLE,
    "admin:members_reminder_told": ROLE,
    "admin:members_reminder_reopen": ROLE,
} | {
    f"admin:{model}_{page}": ROLE
    for model in (
        "members_application",
        "members_auditentry",
        "members_erasurerequest",
        "members_leakcase",
        "members_membership",
        "members_organization",
        "members_privacynotice",
        "members_proposal",
        "members_sealedlink",
        "members_user",
        "newsletter_article",
        "newsletter_issue",
        "newsletter_section",
    )
    for page in ("changelist", "add", "change", "delete", "history")
}


@dataclass(frozen=True)
class Address:
    name: str
    route: str
    view: Callable[..., Any]


def all_addresses() -> Iterator[Address]:
    """What the resolver knows, the addresses without a name (redirects of the admin) as well."""
    yield from _walk(get_resolver().url_patterns, "", "")


def _walk(
    patterns: list[URLPattern | URLResolver], prefix: str, namespace: str
) -> Iterator[Address]:
    for entry in patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry.url_patterns, route, inner)
        else:
            yield Address(f"{namespace}{entry.name or ''}", route, entry.callback)
