"""What the admin asks before it lets somebody act."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
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


def without_side_doors(field: Any) -> Any:
    """A choice of section or issue without the buttons that would edit it in a pop-up."""
    widget = getattr(field, "widget", None)
    if isinstance(widget, RelatedFieldWidgetWrapper):
        widget.can_add_related = widget.can_change_related = False
        widget.can_delete_related = widget.can_view_related = False
    return field
