"""Who is signing in, and who is signed in."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest

from members.models import User


class MemberBackend(AuthenticationBackend):
    """Member number, phone or e-mail with the password; the person comes with their access."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **credentials: Any,
    ) -> User | None:
        if not username or not password:
            return None
        user = User.objects.by_identifier(username)
        if user is None:
            # As long as a wrong password takes, so that time does not tell who is known.
            User().set_password(password)
            return None
        if user.check_password(password) and self.user_can_authenticate(user):
            return user
        return None

    def get_user(self, user_id: int) -> User | None:
        """The gate's second query of two (the first is the session)."""
        user = User.objects.with_access().filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
