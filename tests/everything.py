"""All that the database holds, to compare what was with what is."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.apps import apps

Everything = dict[str, list[tuple[Any, ...]]]


def everything(*, without: Collection[str] = ()) -> Everything:
    """Every row of every table, by the models' labels.

    Args:
        without: labels of models that are left out. Sessions always are: to ask is to have one.
    """
    left_out = {"sessions.Session", *without}
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values_list())
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and model._meta.label not in left_out
    }


def differences(before: Everything, after: Everything) -> dict[str, tuple[int, int]]:
    """Rows gone and rows come, by model, where anything differs. A changed row is both."""
    return {
        label: (
            sum(row not in rows for row in before[label]),
            sum(row not in before[label] for row in rows),
        )
        for label, rows in after.items()
        if rows != before[label]
    }
