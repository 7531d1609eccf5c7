"""What a browser would post."""

from __future__ import annotations

from typing import Any


def form_of(answer: Any) -> dict[str, Any]:
    """What a browser would post from an admin form that nobody touched."""
    admin_form = answer.context["adminform"].form
    forms = [admin_form] + [
        form
        for formset in answer.context["inline_admin_formsets"]
        for form in [formset.formset.management_form, *formset.formset.forms]
    ]
    values: dict[str, Any] = {}
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is not None and value is not False and not hasattr(value, "read"):
                values[bound.html_name] = value
    return {name: value for name, value in values.items() if not hasattr(value, "storage")}
