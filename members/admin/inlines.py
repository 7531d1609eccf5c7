"""Rows edited on the page of what they belong to, held to the database's constraints."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, UniqueConstraint, Value
from django.forms.models import BaseInlineFormSet


class NamedRowFormSet(BaseInlineFormSet[Any, Any, Any]):
    """Every box of a row says what it is for: the heads of the columns do not (WCAG 4.1.2)."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        for field in form.fields.values():
            widget = getattr(field.widget, "widget", field.widget)
            widget.attrs.setdefault("aria-label", str(field.label or ""))


class ConstrainedFormSet(NamedRowFormSet):
    """Checks the constraints that name the parent; unique ones are declared by expressions.

    Django leaves them out, because the parent is no field of the row's form; what breaks one
    would then be an IntegrityError and no sentence on the line where it happened.
    """

    def clean(self) -> None:
        super().clean()
        seen: set[tuple[object, ...]] = set()
        for form in self.forms:
            if not form.is_valid() or form in self.deleted_forms or not form.has_changed():
                continue
            row = form.instance
            setattr(row, self.fk.name, self.instance)
            try:
                if self.instance.pk is not None:
                    row.validate_constraints()
                self._compare_with_the_others(row, seen)
            except ValidationError as error:
                form.add_error(None, error)

    def _compare_with_the_others(self, row: Any, seen: set[tuple[object, ...]]) -> None:
        """Two new rows that break a rule together: neither is in the database yet."""
        for constraint in row._meta.constraints:
            if not isinstance(constraint, UniqueConstraint):
                continue
            fields = [str(part.name) for part in constraint.expressions if isinstance(part, F)]  # type: ignore[attr-defined]
            values = {
                field.name: Value(getattr(row, field.attname), output_field=field)
                for field in row._meta.fields
            }
            if constraint.condition is not None and not constraint.condition.check(values):
                continue
            key = (constraint.name, *(values[name].value for name in fields))
            if key in seen:
                raise ValidationError(constraint.get_violation_error_message())
            seen.add(key)
