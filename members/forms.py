"""The sign-in form: one box for member number, phone or e-mail."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm
from django.core.validators import MaxLengthValidator

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
