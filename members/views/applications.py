"""申请入会: the form for strangers, where the secretariat has opened it."""

from __future__ import annotations

from typing import Any

from allauth.core import ratelimit
from django import forms
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from members import applications, credit_code, privacy_notices
from members.consent_field import ConsentField
from members.levels import Level, level
from members.models import Application, PrivacyNotice
from members.models.organization import Size
from members.phone import normalise_phone

SALT = "members.application"
SHOWN_FOR = 24 * 3600  # seconds in which the page with the number can be looked at again


class ApplicationForm(forms.ModelForm[Application]):
    """Whatever it is sent with, the answer does not depend on whom we know."""

    class Meta:
        model = Application
        fields = [
            "organization_name",
            "credit_code",
            "region",
            "industry",
            "size",
            "name",
            "phone",
            "email",
            "remark",
        ]
        labels = {
            "region": "所在地区",
            "size": "规模（可不选）",
            "industry": "行业（可不填）",
            "name": "您的姓名",
            "phone": "手机号码",
            "remark": "附言（可不填）",
        }
        help_texts = {
            "organization_name": "营业执照上的全称。",
            "credit_code": "营业执照上的 18 位代码；手边没有可以先空着，以后再补。",
            "region": "例如：样例省样例市。",
            "phone": "手机号码和电子邮箱至少填一样，我们用它答复您。",
            "remark": "想了解什么、希望几位同事阅读，都可以写；最多 500 个字。",
        }

    def __init__(self, *args: Any, notice: PrivacyNotice, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.notice = notice
        self.fields["consent"] = ConsentField(notice)
        for name in ("name", "region"):
            self.fields[name].required = True
        size = self.fields["size"]
        assert isinstance(size, forms.ChoiceField)
        size.choices = [("", "不选"), *Size.choices]
        self.fields["remark"].widget = forms.Textarea({"rows": 4, "maxlength": 500})
        for name, kind in (
            ("organization_name", "organization"),
            ("name", "name"),
            ("phone", "tel"),
            ("email", "email"),
        ):
            self.fields[name].widget.attrs["autocomplete"] = kind
        self.fields["phone"].widget.attrs["inputmode"] = "tel"
        self.fields["credit_code"].widget.attrs |= {"autocapitalize": "characters"}
        # As people write them: in groups, with blanks.
        self.fields["credit_code"] = _roomy(self.fields["credit_code"])
        self.fields["phone"] = _roomy(self.fields["phone"])
        self._say()

    def clean_credit_code(self) -> str:
        return credit_code.normalise(self.cleaned_data["credit_code"])

    def clean_phone(self) -> str:
        return normalise_phone(self.cleaned_data["phone"])

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        typed = [name for name in ("phone", "email") if self.data.get(name, "").strip()]
        if not typed:
            self.add_error("phone", ValidationError("请填写手机号码或电子邮箱，至少填一样。"))
        return cleaned

    def _post_clean(self) -> None:
        self.instance.notice = self.notice
        super()._post_clean()  # type: ignore[misc]

    def _say(self) -> None:
        """Sentences that name their field: they also stand together at the top of the page."""
        for name, field in self.fields.items():
            label = "单位名称" if name == "organization_name" else str(field.label).split("（")[0]
            if name != "consent":
                field.error_messages |= {
                    "required": f"请填写{label}。",
                    "invalid": f"{label}看来不对，请核对。",
                    "invalid_choice": f"{label}请从列出的里面选。",
                    "max_length": f"{label}太长了，请写短一些。",
                    "null_characters_not_allowed": f"{label}里有不能保存的字符，请重新填写。",
                }


def _roomy(field: forms.Field) -> forms.CharField:
    """The same, with room for blanks and hyphens that will be left out."""
    return forms.CharField(
        label=field.label,
        help_text=field.help_text,
        required=False,
        max_length=60,
        widget=forms.TextInput(field.widget.attrs | {"maxlength": 60}),
    )


@level(Level.OPEN)
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest) -> HttpResponse:
    """The form; while it is closed, the page that says how to join otherwise."""
    notice = privacy_notices.in_force() if settings.APPLICATIONS_OPEN else None
    if notice is None:
        return redirect("members:join")
    form = ApplicationForm(request.POST if request.method == "POST" else None, notice=notice)
    is_full = applications.is_full()
    # Counted when it would be taken: mending a mistake costs nothing.
    if form.is_bound and not is_full and form.is_valid():
        if limited := ratelimit.consume_or_429(request, action="apply"):
            answer: HttpResponse = limited
            return answer
        added = applications.add(form.save(commit=False), request=request)
        number = signing.dumps(added.reference, salt=SALT)
        return redirect(f"{reverse('members:apply_sent')}?{urlencode({'number': number})}")
    context = {"form": form, "is_full": is_full}
    return render(request, "members/apply.html", context, status=503 if is_full else 200)


@level(Level.OPEN)
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """The number of the application just sent, which only we can have signed; nothing of it."""
    try:
        reference = signing.loads(request.GET.get("number", ""), salt=SALT, max_age=SHOWN_FOR)
    except signing.BadSignature:
        return redirect("members:join")
    return render(request, "members/apply_sent.html", {"reference": reference})
