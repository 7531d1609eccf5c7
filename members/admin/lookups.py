"""By what a list of the admin may be narrowed in its address."""

from __future__ import annotations

from typing import Any

from django.contrib import admin

# What the stock filters ask.
_ASKED = ("exact", "isnull", "isempty", "gte", "lt", "id__exact")
_OF_A_DAY = ("year", "month", "day", "gte", "lt")


class OfferedLookups(admin.ModelAdmin[Any]):
    """A list that is narrowed by what its own filters ask, and by nothing else.

    Django lets any lookup through that begins with a field on offer, and it leads on, by `__`, to
    whatever is related to that: by `startswith` a password's hash or an audit code could be read
    digit by digit.
    """

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        offered = {"id__exact", "pk__exact"}
        for entry in self.list_filter:
            name = entry[0] if isinstance(entry, tuple | list) else entry
            if not isinstance(name, str):
                offered.add(getattr(name, "parameter_name", ""))  # a filter of our own
            else:
                offered |= {name} | {f"{name}__{asked}" for asked in _ASKED}
        if self.date_hierarchy is not None:
            offered |= {f"{self.date_hierarchy}__{part}" for part in _OF_A_DAY}
        return lookup in offered
