from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

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
class AuditEntryAdmin(admin.ModelAdmin[AuditEntry]):
    """To look at, and nothing else."""

    list_display = ["at", "action", "succeeded", "actor_kind", "actor", "subject_type", "subject"]
    list_filter = ["action", "succeeded", "actor_kind"]
    search_fields = ["action", "subject", "actor"]
    date_hierarchy = "at"
    inlines = [PersonalInline]
    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
