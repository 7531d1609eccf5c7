"""Whatever is changed in the admin is in the audit trail, written in the same transaction."""

from __future__ import annotations

from typing import Any

from django.db import connection, models
from django.http import HttpRequest

from members import audit
from members.admin.lookups import OfferedLookups
from members.models import User


class AuditedAdmin(OfferedLookups):
    """Records additions, changes and deletions. Django calls these inside its transaction.

    `personal_fields`: their values, before and after, go where they can be erased.
    """

    personal_fields: tuple[str, ...] = ()
    # The address behind it tells what exists to whoever asks (portal/admin.py has it not).
    view_on_site = False

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Day and hour are two boxes: each says what it is for (WCAG 4.1.2)."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        widgets = getattr(getattr(field, "widget", None), "widgets", [])
        for widget, part in zip(widgets, ("日期", "时间"), strict=False):
            widget.attrs["aria-label"] = f"{db_field.verbose_name}：{part}"
        return field

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        if found is not None and request.method == "POST" and connection.in_atomic_block:
            # The whole row is written back: read again under a lock, so that nothing that was
            # taken away meanwhile comes back with it.
            list(self.model._base_manager.select_for_update().filter(pk=found.pk).values_list("pk"))
            found = super().get_object(request, object_id, from_field)
        if found is not None:
            found._before = {name: getattr(found, name) for name in self.personal_fields}
        return found

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Rows on the page of what they belong to are acts of their own."""
        super().save_formset(request, form, formset, change)
        changed = {row.pk: fields for row, fields in formset.changed_objects}
        for verb, rows in (
            ("add", formset.new_objects),
            ("change", [row for row, _ in formset.changed_objects]),
            ("delete", formset.deleted_objects),
        ):
            for row in rows:
                assert isinstance(request.user, User)
                audit.record(
                    f"{row._meta.model_name}.{verb}",
                    by=request.user,
                    subject=row,
                    request=request,
                    fields=changed.get(row.pk, []),
                    of=_references(row),
                )

    def log_addition(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        self._record(request, obj, "add", message)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        self._record(request, obj, "change", message)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for obj in queryset:
            self._record(request, obj, "delete", [])
        return super().log_deletions(request, queryset)

    def _record(self, request: HttpRequest, obj: models.Model, verb: str, message: Any) -> None:
        assert isinstance(request.user, User)
        before = getattr(obj, "_before", {})
        after = {name: getattr(obj, name) for name in self.personal_fields}
        changed = {
            name: [str(before.get(name, "")), str(value)]
            for name, value in after.items()
            if str(before.get(name, "")) != str(value)
        }
        audit.record(
            f"{obj._meta.model_name}.{verb}",
            by=request.user,
            subject=obj,
            request=request,
            personal=changed or None,
            person=obj if isinstance(obj, User) else None,
            # What Django's own log says was touched: names of fields, never their values.
            fields=[
                name
                for part in (message if isinstance(message, list) else [])
                for change in part.values()
                for name in change.get("fields", [])
            ],
        )


def _references(row: models.Model) -> dict[str, str]:
    """What a row ties together, people by their opaque code."""
    return {
        field.name: str(getattr(value, "audit_ref", value.pk))
        for field in row._meta.fields
        if isinstance(field, models.ForeignKey) and (value := getattr(row, field.name)) is not None
    }
