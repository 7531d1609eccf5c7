"""What a password must be. Long ones are welcome, no rule of composition is made (ASVS 6.2.5)."""

from __future__ import annotations

from django.contrib.auth.password_validation import MinimumLengthValidator


class LengthValidator(MinimumLengthValidator):
    """Django's own, in Chinese: its catalogue lacks these two sentences."""

    def get_error_message(self) -> str:
        return f"密码太短，至少要 {self.min_length} 个字符。一句自己记得住的话就很好。"

    def get_help_text(self) -> str:
        return f"密码至少要 {self.min_length} 个字符。"
