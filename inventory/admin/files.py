"""Files that were exchanged: what came and went, what became of each row, and the file itself once more."""

import io
from typing import Any
from urllib.parse import quote, urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from core.admin_site import actor_of, status_column
from core.csv import ExportWriter
from core.errors import Refusal
from core.operations import record_personal_read
from inventory.admin.exchange import exchange_page, may_exchange
from inventory.admin.figures import STYLE, figure
from inventory.admin.stocktakes import OfOwnPlaces
from inventory.models import ExchangeFile, ExchangeRow
from inventory.queries import kind_of, people_in_file
from inventory.rules import RowFate
from inventory.rules.warehouse import STOCK_SNAPSHOT

SHOWN = 200
COUNT_SHEET = "stocktake_count"
TONES = {"done": "success", "partly": "warning", "failed": "danger"}
READ = ("name", "phone", "address")
WAITING = (RowFate.REFUSED, RowFate.DIFFERS, RowFate.REPLACED)
"""Rows that a person must look at."""


def kind_name(code: str) -> str:
    """What people call a kind of file."""
    if code == COUNT_SHEET:
        return gettext("Count sheet")
    known = kind_of(code)
    return gettext(known.label) if known else code


@admin.register(ExchangeFile)
class ExchangeFileAdmin(OfOwnPlaces):
    """Every file that came or went, the newest first."""

    to_company = "company"
    list_display = ("at", "shown_kind", "name", "location", "shown_status", "shown_rows", "shown_waiting", "by")
    list_select_related = ("location",)
    list_filter = ("way", "status", "location")
    search_fields = ("name", "about")
    ordering = ("-pk",)
    fieldsets = ()
    change_form_before_template = "inventory/admin/file.html"
    actions_list = ("go_exchange",)
    actions_detail = ("go_content", "go_report")
    empty_words = _("No file has come or gone yet. Begin with the button above, or set a folder up.")
    shown_status = status_column("status", description=_("status"), tones=TONES)

    class Media:
        css = {"all": (*STYLE, "inventory/stocktake.css")}

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("content")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The page is read from its template."""
        return ()

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        row = self.get_object(request, object_id)
        account: Any = request.user
        with_value = account.has_perm("inventory.view_value")
        words = {"page": self._page(row, everything="all" in request.GET, with_value=with_value)} if row is not None else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **words})

    def _page(self, row: ExchangeFile, *, everything: bool, with_value: bool) -> dict[str, Any]:
        of_file = ExchangeRow.objects.filter(file=row)
        told = (of_file if everything else of_file.filter(fate__in=WAITING)).order_by("number", "pk")[:SHOWN]
        return {
            "file": row,
            "everything": everything,
            "differences": differences(row) if row.kind == STOCK_SNAPSHOT.code else None,
            "with_value": with_value,
            "currency": row.company.currency,
            "kind": kind_name(row.kind),
            "status": row.get_status_display(),  # type: ignore[attr-defined]
            "way": row.get_way_display(),  # type: ignore[attr-defined]
            "tone": TONES[row.status],
            "rows": [{"row": one, "fate": one.get_fate_display(), "said": said(one)} for one in told],  # type: ignore[attr-defined]
            "shown": SHOWN,
        }

    @display(description=_("kind of file"), ordering="kind")
    def shown_kind(self, row: Any) -> Any:
        return kind_name(row.kind)

    @display(description=_("rows"))
    def shown_rows(self, row: Any) -> Any:
        return figure(row.row_count)

    @display(description=_("to look at"))
    def shown_waiting(self, row: Any) -> Any:
        told = ((_("refused"), row.refused_count), (_("signs replaced"), row.replaced_count))
        lines = [(words, count) for words, count in told if count]
        return format_html('<span class="stock-waiting">{}</span>', format_html_join(" ・ ", "{} {}", lines)) if lines else "–"

    @display(description=_("by"))
    def by(self, row: Any) -> str:
        return row.actor_label or row.actor_kind

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("exchange/", view(self.exchange_view), name="inventory_exchangefile_exchange"),
            path("<int:key>/content/", view(self.content_view), name="inventory_exchangefile_content"),
            path("<int:key>/report/", view(self.report_view), name="inventory_exchangefile_report"),
            *super().get_urls(),
        ]

    def has_exchange_permission(self, request: HttpRequest, *_object: Any) -> bool:
        return may_exchange(request)

    @action(description=_("Exchange files"), url_path="go-exchange", icon="sync_alt", permissions=["exchange"])  # type: ignore[untyped-decorator]
    def go_exchange(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:inventory_exchangefile_exchange"))

    def exchange_view(self, request: HttpRequest) -> HttpResponse:
        """The page where files are handed in and out."""
        if not may_exchange(request):
            raise PermissionDenied
        return exchange_page(request, counter=self)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        shown = super().get_actions_detail(request, object_id)
        row = self.get_object(request, str(object_id))
        if row is not None and row.content_ended_at is None:
            return shown
        return [one for one in shown if not str(one.action_name).endswith("go_content")]

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
        """The file byte for byte, as it came or went. Where it holds addresses, only those who exchange files read it, and the
        reading is written down for each customer in it."""
        row = self._found(request, key)
        if row.content_ended_at is not None:
            raise Http404
        if people := people_in_file(row.pk):
            if not may_exchange(request):
                raise PermissionDenied
            screen = f"admin {request.path}"[:200]
            record_personal_read(people, actor=actor_of(request), screen=screen, fields=READ, reason=f"file {row.name}"[:200])
        return _attached(bytes(row.content), row.name)

    def report_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """What became of the rows that a person must look at, as CSV in the reader's language."""
        row, file = self._found(request, key), io.BytesIO()
        header = (_("line"), _("about"), _("column"), _("what became of it"), _("code"), _("message"))
        report = ExportWriter(file, header=[str(name) for name in header])
        for one in ExchangeRow.objects.filter(file=row, fate__in=WAITING).order_by("number", "pk"):
            report.write([one.number, one.key, one.column, one.get_fate_display(), one.code, said(one)])  # type: ignore[attr-defined]
        report.close()
        return _attached(file.getvalue(), f"report-{row.pk}.csv")


def differences(row: ExchangeFile) -> dict[str, Any]:
    """What differs in a snapshot: how many items, what they are worth more and less, and the way to counting them."""
    found = ExchangeRow.objects.filter(file=row, fate=RowFate.DIFFERS).order_by("number", "pk").values_list("key", "params")
    worth = [params["value"] for _key, params in found if params.get("value") not in (None, "")]
    asked = {"location": row.location_id or "", "scope": "list", "codes": ", ".join(key for key, _params in found[:SHOWN])}
    return {
        "items": len(found),
        "more": sum(value for value in worth if value > 0),
        "fewer": -sum(value for value in worth if value < 0),
        "unvalued": len(found) - len(worth),
        "count": f"{reverse('admin:inventory_stocktake_open')}?{urlencode(asked)}",
    }


def said(row: ExchangeRow) -> str:
    """The reason of a row in the reader's language."""
    return Refusal(row.code, row.message, row.params).text(gettext) if row.message else ""


def _attached(content: bytes, name: str) -> HttpResponse:
    safe = quote(name.replace("/", "_").replace("\\", "_"))
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{safe}", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type="application/octet-stream", headers=headers)
