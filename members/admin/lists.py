"""名单: a spreadsheet is uploaded, looked at line by line, mended, and goes in whole.

The steps are in members/listing/; the pages of a list that is open in list_pages.py.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from members import bulk
from members.admin import exports, list_pages
from members.admin.lookups import OfferedLookups
from members.listing import acceptance, keeping
from members.models import ListImport, User


class UploadForm(forms.Form):
    file = forms.FileField(
        label="名单文件",
        allow_empty_file=True,  # the reader has the better sentence
        error_messages={"required": "请选择名单文件。"},
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )


@admin.register(ListImport)
class ListImportAdmin(OfferedLookups):
    list_display = ["file_name", "state", "uploaded_by", "uploaded_at", "touched_at", "told"]
    list_filter = ["state"]
    list_select_related = ["uploaded_by"]
    list_per_page = 50
    actions = None
    change_list_template = "admin/members/list_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ListImport]:
        """Without what makes a row heavy."""
        found = super().get_queryset(request)
        return found.defer("sheet", "original", "mapping", "mended", "set_aside")

    @admin.display(description="结果")
    def told(self, kept: ListImport) -> str:
        if kept.state != ListImport.State.ACCEPTED:
            return "—"
        return "新增 {new} 行，有变化 {changed} 行".format(**kept.counts)

    # Who may ----------------------------------------------------------------------------------
    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("members.import_list")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    has_add_permission = has_module_permission

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    # Pages ------------------------------------------------------------------------------------
    def get_urls(self) -> list[Any]:
        def page(route: str, view: Any, name: str) -> Any:
            return path(route, self.admin_site.admin_view(view), name=f"members_listimport_{name}")

        return [
            page("", self.changelist_view, "changelist"),
            page("add/", self.upload, "add"),
            page("export/", self.export, "export"),
            page("<int:pk>/change/", self.preview, "change"),
            page("<int:pk>/columns/", self.columns, "columns"),
            page("<int:pk>/sheet/", require_POST(self.sheet), "sheet"),
            page("<int:pk>/lines/<int:number>/", self.line, "line"),
            page("<int:pk>/aside/", require_POST(self.aside), "aside"),
            page("<int:pk>/accept/", require_POST(self.accept), "accept"),
            page("<int:pk>/abandon/", self.abandon, "abandon"),
        ]

    def upload(self, request: HttpRequest) -> HttpResponse:
        by = self._who(request)
        is_sent = request.method == "POST"
        form = UploadForm(request.POST, request.FILES) if is_sent else UploadForm()
        if is_sent and form.is_valid():
            file = form.cleaned_data["file"]
            try:
                kept = keeping.receive(file, name=file.name, by=by, request=request)
            except bulk.SheetRefused as refusal:
                form.add_error("file", str(refusal))
            except ValidationError as error:
                form.add_error("file", error)
            else:
                asks = list_pages.asks_about_columns(kept, keeping.sheet_of(kept))
                return redirect(
                    f"admin:members_listimport_{'columns' if asks else 'change'}", kept.pk
                )
        return self._page(request, "upload", "上传名单", form=form)

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What the list would do; where it is mended too."""
        by, kept = self._who(request), self._list(pk)
        if kept.state != ListImport.State.OPEN:
            return self._page(request, "closed", "名单", kept=kept)
        is_sent = request.method == "POST"
        if not is_sent and list_pages.asks_about_columns(kept, keeping.sheet_of(kept)):
            return redirect("admin:members_listimport_columns", pk)
        looked_at = list_pages.look(kept, by=by)
        if is_sent:
            try:
                told = list_pages.change(looked_at, by=by, request=request)
            except keeping.Closed:
                told = ""
            if told:
                messages.success(request, told)
            return redirect(list_pages.address_after(request))
        context = list_pages.context(looked_at, request)
        return self._page(request, "preview", "核对名单", kept=kept, **context)

    def columns(self, request: HttpRequest, pk: int) -> HttpResponse:
        by, kept = self._who(request), self._list(pk)
        if kept.state != ListImport.State.OPEN:
            return redirect("admin:members_listimport_change", pk)
        columns = list_pages.columns_of(kept, request.POST if request.method == "POST" else None)
        doubled = list_pages.doubled(kept, columns)
        # Saved once she has read what is said of them.
        unread = {one.field for one in doubled} - {*request.POST.getlist("doubled")}
        error = ""
        if request.method == "POST" and not unread:
            mapping = {column.word: column.field for column in columns}
            try:
                keeping.set_columns(kept, mapping, by=by, request=request)
            except ValidationError as refusal:
                error = " ".join(refusal.messages)
            except keeping.Closed:
                return redirect("admin:members_listimport_change", pk)
            else:
                return redirect("admin:members_listimport_change", pk)
        return self._page(
            request,
            "columns",
            "各列的意思",
            kept=kept,
            columns=columns,
            doubled=doubled,
            fields=bulk.FIELDS,
            others=keeping.sheet_of(kept).others,
            error=error,
        )

    def sheet(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Another sheet of the same workbook."""
        by, kept = self._who(request), self._list(pk)
        if kept.state == ListImport.State.OPEN and kept.original:
            try:
                title = request.POST.get("sheet", "")
                keeping.choose_sheet(kept, title, by=by, request=request)
            except bulk.SheetRefused as refusal:
                messages.error(request, str(refusal))
            except keeping.Closed:
                pass
            else:
                messages.success(request, f"现在读的是工作表「{title}」。")
        return redirect("admin:members_listimport_columns", pk)

    def line(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """Every field of one line, to be mended."""
        by, kept = self._who(request), self._list(pk)
        if kept.state != ListImport.State.OPEN:
            return redirect("admin:members_listimport_change", pk)
        looked_at = list_pages.look(kept, by=by)
        outcome = list_pages.outcome_of(looked_at, number)
        if request.method == "POST":
            try:
                told = list_pages.mend(looked_at, by=by, request=request)
            except keeping.Closed:
                told = ""
            if told:
                messages.success(request, told)
            return redirect("admin:members_listimport_change", pk)
        boxes = list_pages.boxes(outcome, bulk.FIELDS)
        return self._page(
            request, "line", f"第 {number} 行", kept=kept, outcome=outcome, boxes=boxes
        )

    def aside(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The lines that were set aside, as a file."""
        by, kept = self._who(request), self._list(pk)
        try:
            if kept.state != ListImport.State.OPEN:
                raise keeping.Closed
            file = keeping.save_aside(kept, by=by, request=request)
        except keeping.Closed:
            return redirect("admin:members_listimport_change", pk)
        name = f"搁置的行-{kept.file_name.rpartition('.')[0] or kept.file_name}.xlsx"
        return exports.download(file, name, "xlsx")

    def accept(self, request: HttpRequest, pk: int) -> HttpResponse:
        by, kept = self._who(request), self._list(pk)
        try:
            if kept.state != ListImport.State.OPEN:
                raise keeping.Closed
            seen = request.POST.get("seen", "")
            acceptance.accept(kept, by=by, seen=seen, request=request)
        except acceptance.Changed:
            messages.error(
                request,
                "您看过以后，门户里或名单上的内容有了变化，一行也没有导入。"
                "下面是重新核对的结果，请再看一遍。",
            )
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        except keeping.Closed:
            messages.info(request, "这份名单已经办结，没有再导入一次。")
        else:
            messages.success(request, "名单已经全部导入。")
        return redirect("admin:members_listimport_change", pk)

    def abandon(self, request: HttpRequest, pk: int) -> HttpResponse:
        by, kept = self._who(request), self._list(pk)
        if kept.state != ListImport.State.OPEN:
            return redirect("admin:members_listimport_change", pk)
        if request.method == "POST":
            try:
                keeping.abandon(kept, by=by, request=request)
            except keeping.Closed:
                pass
            else:
                messages.success(request, f"已放弃「{kept}」，门户没有留下其中的内容。")
            return redirect("admin:members_listimport_changelist")
        return self._page(request, "abandon", "放弃名单", kept=kept)

    def export(self, request: HttpRequest) -> HttpResponse:
        """Everybody as a list, in the columns that are imported."""
        if not request.user.has_perm("members.export_people"):
            raise PermissionDenied
        if request.method == "POST":
            answer = exports.everybody(request)
            if answer is not None:
                return answer
        return self._page(request, "export", "导出名单")

    def _who(self, request: HttpRequest) -> User:
        if not self.has_change_permission(request):
            raise PermissionDenied
        assert isinstance(request.user, User)
        return request.user

    def _list(self, pk: int) -> ListImport:
        return get_object_or_404(ListImport.objects.select_related("uploaded_by"), pk=pk)

    def _page(self, request: HttpRequest, name: str, title: str, **context: Any) -> HttpResponse:
        return render(
            request,
            f"admin/members/list_{name}.html",
            self.admin_site.each_context(request) | {"title": title} | context,
        )
