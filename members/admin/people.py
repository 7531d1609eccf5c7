from __future__ import annotations

from functools import partial
from typing import Any

from allauth.account.admin import EmailAddress
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import path
from django.views.decorators.http import require_POST

from members import audit, own_data
from members import invitations as joining
from members.admin import exports, invitations, merging, verifying
from members.admin.audited import AuditedAdmin
from members.admin.inlines import MembershipFormSet, SeatFormSet
from members.admin.person_forms import PasswordForm, PersonCreationForm
from members.admin.searching import SearchedByAnyPart
from members.masking import mask_email, mask_phone
from members.models import Membership, Seat, User

# Roles are data (members/roles.py); a person's one address is a field of theirs.
admin.site.unregister([Group, EmailAddress])


class PersonChangeForm(UserChangeForm[User]):
    class Meta:
        model = User
        fields = "__all__"
        field_classes: dict[str, type[forms.Field]] = {}


class SeatInline(admin.TabularInline[Seat, User]):
    model = Seat
    formset = SeatFormSet
    extra = 0
    autocomplete_fields = ["organization"]
    can_delete = False


class PersonalMembershipInline(admin.TabularInline[Membership, User]):
    model = Membership
    formset = MembershipFormSet
    extra = 0
    fields = ["first_day", "last_day", "remark"]
    can_delete = False


