from members.models.audit import AuditEntry, AuditPersonal, AuditSeal
from members.models.invitation import Invitation
from members.models.membership import Membership
from members.models.organization import Organization, Seat
from members.models.user import User

__all__ = [
    "AuditEntry",
    "AuditPersonal",
    "AuditSeal",
    "Invitation",
    "Membership",
    "Organization",
    "Seat",
    "User",
]
