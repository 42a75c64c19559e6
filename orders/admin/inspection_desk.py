"""Inspection by scan at the staff counter: a screen for a scanner and a keyboard, and the policy that asks for it."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from core import clock
from core.admin_site import HouseAdmin, LedgerAdmin, LedgerInline, actor_of, status_column
from core.errors import HouseError, Refusal
from core.ids import new_id, parse, public
from core.operations import record_personal_read
from core.text import plain
from orders.admin.labels import places
from orders.admin.picking import may_pick
from orders.models import Inspection, InspectionPolicy, InspectionScan, Shipment
from orders.operations import Inspected, discard_inspection, finish_inspection, open_inspection, scan_piece, undo_scan
from orders.queries import InspectionView, inspection_key, inspection_view, parcel_by_code
from orders.rules import InspectionStatus

MOST_PIECES_A_SCAN = 999
TONES = {"open": "info", "finished": "success", "discarded": "default"}


class InspectionPages:
    """What the counter of parcels has for inspection: the screen where a box is begun, and where it is counted up."""

    admin_site: Any

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("inspect/", view(self.inspect_view), name="orders_shipment_inspect"),
            path("inspect/<str:ref>/", view(self.inspection_view), name="orders_shipment_inspection"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    @action(description=_("Inspect by scan"), url_path="go-inspect", permissions=["picking"], icon="barcode_scanner")  # type: ignore[untyped-decorator]
    def go_inspect(self, request: HttpRequest) -> HttpResponse:
        """The button above the list that leads there."""
        return HttpResponseRedirect(reverse("admin:orders_shipment_inspect"))

    @action(description=_("Inspect by scan"), url_path="inspect-this", permissions=["picking"], icon="barcode_scanner")  # type: ignore[untyped-decorator]
    def inspect_this(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The button on a parcel that begins its inspection."""
        row = self.get_object(request, object_id)  # type: ignore[attr-defined]
        if row is None:
            return HttpResponseRedirect(reverse("admin:orders_shipment_changelist"))
        return self._begin(request, row.pk) or HttpResponseRedirect(reverse("admin:orders_shipment_change", args=[object_id]))

    def _begin(self, request: HttpRequest, shipment_id: int) -> HttpResponse | None:
        answer = _tried(lambda: open_inspection(shipment_id, actor=actor_of(request), at=clock.now()))
        if isinstance(answer, Refusal):
            messages.error(request, answer.text(gettext))
            return None
        return HttpResponseRedirect(reverse("admin:orders_shipment_inspection", args=[public("isp", answer.view.ref)]))

    def inspect_view(self, request: HttpRequest) -> HttpResponse:
        """Scan a box to begin."""
        if not may_pick(request):
            raise PermissionDenied
        fault, code = "", plain(request.POST.get("code", "")).strip()[:100]
        if request.method == "POST":
            key = self._parcel(request, code)
            if key is None:
                fault = gettext("No parcel has the number “%(code)s”.") % {"code": code}
            else:
                answer = _tried(lambda: open_inspection(key, actor=actor_of(request), at=clock.now()))
                if isinstance(answer, Inspected):
                    return HttpResponseRedirect(reverse("admin:orders_shipment_inspection", args=[public("isp", answer.view.ref)]))
                fault = answer.text(gettext)
        done = request.GET.get("done", "")[:60]
        words = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _("Inspect by scan"), "fault": fault, "done": done,  # type: ignore[attr-defined]
            "back": reverse("admin:orders_shipment_changelist"),
        }  # fmt: skip
        return TemplateResponse(request, "orders/admin/inspect_begin.html", words)

    def _parcel(self, request: HttpRequest, code: str) -> int | None:
        """A parcel that this member of staff may see, by what was scanned."""
        companies = {place.company_id for place in places(request).values()}
        for company in sorted(companies):
            key = parcel_by_code(code, company_id=company) if code else None
            if key is not None and self.get_queryset(request).filter(pk=key).exists():  # type: ignore[attr-defined]
                return key
        return None

    def inspection_view(self, request: HttpRequest, ref: str) -> HttpResponse:
        """The box that is being counted up. Scans come as a form or from the script, which wants JSON."""
        if not may_pick(request):
            raise PermissionDenied
        company = getattr(request.user, "company_id", None)
        found = inspection_key(parse("isp", ref), company_id=company)
        if found is None:
            return HttpResponseRedirect(reverse("admin:orders_shipment_inspect"))
        if request.method != "POST":
            view = inspection_view(found[0])
            self._record(request, view)
            return self._page(request, view, fault=None)
        answer = _deed(request, ref=parse("isp", ref), company=company)
        fault = answer if isinstance(answer, Refusal) else answer.fault
        view = inspection_view(found[0]) if isinstance(answer, Refusal) else answer.view
        if request.headers.get("Accept") == "application/json":
            return JsonResponse(_told(view, fault))
        if view.status is InspectionStatus.FINISHED and fault is None:
            return HttpResponseRedirect(f"{reverse('admin:orders_shipment_inspect')}?done={view.number}")
        return self._page(request, view, fault=fault)

    def _record(self, request: HttpRequest, view: InspectionView) -> None:
        refs = Shipment.objects.filter(pk__in=[key for key, _ref, _n in view.parcels]).values_list("order__customer__public_id", flat=True)
        record_personal_read(
            [f"customer:{ref}" for ref in refs], actor=actor_of(request), screen=f"admin {request.path}"[:200], fields=("contents",)
        )

    def _page(self, request: HttpRequest, view: InspectionView, *, fault: Refusal | None) -> HttpResponse:
        words = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": view.number, "view": view, "told": _told(view, fault),  # type: ignore[attr-defined]
            "fault": fault.text(gettext) if fault else "", "asks_lot": bool(fault and fault.code == "order.scan_the_lot"),
            "code": request.POST.get("code", "") if fault and fault.code == "order.scan_the_lot" else "", "once": new_id().hex,
            "lines": [{"row": one, "seen": view.seen(one.stock_item_id), "full": view.seen(one.stock_item_id) >= one.quantity} for one in view.expected],
            "back": reverse("admin:orders_shipment_inspect"), "is_open": view.status is InspectionStatus.OPEN,
        }  # fmt: skip
        return TemplateResponse(request, "orders/admin/inspect.html", words)