@admin.register(User)
class PersonAdmin(SearchedByAnyPart, AuditedAdmin, DjangoUserAdmin[User]):
    form = PersonChangeForm
    add_form = PersonCreationForm
    change_password_form = PasswordForm
    change_user_password_template = "admin/members/password.html"  # noqa: S105  # nosec
    # Django's own says in English what the fields say here.
    add_form_template = None
    personal_fields = ("member_number", "name", "phone", "email", "remark")
    list_display = [
        "member_number",
        "name",
        "masked_phone",
        "masked_email",
        "is_active",
        "suspended_at",
    ]
    list_filter = ["is_active", ("suspended_at", admin.EmptyFieldListFilter), "groups"]
    search_fields = [
        "member_number",
        "name",
        "initials",
        "phone",
        "email",
        "seats__organization__name",
        "seats__organization__initials",
    ]
    search_help_text = "姓名、会员号、电话、邮箱、单位的任何一段；名字可以写拼音首字母"
    ordering = ["member_number"]
    readonly_fields = ["joined_at", "last_seen_at", "last_login", "merged_into"]
    inlines = [SeatInline, PersonalMembershipInline]
    actions = [
        invitations.invite_by_email,
        invitations.print_slips,
        exports.export_xlsx,
        exports.export_csv,
    ]
    list_per_page = 50
    add_fieldsets = [
        (None, {"fields": ["member_number", "name", "phone", "email"]}),
        ("密码", {"fields": ["usable_password", "password1", "password2"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Whoever was erased is nobody that could be found, chosen or changed."""
        found: QuerySet[User] = super().get_queryset(request).filter(erased_at__isnull=True)
        return found

    @admin.display(description="电话", ordering="phone", empty_value="—")
    def masked_phone(self, person: User) -> str:
        return mask_phone(person.phone)

    @admin.display(description="电子邮箱", ordering="email", empty_value="—")
    def masked_email(self, person: User) -> str:
        return mask_email(person.email)

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            # Five of them: boxes to tick.
            kwargs |= {
                "widget": forms.CheckboxSelectMultiple,
                "label": "角色",
                "help_text": "",
            }
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if change and "is_active" in form.changed_data and not obj.is_active:
            obj.session_generation += 1
        super().save_model(request, obj, form, change)
        if change and "email" in form.changed_data:
            # By allauth's own note of it the former holder of the address could set a password.
            EmailAddress.objects.filter(user=obj).delete()
            former: str = getattr(obj, "_before", {}).get("email", "")
            if former.lower() != obj.email:
                own_data.tell_changed_by_staff(former)

    def save_related(self, request: HttpRequest, form: Any, *args: Any, **kwargs: Any) -> None:
        """Which role was given or taken is told apart: auditors look for just this."""
        assert isinstance(request.user, User)
        groups = form.instance.groups
        before = set(groups.values_list("name", flat=True))
        super().save_related(request, form, *args, **kwargs)
        after = set(groups.values_list("name", flat=True))
        for verb, roles in (("grant", after - before), ("revoke", before - after)):
            for role in sorted(roles):
                audit.record(
                    f"role.{verb}",
                    by=request.user,
                    subject=form.instance,
                    request=request,
                    role=role,
                )
        if after - before:
            person = User.objects.get(pk=form.instance.pk)
            if joining.close_for_role(person, by=request.user, request=request):
                messages.warning(
                    request,
                    "此人从未登录过，先前的邀请和密码都已作废。请先收回角色，由会员管理邀请本人登录，"
                    "再授予角色；或者由兼任会员管理和系统管理员的人邀请。",
                )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        fieldsets: list[Any] = [
            (None, {"fields": ["member_number", "name", "phone", "email", "remark"]}),
            ("状态", {"fields": ["is_active", "suspended_at", "suspension_reason"]}),
        ]
        if request.user.has_perm("members.assign_roles"):
            fieldsets.append(("角色", {"fields": ["groups"]}))
        fieldsets.append(("记录", {"fields": ["joined_at", "last_login", "last_seen_at"]}))
        if obj.merged_into_id is not None:
            fieldsets.append(("合并", {"fields": ["merged_into"]}))
        return fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        always = super().get_readonly_fields(request, obj)
        if obj is not None:
            always = [*always, "member_number"]
        if obj is not None and obj.pk == request.user.pk:
            # Nobody gives a role to themselves: that takes a second person.
            always = [*always, "groups"]
        # Who assigns roles does not keep people, and the reverse; but whoever holds a role can
        # be stopped by those who give it.
        if not request.user.has_perm("members.change_user"):
            always = [*always, "name", "phone", "email", "remark"]
            if obj is None or not obj.groups.exists():
                always = [*always, "is_active", "suspended_at", "suspension_reason"]
        return always

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and (obj.merged_into_id is not None or obj.erased_at is not None):
            return False  # what is left of it is for the auditors
        if super().has_change_permission(request, obj):
            # A holder of a role is changed by those who may give roles: nobody else may lock
            # an administrator out, or set a password and become one.
            return (
                obj is None
                or request.user.has_perm("members.assign_roles")
                or not (obj.is_superuser or obj.groups.exists())
            )
        return bool(request.user.has_perm("members.assign_roles"))

    def get_urls(self) -> list[Any]:
        picture = partial(invitations.slip_picture, self)
        return [
            path(
                "slip.png",
                self.admin_site.admin_view(require_POST(picture)),
                name="members_user_slip_picture",
            ),
            path(
                "<int:pk>/merge/",
                self.admin_site.admin_view(partial(merging.merge, self)),
                name="members_user_merge",
            ),
            path(
                "<int:pk>/verify/",
                self.admin_site.admin_view(partial(verifying.verify, self)),
                name="members_user_verify",
            ),
            *super().get_urls(),
        ]

    def has_invite_permission(self, request: HttpRequest) -> bool:
        """An invitation sets a password: giving roles alone is not enough for it."""
        return bool(request.user.has_perm("members.change_user"))

    def has_merge_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("members.change_user"))

    def has_export_permission(self, request: HttpRequest) -> bool:
        return exports.may_export(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def user_change_password(self, request: HttpRequest, id: Any, form_url: str = "") -> Any:  # noqa: A002
        """Setting another's password is changing them, which giving roles alone is not."""
        if not request.user.has_perm("members.change_user"):
            from django.core.exceptions import PermissionDenied

            raise PermissionDenied
        # Django saves the password first and writes its log afterwards.
        with transaction.atomic():
            return super().user_change_password(request, id, form_url)
