from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from members.admin.lookups import OfferedLookups
from members.audit import ACTIONS
from members.models import AuditEntry, AuditPersonal


class PersonalInline(admin.TabularInline[AuditPersonal, AuditEntry]):
    model = AuditPersonal
    extra = 0
    fields = ["person", "values"]
    readonly_fields = ["person", "values"]
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(AuditEntry)
class AuditEntryAdmin(OfferedLookups):
    """To look at, and nothing else."""

    list_display = ["at", "what", "succeeded", "who", "subject_type", "subject"]
    list_filter = ["action", "succeeded", "actor_kind"]
    search_fields = ["action", "subject", "actor"]
    date_hierarchy = "at"
    inlines = [PersonalInline]
    list_per_page = 50
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("personal")

    @admin.display(description="行为", ordering="action")
    def what(self, entry: AuditEntry) -> str:
        return ACTIONS.get(entry.action, entry.action)

    @admin.display(description="行为人", ordering="actor")
    def who(self, entry: AuditEntry) -> str:
        """The name as it was then, for as long as personal values are kept; else the code."""
        if entry.actor is None:
            return entry.get_actor_kind_display()
        for found in entry.personal.all():
            if found.person == entry.actor and "member_number" in found.values:
                return f"{found.values.get('name', '')}（{found.values['member_number']}）"
        return str(entry.actor)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