def _tried(deed: Any) -> Inspected | Refusal:
    try:
        answer: Inspected | Refusal = deed()
    except HouseError as error:
        return error.refusal
    return answer


def _deed(request: HttpRequest, *, ref: Any, company: int | None) -> Inspected | Refusal:
    """One call of one operation, by what was pressed or scanned."""
    who: dict[str, Any] = {"company_id": company, "actor": actor_of(request), "at": clock.now()}
    once = request.POST.get("once", "")[:64] or new_id().hex
    code = request.POST.get("code", "").strip()[:100]
    what = request.POST.get("do", "") or {"UNDO": "undo", "DONE": "finish"}.get(code.upper(), "scan")
    if what == "undo":
        return _tried(lambda: undo_scan(ref, once_key=once, **who))
    if what == "finish":
        return _tried(lambda: finish_inspection(ref, **who))
    if what == "discard":
        return _tried(lambda: discard_inspection(ref, **who))
    pieces, code = _times(code)
    return _tried(lambda: scan_piece(ref, code, once_key=once, lot=request.POST.get("lot", "").strip()[:64], pieces=pieces, **who))


def _times(code: str) -> tuple[int, str]:
    """“12*code” counts twelve."""
    count, star, rest = plain(code).partition("*")
    if star and rest.strip() and count.isascii() and count.isdigit() and 0 < int(count[:6]) <= MOST_PIECES_A_SCAN:
        return int(count), rest.strip()
    return 1, code


def _told(view: InspectionView, fault: Refusal | None) -> dict[str, Any]:
    """An inspection as the script shows it."""
    last = view.latest[0] if view.latest else None
    return {
        "status": str(view.status), "done": view.done, "wanted": view.wanted, "fault": fault.text(gettext) if fault else "",
        "code": fault.code if fault else "", "last": {"item": last.item, "lot": last.lot, "quantity": last.quantity} if last and not fault else None,
        "lines": {one.item: {"seen": view.seen(one.stock_item_id), "wanted": one.quantity, "name": one.name} for one in view.expected},
    }  # fmt: skip


class ScanInline(LedgerInline):
    """Every scan of an inspection."""

    model = InspectionScan
    fields = ("at", "code", "stock_item", "lot", "quantity", "fault", "actor_label")
    readonly_fields = fields
    show_change_link = False
    ordering = ("pk",)


@admin.register(Inspection)
class InspectionAdmin(LedgerAdmin):
    """Who inspected what when, the newest first, with every scan."""

    company_path = "company"
    list_display = ("shipment_number", "label", "at", "actor_label", "ended_at", "ended_by")
    list_display_links = ("shipment_number",)
    list_select_related = ("shipment",)
    list_filter = ("status",)
    search_fields = ("=shipment__number",)
    search_help_text = _("Shipment number")
    ordering = ("-pk",)
    fields = (("shipment", "label"), ("at", "actor_label"), ("ended_at", "ended_by"))
    readonly_fields = ("label",)
    inlines = (ScanInline,)
    empty_words = _("Nothing has been inspected yet.")
    label = status_column("status", description=_("status"), tones=TONES)

    @display(description=_("shipment number"))
    def shipment_number(self, row: Inspection) -> str:
        return row.shipment.number


@admin.register(InspectionPolicy)
class InspectionPolicyAdmin(HouseAdmin):
    """Where parcels must be inspected by scan before they leave."""

    company_path = "company"
    list_display = ("scope", "is_required", "company")
    list_display_links = ("scope",)
    list_select_related = ("company", "location")
    list_filter = ("is_required", "company")
    ordering = ("company", "location", "pk")
    fields = (("company", "location"), "is_required")
    empty_words = _("No policy: parcels may leave without having been inspected.")

    @admin.display(description=_("for"))
    def scope(self, row: InspectionPolicy) -> str:
        return str(row.location) if row.location_id else f"{row.company} ({_('all locations')})"
