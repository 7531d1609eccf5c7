"""The forms of a new person and of a password set by staff, in words of our own.

Django's speak of LDAP and of password-based authentication.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm

from members.models import User
from members.passwords import LengthValidator

ONES_OWN, SET_NOW = "false", "true"  # as Django's form reads them


class PersonCreationForm(AdminUserCreationForm[User]):
    """A new person; without a password they come in by an invitation."""

    usable_password = forms.ChoiceField(
        label="密码",
        initial=ONES_OWN,
        choices={ONES_OWN: "不设，由本人凭邀请自己设", SET_NOW: "现在替他设"},
        widget=forms.RadioSelect,
        error_messages={"required": "请选：不设，还是现在替他设。"},
    )

    class Meta:
        model = User
        fields = ("member_number", "name", "phone", "email")

    class Media:
        # Hides the two boxes while none is set, without script.
        css = {"all": ["admin/css/unusable_password_field.css"]}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member_number"].initial = User.next_member_number()
        _name_passwords(self)


class PasswordForm(AdminPasswordChangeForm):  # type: ignore[type-arg]
    """Another password for somebody; whoever is to have none is deactivated instead."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("usable_password", None)
        for name in ("password1", "password2"):
            self.fields[name].required = True
        _name_passwords(self)


def _name_passwords(form: forms.BaseForm) -> None:
    first, again = form.fields["password1"], form.fields["password2"]
    first.label, again.label = "新密码", "再填一次新密码"
    first.error_messages["required"] = "请填写新密码。"
    again.error_messages["required"] = "请再填一次新密码。"
    first.help_text = "".join(
        rule.get_help_text()
        for rule in password_validation.get_default_password_validators()
        if isinstance(rule, LengthValidator)
    )
    again.help_text = ""
