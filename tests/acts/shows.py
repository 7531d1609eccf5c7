"""Addresses at which nothing is done, whatever is sent there and by whom."""

from __future__ import annotations

# Pages of Django's for rows that nobody adds, changes or deletes in this way.
_NOBODYS = {
    "members_application": ("add", "change", "delete"),
    "members_auditentry": ("add", "change", "delete"),
    "members_erasurerequest": ("add", "change", "delete"),
    "members_leakcase": ("delete",),
    "members_listimport": (),
    "members_membership": ("delete",),
    "members_organization": ("delete",),
    "members_privacynotice": ("add", "change", "delete"),
    "members_proposal": ("add", "delete"),
    "members_reminder": (),
    "members_sealedlink": ("add", "change", "delete"),
    "members_user": ("delete",),
    "newsletter_article": (),
    "newsletter_issue": (),
    "newsletter_section": ("delete",),
}
# Their lists have actions, each of which is a row.
_WITH_ACTIONS = {"members_application", "members_organization", "members_user"}
_WITHOUT_HISTORY = {"members_listimport", "members_reminder"}

SHOWS = (
    {f"admin:{model}_{page}" for model, pages in _NOBODYS.items() for page in pages}
    | {f"admin:{model}_changelist" for model in _NOBODYS.keys() - _WITH_ACTIONS}
    | {f"admin:{model}_history" for model in _NOBODYS.keys() - _WITHOUT_HISTORY}
    | {
        "account_inactive",
        "account_reset_password_done",
        "account_reset_password_from_key_done",
        "account_signup",
        "admin:app_list",
        "admin:autocomplete",
        "admin:index",
        "admin:jsi18n",
        "admin:login",
        "admin:members_reminder_calls",
        "admin:members_user_slip_picture",
        "admin:newsletter_article_preview",
        "admin:newsletter_attachment_preview",
        "admin:newsletter_figure_preview",
        "admin:newsletter_issue_preview",
        "admin:password_change_done",
        "healthz",
        "members:apply_sent",
        "members:join",
        "members:me",
        "members:my_data",
        "members:organization",
        "members:privacy",
        "members:privacy_version",
        "newsletter:archive",
        "newsletter:article",
        "newsletter:attachment",
        "newsletter:bookmarks",
        "newsletter:desk",
        "newsletter:figure",
        "newsletter:history",
        "newsletter:home",
        "newsletter:issue",
        "newsletter:marks",
        "newsletter:notes",
        "newsletter:resume",
        "newsletter:search",
        "newsletter:section",
        "newsletter:sections",
        "readyz",
        "robots",
    }
)
