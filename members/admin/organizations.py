from __future__ import annotations

from typing import Any

from django.contrib import admin

from members.admin.audited import AuditedAdmin
from members.admin.inlines import ConstrainedFormSet
from members.models import Membership, Organization, Seat


class SeatInline(admin.TabularInline[Seat, Organization]):
    model = Seat
    formset = ConstrainedFormSet
    extra = 0
    autocomplete_fields = ["person"]
    # Seats are ended, never deleted: the history stays.
    can_delete = False


class OrganizationMembershipInline(admin.TabularInline[Membership, Organization]):
    model = Membership
    formset = ConstrainedFormSet
    extra = 0
    fields = ["first_day", "last_day", "remark"]
    can_delete = False


@admin.register(Organization)
class OrganizationAdmin(AuditedAdmin):
    list_display = ["name", "credit_code", "region", "seat_limit", "suspended_at"]
    list_filter = ["region", ("suspended_at", admin.EmptyFieldListFilter)]
    search_fields = ["name", "credit_code"]
    inlines = [OrganizationMembershipInline, SeatInline]
    list_per_page = 50

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False


@admin.register(Membership)
class MembershipAdmin(AuditedAdmin):
    list_display = ["__str__", "first_day", "last_day"]
    list_select_related = ["organization", "person"]
    list_filter = ["last_day"]
    search_fields = ["organization__name", "person__name", "person__member_number"]
    autocomplete_fields = ["organization", "person"]
    list_per_page = 50

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False
