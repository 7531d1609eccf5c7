"""Where allauth asks us: nobody signs up alone, every sign-in and refusal is recorded."""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse

from members import audit, display
from members.access import may_enter_admin, may_read
from members.models import User

logger = logging.getLogger(__name__)

_MISMATCH = "账号或密码不正确。账号可填会员号、手机号或电子邮箱；忘记密码请联系秘书处。"


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        # One sentence for all: it does not tell whether the account exists.
        "username_password_mismatch": _MISMATCH,
        "email_password_mismatch": _MISMATCH,
        "invalid_login": _MISMATCH,
        "too_many_login_attempts": "尝试次数过多，请稍后再试。",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """A link in a letter is built from our own address, never from the request's Host."""
        uid, _, rest = key.partition("-")
        path = reverse("account_reset_password_from_key", args=[uid, rest])
        return f"{settings.BASE_URL}{path}"

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Who has work in the admin and nothing to read goes to their work."""
        if may_enter_admin(request.user) and not may_read(request.user).allowed:
            return reverse("admin:index")
        return str(super().get_login_redirect_url(request))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail server that is down must not tell a stranger which addresses are known."""
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as error:  # smtplib's errors are among them
            # Neither the address nor the error's own words, which may hold it.
            logger.error("letter not sent: %s (%s)", template_prefix, type(error).__name__)

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        display.adopt(request, user)
        audit.record("session.sign-in", by=user, subject=user, request=request)

    def logout(self, request: HttpRequest) -> None:
        if isinstance(request.user, User):
            audit.record("session.sign-out", by=request.user, subject=request.user, request=request)
        super().logout(request)

    def set_password(self, user: User, password: str) -> None:
        """A change and a reset both come through here.

        allauth would write the whole row back as it was when the request began, and with it
        whatever has been taken away since: a deactivation, an erasure.

        Raises:
            PermissionDenied: the account, or every session of it, has been ended meanwhile.
        """
        user.set_password(password)  # slow by design: not while others wait for the lock
        with transaction.atomic():
            now = User.objects.select_for_update().get(pk=user.pk)
            if not now.is_active or now.session_generation != user.session_generation:
                raise PermissionDenied
            User.objects.filter(pk=user.pk).update(password=user.password)
            audit.record("user.password", by=user, subject=user, request=self.request)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Tries are counted by whom they mean: one phone has many spellings."""
        typed = str(credentials.get("email") or credentials.get("username") or "")
        meant = User.objects.by_identifier(typed)
        name = meant.member_number if meant else typed
        return str(super()._get_login_attempts_cache_key(request, username=name))

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        super().authentication_failed(request, **credentials)
        # Only what names somebody: people type passwords into the wrong box.
        meant = User.objects.by_identifier(str(credentials.get("username", "")))
        audit.record(
            "session.sign-in",
            by=audit.STRANGER,
            succeeded=False,
            subject=meant,
            request=request,
        )
