"""Import in the admin: upload, read the report, then keep it or let it go."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from members.models import User
from newsletter.admin.permissions import require
from newsletter.importing import draft, receive
from newsletter.importing.errors import ImportRefused
from newsletter.importing.report import report as report_of
from newsletter.models import IncomingFile, Issue


class UploadForm(forms.Form):
    file = forms.FileField(
        label="成稿文件",
        help_text="排印定稿的文本文件（.txt，UTF-8 或 GB18030），或本门户导出的 .json。",
        error_messages={"required": "请选择成稿文件。", "empty": "这个文件是空的，请核对后重选。"},
    )

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > receive.MAX_BYTES:
            limit = receive.MAX_BYTES // 1024 // 1024
            raise forms.ValidationError(f"文件超过 {limit} MB，不像是一期成稿。请核对文件。")
        return file

    def read(self) -> receive.Received:
        """What the file says.

        Raises:
            ImportRefused: it is no issue.
        """
        file: UploadedFile[Any] = self.cleaned_data["file"]
        return receive.from_bytes(file.read(), name=file.name or "")


def upload(request: HttpRequest) -> HttpResponse:
    """Take a file and read it; nothing of it is an issue yet."""
    require(request, "newsletter.import_issue")
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_valid():
        try:
            found = form.read()
        except ImportRefused as error:
            form.add_error("file", str(error))
        else:
            assert isinstance(request.user, User)
            kept = draft.keep_file(found.data, name=found.name, by=request.user)
            return redirect("admin:newsletter_issue_report", kept.pk)
    return render(request, "admin/newsletter/import.html", _context(request, "导入一期", form=form))


def report(request: HttpRequest, pk: str) -> HttpResponse:
    """What was understood of a received file, before and after it is kept."""
    require(request, "newsletter.import_issue")
    received = get_object_or_404(IncomingFile, pk=pk)
    with received.file.open("rb") as file:
        data = file.read()
    try:
        found = receive.from_bytes(data, name=received.name)
    except ImportRefused as error:
        messages.error(request, str(error))
        return redirect("admin:newsletter_issue_import")
    if request.method == "POST" and received.issue is None:
        if "discard" in request.POST:
            receive.forget(received)
            messages.success(request, f"没有导入，{received.name} 已删除。")
            return redirect("admin:newsletter_issue_changelist")
        assert isinstance(request.user, User)
        try:
            issue = draft.save(
                found.draft,
                by=request.user,
                replace="replace" in request.POST,
                received=received,
            )
        except ImportRefused as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"{issue}已存为草稿，请核对存疑后发布。")
            return redirect("admin:newsletter_issue_change", issue.pk)
    fields = found.draft.fields
    there = Issue.objects.filter(year=fields["year"], number=fields["number"]).first()
    return render(
        request,
        "admin/newsletter/import_report.html",
        _context(
            request,
            "导入报告",
            received=received,
            found=found,
            report=report_of(found.outline) if found.outline else None,
            there=there,
        ),
    )


def _context(request: HttpRequest, title: str, **context: Any) -> dict[str, Any]:
    return {**admin.site.each_context(request), "title": title, **context}
