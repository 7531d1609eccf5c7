from members.models.application import Application
from members.models.audit import AuditEntry, AuditPersonal, AuditSeal
from members.models.erasure import ErasureRequest, LeakCase, SealedLink
from members.models.invitation import Invitation
from members.models.list_import import HeadingMapping, ListImport
from members.models.membership import Membership
from members.models.organization import Organization, Seat
from members.models.privacy import Consent, PrivacyNotice
from members.models.proposal import Proposal
from members.models.reminder import Reminder
from members.models.user import User

__all__ = [
    "Application",
    "AuditEntry",
    "AuditPersonal",
    "AuditSeal",
    "Consent",
    "ErasureRequest",
    "HeadingMapping",
    "Invitation",
    "LeakCase",
    "ListImport",
    "Membership",
    "Organization",
    "PrivacyNotice",
    "Proposal",
    "Reminder",
    "SealedLink",
    "Seat",
    "User",
]
