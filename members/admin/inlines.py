"""Rows edited on the page of what they belong to, held to the database's constraints."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, UniqueConstraint, Value
from django.forms.models import BaseInlineFormSet

from members.models import Organization
from members.models.membership import overlaps
from members.models.organization import seats_taken


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

    def changed(self) -> list[Any]:
        """Sound rows that are to be saved, in the order in which they will be: new ones last."""
        forms = [
            form
            for form in self.forms
            if form.is_valid() and form.has_changed() and form not in self.deleted_forms
        ]
        return sorted(forms, key=lambda form: form.instance.pk is None)


class SeatFormSet(ConstrainedFormSet):
    def clean(self) -> None:
        """Whoever would have a seat too many is told so on their line, and the firm is locked."""
        super().clean()
        held: dict[int | None, set[object]] = {}
        for form in self.changed():
            seat = form.instance
            organization = seat.organization
            if organization.pk not in held:
                known = organization.lock().seats.current() if organization.pk else []
                held[organization.pk] = {one.pk for one in known}
            seats = held[organization.pk]
            if seat.until is not None:
                seats.discard(seat.pk)
            elif seat.pk not in seats and len(seats) >= self._limit(organization):
                form.add_error(None, seats_taken(organization))
            else:
                seats.add(seat.pk or form)

    def _limit(self, organization: Organization) -> int:
        # On the firm's own page the number may be raised together with the seats.
        firm = self.instance if organization == self.instance else organization
        return int(firm.seat_limit)


class MembershipFormSet(ConstrainedFormSet):
    def clean(self) -> None:
        """Memberships that would overlap are told so on their line, and the holder is locked."""
        super().clean()
        forms = self.changed()
        if not forms:
            return
        days: dict[object, tuple[dt.date, dt.date]] = {}
        if self.instance.pk is not None:
            known = forms[0].instance.of_its_holder()
            days = {one.pk: (one.first_day, one.last_day) for one in known}
        for form in forms:
            row = form.instance
            for other, (first, last) in days.items():
                if other != row.pk and first <= row.last_day and last >= row.first_day:
                    form.add_error(None, overlaps(first, last))
                    break
            days[row.pk or form] = row.first_day, row.last_day
