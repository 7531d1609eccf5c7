"""Coming in: one box for member number, phone or e-mail; a new password by invitation."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator

from members.consent_field import ConsentField
from members.models import PrivacyNotice
from members.passwords import LengthValidator

# An e-mail address (RFC 5321, 4.5.3.1.3) is longer than any member number.
MAX_LENGTH = 254


class SignInForm(LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login, password = self.fields["login"], self.fields["password"]
        login.label = "会员号、手机号或电子邮箱"
        login.max_length = MAX_LENGTH
        login.validators = [
            validator
            for validator in login.validators
            if not isinstance(validator, MaxLengthValidator)
        ] + [MaxLengthValidator(MAX_LENGTH)]
        login.widget.attrs = {
            "autocomplete": "username",
            "autocapitalize": "none",
            "spellcheck": "false",
        }
        login.error_messages["required"] = "请填写会员号、手机号或电子邮箱。"
        password.label = "密码"
        password.help_text = ""
        password.widget.attrs = {"autocomplete": "current-password"}
        password.error_messages["required"] = "请填写密码。"


class RedeemForm(forms.Form):
    """Who they are, the password they choose, and that they agree to the privacy notice."""

    proof = forms.CharField(
        label="电话后四位",
        help_text="没有登记电话的，请填会员号。",
        max_length=40,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none"}),
        error_messages={"required": "请填写电话后四位，或会员号。"},
    )
    password1 = forms.CharField(
        label="新密码",
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        error_messages={"required": "请填写新密码。"},
    )
    password2 = forms.CharField(
        label="再填一次新密码",
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        error_messages={"required": "请再填一次新密码。"},
    )

    def __init__(self, *args: Any, notice: PrivacyNotice | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if notice is not None:
            self.fields["consent"] = ConsentField(notice)
        self.fields["password1"].help_text = "".join(
            rule.get_help_text()
            for rule in password_validation.get_default_password_validators()
            if isinstance(rule, LengthValidator)
        )

    def clean(self) -> None:
        super().clean()
        first, second = (self.cleaned_data.get(name) for name in ("password1", "password2"))
        if first and second and first != second:
            self.add_error("password2", ValidationError("两次填的新密码不一样，请重填。"))
