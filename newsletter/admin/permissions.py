"""What the admin asks before it lets somebody act."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from newsletter.models import Issue


def require(request: HttpRequest, permission: str) -> None:
    """Refuse unless the person holds `permission`.

    Raises:
        PermissionDenied: they do not.
    """
    if not request.user.has_perm(permission):
        raise PermissionDenied


def may_touch(request: HttpRequest, issue: Issue | None) -> bool:
    """What members read is changed by those who answer for it."""
    if issue is None or not issue.is_published:
        return True
    return request.user.has_perm("newsletter.change_published")
