"""A box to tick: that one has read the privacy notice, this version of it, and agrees."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html

from members.models import PrivacyNotice


class _VersionBox(forms.CheckboxInput):
    """Its value is the version, so that what was agreed to is what was shown."""

    def __init__(self, version: str) -> None:
        super().__init__(check_test=lambda value: value == version)
        self.version = version

    # What was sent, instead of whether anything was.
    value_from_datadict = forms.Widget.value_from_datadict

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["value"] = self.version
        return context


class ConsentField(forms.CharField):
    """Never ticked beforehand (PIPL art. 14: consent is explicit)."""

    def __init__(self, notice: PrivacyNotice) -> None:
        version = str(notice.version)

        def is_shown(value: str) -> None:
            if value != version:
                raise ValidationError(
                    f"《个人信息处理说明》刚刚更新到第 {version} 版，请看过再勾选。"
                )

        super().__init__(
            label=format_html(
                '我已阅读并同意<a href="{}" target="_blank">《个人信息处理说明》</a>',
                reverse("members:privacy_version", args=[notice.version]),
            ),
            widget=_VersionBox(version),
            validators=[is_shown],
            error_messages={"required": "请先阅读《个人信息处理说明》，同意的请勾选。"},
        )
