"""A person: who they are and, by annotation, what they may read."""

from __future__ import annotations

import datetime as dt
import secrets
import unicodedata
import uuid
from contextlib import suppress
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac

from members.initials import initials
from members.models.membership import Membership
from members.models.organization import Seat, refuse_future
from members.models.privacy import Consent, PrivacyNotice
from members.one_line import tidy
from members.phone import is_phone, normalise_phone
from members.roles import READING_ROLES, ROLES, Role


class UserQuerySet(models.QuerySet["User"]):
    def with_access(self, *, on: dt.date | None = None) -> UserQuerySet:
        """Each person with all that `members.access` decides by, in this one query.

        Args:
            on: the day asked about, in Asia/Shanghai; today when not given.
        """
        day = on or timezone.localdate()
        roles = User.groups.through.objects.filter(user=OuterRef("pk"))
        own = Membership.objects.current(on=day).filter(person=OuterRef("pk"))
        seats = Seat.objects.current().filter(person=OuterRef("pk"))
        covering = Membership.objects.current(on=day).filter(organization=OuterRef("organization"))
        agreed = Consent.objects.filter(
            person=OuterRef(OuterRef("pk")), notice__gte=OuterRef("version")
        )
        return self.annotate(
            has_own_membership=Exists(own),
            has_seat=Exists(seats),
            has_suspended_seat=Exists(seats.filter(organization__suspended_at__isnull=False)),
            has_member_seat=Exists(
                seats.filter(Exists(covering), organization__suspended_at__isnull=True)
            ),
            is_administrator=Exists(roles.filter(group__name=Role.ADMINISTRATOR)),
            has_role=Exists(roles.filter(group__name__in=ROLES)),
            has_reading_role=Exists(roles.filter(group__name__in=READING_ROLES)),
            notice_due=Exists(PrivacyNotice.objects.filter(~Exists(agreed))),
        )

    def by_identifier(self, identifier: str) -> User | None:
        """The person whose member number, e-mail or phone this is, or None."""
        written = unicodedata.normalize("NFKC", identifier).replace("\0", "").strip()
        match = Q(member_number__iexact=written)
        if "@" in written:
            match |= Q(email__iexact=written)
        else:
            with suppress(ValidationError):
                match |= Q(phone=normalise_phone(written) or None)
        # A number equal to somebody else's phone must not open two doors: the number wins.
        found = list(self.filter(match)[:3])
        exact = [user for user in found if user.member_number.lower() == written.lower()]
        return next(iter(exact or found), None)


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(member_number=username)

    def create_user(
        self, member_number: str = "", *, password: str | None = None, **fields: Any
    ) -> User:
        """A person, saved; without `password` nobody can sign in as them yet."""
        user = User(member_number=member_number or User.next_member_number(), **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user

    def create_superuser(
        self, member_number: str, *, password: str | None = None, **fields: Any
    ) -> User:
        return self.create_user(
            member_number,
            password=password,
            is_superuser=True,
            **({"name": member_number} | fields),
        )


class User(AbstractBaseUser, PermissionsMixin):
    member_number = models.CharField(
        "会员号",
        max_length=20,
        unique=True,
        validators=[
            RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9-]*$", "会员号只用字母、数字和短横线。")
        ],
        help_text="登录名，永不改变，也不重新发给他人。",
    )
    name = models.CharField("姓名", max_length=50)
    initials = models.CharField("拼音首字母", max_length=300, blank=True, editable=False)
    email = models.EmailField("电子邮箱", blank=True)
    phone = models.CharField("电话", max_length=20, blank=True, help_text="按 E.164 格式保存。")
    is_active = models.BooleanField(
        "启用", default=True, help_text="停用后立即无法登录，已登录的设备也一并退出。"
    )
    suspended_at = models.DateTimeField("暂停时间", null=True, blank=True)
    suspension_reason = models.CharField("暂停原因", max_length=200, blank=True)
    remark = models.TextField("备注", blank=True, max_length=2000)
    joined_at = models.DateTimeField("登记时间", default=timezone.now, editable=False)
    last_seen_at = models.DateTimeField("最近访问", null=True, blank=True, editable=False)
    # How the pages look to them: what differs from the default, by members/display.py.
    display = models.JSONField(default=dict, editable=False)
    # Part of what a session is checked against: raised, it ends every session there is.
    session_generation = models.PositiveIntegerField(default=0, editable=False)
    audit_ref = models.UUIDField("审计代号", default=uuid.uuid4, unique=True, editable=False)
    # Nothing personal is left: the row stands for what others hold of it (members/erasure.py).
    erased_at = models.DateTimeField("注销时间", null=True, blank=True, editable=False)
    # The record that this one turned out to be a second of (members/merging.py).
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="merged",
        verbose_name="并入",
    )

    objects = UserManager.from_queryset(UserQuerySet)()

    USERNAME_FIELD = "member_number"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = "人员"
        verbose_name_plural = "人员"
        ordering = ["member_number"]
        permissions = [("assign_roles", "可以授予和收回角色")]
        constraints = [
            models.UniqueConstraint(
                Lower("member_number"),
                name="user_member_number_unique",
                violation_error_message="已有人使用这个会员号。",
            ),
            models.UniqueConstraint(
                Lower("email"),
                condition=~Q(email=""),
                name="user_email_unique",
                violation_error_message="已有人使用这个电子邮箱。",
            ),
            models.UniqueConstraint(
                "phone",
                condition=~Q(phone=""),
                name="user_phone_unique",
                violation_error_message="已有人使用这个电话。",
            ),
            models.CheckConstraint(
                condition=~Q(member_number=""),
                name="user_member_number_present",
                violation_error_message="请填写会员号。",
            ),
            models.CheckConstraint(
                condition=Q(phone="") | Q(phone__startswith="+"),
                name="user_phone_e164",
                violation_error_message="电话没有按国际格式保存。",
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | Q(is_active=False, phone="", email=""),
                name="user_erased_stays_empty",
                violation_error_message="此人已注销，不能再启用，也不能再填写联系方式。",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | Q(is_active=False),
                name="user_merged_stays_inactive",
                violation_error_message="这条记录已并入另一条，不能再启用。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.member_number}）"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.initials = initials(self.name)
        if kwargs.get("update_fields") is not None and "name" in kwargs["update_fields"]:
            kwargs["update_fields"] = {*kwargs["update_fields"], "initials"}
        super().save(*args, **kwargs)

    def clean(self) -> None:
        # Not AbstractBaseUser.clean(): it writes the username back, which here never changes.
        self.email = self.email.strip().lower()
        changed = self._changed()
        errors: dict[str, Any] = tidy(self, "name") if "name" in changed else {}
        if "phone" in changed:
            try:
                self.phone = normalise_phone(self.phone)
            except ValidationError as error:
                errors["phone"] = error
        if "suspended_at" in changed:
            refuse_future(self.suspended_at)
        if self.merged_into_id is not None and self.is_active and "is_active" in changed:
            errors["is_active"] = "这条记录已并入另一条，不能再启用。"
        if "member_number" in changed and is_phone(self.member_number):
            # Whoever has that phone could no longer sign in by it.
            errors["member_number"] = "会员号不能是一个电话号码，请加上字母。"
        if errors:
            raise ValidationError(errors)

    def _changed(self) -> frozenset[str]:
        """Which of the fields that `clean` looks at are not as the database has them.

        What stands there from before a rule was made is not told: a form without that field has
        no place to say it, and whoever fills it in could not mend it.
        """
        names = frozenset({"member_number", "name", "phone", "suspended_at", "is_active"})
        if self.pk is None:
            return names
        stored = User.objects.filter(pk=self.pk).values(*names).first()
        if stored is None:
            return names
        return frozenset(name for name in names if getattr(self, name) != stored[name])

    @classmethod
    def next_member_number(cls) -> str:
        """A member number nobody has: `M` and eight digits that tell nothing."""
        while True:
            number = cls.random_member_number()
            if not cls.objects.filter(member_number=number).exists():
                return number

    @staticmethod
    def random_member_number() -> str:
        """One that `clean` takes; somebody may have it."""
        while True:
            number = f"M{secrets.randbelow(10**8):08d}"
            # One in a hundred could be somebody's phone number.
            if not is_phone(number):
                return number

    @property
    def is_staff(self) -> bool:
        """What Django's admin asks; the rule itself is `access.may_enter_admin`."""
        from members.access import may_enter_admin

        return may_enter_admin(self)

    def _get_session_auth_hash(self, secret: Any = None) -> str:
        signed = f"{self.password}{self.session_generation}"
        return salted_hmac("members.User", signed, secret=secret, algorithm="sha256").hexdigest()

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name
