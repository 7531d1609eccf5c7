from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from members.admin.audited import AuditedAdmin
from newsletter.models import Section


@admin.register(Section)
class SectionAdmin(AuditedAdmin):
    list_display = ["name", "slug", "order"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Articles stand under it for good."""
        return False
