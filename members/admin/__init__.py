from members.admin import (
    applications,
    audit,
    erasure,
    lists,
    organizations,
    people,
    privacy_notices,
    proposals,
    reminders,
    seals,
)

__all__ = [
    "applications",
    "audit",
    "erasure",
    "lists",
    "organizations",
    "people",
    "privacy_notices",
    "proposals",
    "reminders",
    "seals",
]
