"""Files that were exchanged: what came and went, what became of each row, and the file itself once more."""

import io
from typing import Any
from urllib.parse import quote

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from core.admin_site import status_column
from core.csv import Rejects
from core.errors import Refusal
from inventory.admin.figures import STYLE, figure
from inventory.admin.stocktakes import OfOwnPlaces
from inventory.models import ExchangeFile, ExchangeRow
from inventory.rules import RowFate

SHOWN = 200
KINDS = {"stocktake_count": _("Count sheet")}


@admin.register(ExchangeFile)
class ExchangeFileAdmin(OfOwnPlaces):
    """Every file that came or went, the newest first."""

    to_company = "company"
    list_display = ("at", "shown_kind", "name", "location", "shown_status", "shown_rows", "shown_refused", "shown_replaced", "by")
    list_select_related = ("location",)
    list_filter = ("way", "status", "location")
    search_fields = ("name", "about")
    ordering = ("-pk",)
    fieldsets = ()
    change_form_before_template = "inventory/admin/file.html"
    actions_detail = ("go_content", "go_report")
    empty_words = _("No file has come or gone yet.")
    shown_status = status_column("status", description=_("status"), tones={"done": "success", "failed": "danger"})

    class Media:
        css = {"all": (*STYLE, "inventory/stocktake.css")}

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("content")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The page is read from its template."""
        return ()

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        row = self.get_object(request, object_id)
        words = {"page": self._page(row)} if row is not None else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **words})

    def _page(self, row: ExchangeFile) -> dict[str, Any]:
        told = ExchangeRow.objects.filter(file=row).exclude(fate__in=(RowFate.DONE, RowFate.REPEATED)).order_by("number", "pk")[:SHOWN]
        return {
            "file": row,
            "kind": KINDS.get(row.kind, row.kind),
            "status": row.get_status_display(),  # type: ignore[attr-defined]
            "way": row.get_way_display(),  # type: ignore[attr-defined]
            "tone": "success" if row.status == "done" else "danger",
            "rows": [{"row": one, "fate": one.get_fate_display(), "said": said(one)} for one in told],  # type: ignore[attr-defined]
            "shown": SHOWN,
        }

    @display(description=_("kind of file"), ordering="kind")
    def shown_kind(self, row: Any) -> Any:
        return KINDS.get(row.kind, row.kind)

    @display(description=_("rows"))
    def shown_rows(self, row: Any) -> Any:
        return figure(row.row_count)

    @display(description=_("refused"))
    def shown_refused(self, row: Any) -> Any:
        return figure(row.refused_count)

    @display(description=_("signs replaced"))
    def shown_replaced(self, row: Any) -> Any:
        return figure(row.replaced_count)

    @display(description=_("by"))
    def by(self, row: Any) -> str:
        return row.actor_label or row.actor_kind

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:key>/content/", view(self.content_view), name="inventory_exchangefile_content"),
            path("<int:key>/report/", view(self.report_view), name="inventory_exchangefile_report"),
            *super().get_urls(),
        ]

    @action(description=_("The file once more"), url_path="go-content", icon="download")  # type: ignore[untyped-decorator]
    def go_content(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:inventory_exchangefile_content", args=[object_id]))

    @action(description=_("Report by row (CSV)"), url_path="go-report", icon="rule")  # type: ignore[untyped-decorator]
    def go_report(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:inventory_exchangefile_report", args=[object_id]))

    def _found(self, request: HttpRequest, key: int) -> ExchangeFile:
        row: ExchangeFile | None = self.get_queryset(request).filter(pk=key).first()
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        return row

    def content_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """The file byte for byte, as it came or went."""
        row = self._found(request, key)
        return _attached(bytes(row.content), row.name)

    def report_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """What became of the rows that a person must look at, as CSV in the reader's language."""
        row, file = self._found(request, key), io.BytesIO()
        report = Rejects(file, translate=gettext)
        for one in ExchangeRow.objects.filter(file=row).exclude(fate__in=(RowFate.DONE, RowFate.REPEATED)).order_by("number", "pk"):
            report.add(one.number, Refusal(one.code, one.message, one.params, one.key))
        report.close()
        return _attached(file.getvalue(), f"report-{row.pk}.csv")


def said(row: ExchangeRow) -> str:
    """The reason of a row in the reader's language."""
    return Refusal(row.code, row.message, row.params).text(gettext) if row.message else ""


def _attached(content: bytes, name: str) -> HttpResponse:
    safe = quote(name.replace("/", "_").replace("\\", "_"))
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{safe}", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type="application/octet-stream", headers=headers)
