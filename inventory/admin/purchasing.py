"""Suppliers, their terms, and purchase orders from draft to the last delivery."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, Min, Prefetch, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from core.admin_site import HouseAdmin, HouseInline, LedgerAdmin, Verb, VerbCall, VerbForm, shown_money, status_column
from core.errors import HouseError
from core.money import format_money
from inventory import operations
from inventory.admin.figures import OPEN_OR_ENDED, STYLE, figure
from inventory.admin.matrix import latest
from inventory.admin.purchase_pages import delivery_page, draft_page
from inventory.admin.purchase_paper import purchase_paper
from inventory.admin.staff_places import of_own, sees_costs
from inventory.models import GoodsReceipt, GoodsReceiptLine, PurchaseOrder, Supplier, SupplierItem
from inventory.queries import purchase_lines
from inventory.rules import FIRM, OPEN, PurchaseStatus

TONES = {
    PurchaseStatus.DRAFT: "warning", PurchaseStatus.APPROVED: "info", PurchaseStatus.SENT: "info", PurchaseStatus.PARTLY_RECEIVED: "warning",
    PurchaseStatus.CLOSED: "success",
}  # fmt: skip


class Terms(HouseInline):
    """What the supplier sells us, and on what terms."""

    model = SupplierItem
    fields = (
        "stock_item", "supplier_code", "unit_cost", "minimum_quantity", "order_multiple", "lead_time_days", "is_preferred", "ended_at",
    )  # fmt: skip
    autocomplete_fields = ("stock_item",)
    verbose_name_plural = _("suppliers’ terms")
    hide_ordering_field = True


@admin.register(Supplier)
class SupplierAdmin(HouseAdmin):
    """From whom we buy."""

    list_display = ("name", "code", "person", "phone", "lead_time_days", "payment_terms", "ended_at")
    list_select_related = ()
    list_filter = (OPEN_OR_ENDED, "company")
    ordering = ("company", "code")
    search_fields = ("code", "name")
    fields = (
        ("company", "code"), "name", ("person", "email"), ("phone", "fax"), ("postal_code", "address"), ("lead_time_days", "calendar"),
        "payment_terms", "ended_at",
    )  # fmt: skip
    inlines = (Terms,)
    empty_words = _("There is no supplier yet. Add the first one with its terms, and purchase orders can be drafted.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Supplier]:
        company_id = getattr(request.user, "company_id", None)
        found = super().get_queryset(request)
        return found.filter(company_id=company_id) if company_id else found


def _orders(operation: Callable[..., Sequence[Any]], *, with_reason: bool) -> Callable[[VerbCall], Sequence[Any]]:
    def run(call: VerbCall) -> Sequence[Any]:
        why = {"reason": call.reason} if with_reason else {}
        return operation(call.ids, actor=call.actor, at=call.at, **why)

    return run


class ApproveForm(VerbForm):
    """What is approved, as it stands on the screen of whoever approves it."""

    told = forms.CharField(label=_("what is ordered"), widget=forms.Textarea, disabled=True, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


def _as_it_stands(_request: HttpRequest, row: PurchaseOrder) -> dict[str, Any]:
    lines = purchase_lines([row.pk]).get(row.pk, ())
    money = [
        format_money(amount, row.currency, get_language()) for amount in (*(line.cost for line in lines), sum(line.cost for line in lines))
    ]
    told = [f"{line.item} {line.name} × {line.quantity:,d}  {cost}" for line, cost in zip(lines, money[:-1], strict=True)]
    return {"version": row.version, "told": "\n".join([f"{row.supplier} → {row.location}", *told, f"{gettext('Total')} {money[-1]}"])}


def _approve(call: VerbCall) -> Sequence[Any]:
    versions = {int(call.ids[0]): call.values["version"]}
    return operations.approve_purchase_orders(call.ids, actor=call.actor, at=call.at, versions=versions)


VERBS = (
    Verb(
        name="approve", label=_("Approve"), permission="inventory.approve_purchaseorder", form=ApproveForm, icon="verified", variant="primary",
        run=_approve, initial=_as_it_stands, on_list=False, offered=lambda row: row.status == PurchaseStatus.DRAFT,
        explanation=_("The order may be sent to the supplier. Whoever drafted it does not approve it."),
    ),
    Verb(
        name="send", label=_("Mark as sent"), permission="inventory.send_purchaseorder", form=None, icon="send", variant="primary",
        run=_orders(operations.send_purchase_orders, with_reason=False), offered=lambda row: row.status == PurchaseStatus.APPROVED,
        explanation=_("Print the order and send it. From now on its goods are incoming, and the lead time counts."),
    ),
    Verb(
        name="close", label=_("Close short"), permission="inventory.send_purchaseorder", icon="task_alt",
        run=_orders(operations.close_purchase_orders, with_reason=True), offered=lambda row: row.status in FIRM,
        explanation=_("What is missing is not waited for any more."),
    ),
    Verb(
        name="cancel", label=_("Cancel the order"), permission="inventory.send_purchaseorder", icon="cancel", variant="danger",
        run=_orders(operations.cancel_purchase_orders, with_reason=True),
        offered=lambda row: row.status in OPEN and row.status != PurchaseStatus.PARTLY_RECEIVED,
        explanation=_("Nothing of it is coming. Tell the supplier where it was sent."),
    ),
)  # fmt: skip


def _table(row: PurchaseOrder, *, with_costs: bool) -> SafeString:
    """The lines of an order; what they cost only for those who may know."""
    heads = [_("line number"), _("code"), _("name"), _("quantity"), _("received"), _("still missing")]
    cells = []
    for line in purchase_lines([row.pk]).get(row.pk, ()):
        costs = (shown_money(line.unit_cost, row.currency), shown_money(line.cost, row.currency)) if with_costs else ()
        day = date_format(line.expected_on, "SHORT_DATE_FORMAT") if line.expected_on else ""
        counted = figure(line.quantity), figure(line.received_quantity), figure(line.missing)
        cells.append((line.position, line.item, line.name, *counted, *costs, day))
    if with_costs:
        heads += [_("cost a piece, without tax"), _("cost without tax")]
    return latest(cells, (*heads, _("expected on")))


@admin.register(PurchaseOrder)
class PurchaseOrderAdmin(LedgerAdmin):
    """Purchase orders; drafted and received on pages of their own, taken further by verbs."""

    list_display = ("number", "shown_status", "supplier", "location", "shown_total", "shown_missing", "shown_expected", "drafted_at", "by")
    list_select_related = ("supplier", "location")
    list_filter = ("status", "supplier", "location")
    ordering = ("-pk",)
    search_fields = ("number", "supplier__name")
    search_help_text = _("Number of the order or name of the supplier.")
    fields = (
        ("number", "status"), ("supplier", "location"), ("expected_on", "note"), ("drafted_at", "by"), ("approved_at", "approved_by_label"),
        ("sent_at", "closed_at"), "shown_lines", "shown_receipts",
    )  # fmt: skip
    readonly_fields = ("by", "shown_lines", "shown_quantities", "shown_receipts")
    verbs = VERBS
    actions_list = ("open_draft",)
    actions_detail = ("take_in", "rewrite", "on_paper")
    empty_words = _("No purchase order fits. Draft one with the button above.")
    shown_status = status_column("status", description=_("status"), tones={str(key): tone for key, tone in TONES.items()})

    class Media:
        css = {"all": STYLE}

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("new/", wrap(self.draft_view), name="inventory_purchaseorder_new"),
            path("<int:key>/rewrite/", wrap(self.rewrite_view), name="inventory_purchaseorder_rewrite"),
            path("<int:key>/delivery/", wrap(self.delivery_view), name="inventory_purchaseorder_delivery"),
            path("<int:key>/paper.pdf", wrap(self.paper_view), name="inventory_purchaseorder_paper"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PurchaseOrder]:
        found = super().get_queryset(request).select_related("supplier", "location", "company")
        cost = Sum(F("lines__quantity") * F("lines__unit_cost"))
        return of_own(
            found.annotate(
                cost=cost, pieces=Sum("lines__quantity"), came=Sum("lines__received_quantity"), soonest=Min("lines__expected_on")
            ),
            request,
            "location",
        )

    # Who sees what goods cost

    def get_list_display(self, request: HttpRequest) -> Sequence[Any]:
        """Without costs for those who only take goods in."""
        return [name for name in super().get_list_display(request) if name != "shown_total" or sees_costs(request)]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[Any]:
        """Without costs for those who only take goods in."""
        names = super().get_fields(request, obj)
        return names if sees_costs(request) else ["shown_quantities" if name == "shown_lines" else name for name in names]

    def has_on_paper_permission(self, request: HttpRequest, *_object: Any) -> bool:
        return sees_costs(request)

    # The pages

    def draft_view(self, request: HttpRequest) -> HttpResponse:
        """A new draft."""
        return draft_page(request, counter=self)

    def rewrite_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """A draft written anew."""
        order = self._row(request, key)
        if order.status != PurchaseStatus.DRAFT:
            messages.error(request, gettext("%(number)s is no draft any more.") % {"number": order.number})
            return HttpResponseRedirect(self._page_url(order))
        return draft_page(request, counter=self, order=order)

    def delivery_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """A delivery taken in."""
        return delivery_page(request, counter=self, order=self._row(request, key))

    def paper_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """The order as PDF."""
        order = self._row(request, key)
        if not sees_costs(request):
            raise PermissionDenied
        try:
            pdf = purchase_paper(order)
        except HouseError as error:
            messages.error(request, error.refusal.text(gettext))
            return HttpResponseRedirect(self._page_url(order))
        return HttpResponse(pdf, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{order.number}.pdf"'})

    def _row(self, request: HttpRequest, key: int) -> PurchaseOrder:
        row = self.get_object(request, str(key))
        if not isinstance(row, PurchaseOrder) or not self.has_view_permission(request, row):
            raise Http404
        return row

    # The buttons

    @action(description=_("Draft a purchase order"), url_path="draft", permissions=["draft"], icon="add")  # type: ignore[untyped-decorator]
    def open_draft(self, request: HttpRequest) -> HttpResponse:
        """The button above the list."""
        return HttpResponseRedirect(reverse("admin:inventory_purchaseorder_new"))

    @action(description=_("Take in a delivery"), url_path="take-in", permissions=["take_in"], icon="barcode_scanner")  # type: ignore[untyped-decorator]
    def take_in(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """To the receiving page."""
        return HttpResponseRedirect(reverse("admin:inventory_purchaseorder_delivery", args=[object_id]))

    @action(description=_("Rewrite the draft"), url_path="edit", permissions=["draft"], icon="edit")  # type: ignore[untyped-decorator]
    def rewrite(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """To the drafting page."""
        return HttpResponseRedirect(reverse("admin:inventory_purchaseorder_rewrite", args=[object_id]))

    @action(description=_("Print (PDF)"), url_path="print", permissions=["on_paper"], icon="print")  # type: ignore[untyped-decorator]
    def on_paper(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """To the PDF."""
        return HttpResponseRedirect(reverse("admin:inventory_purchaseorder_paper", args=[object_id]))

    def has_draft_permission(self, request: HttpRequest, *_object: Any) -> bool:
        account: Any = request.user
        return bool(account.has_perm("inventory.send_purchaseorder"))

    def has_take_in_permission(self, request: HttpRequest, *_object: Any) -> bool:
        account: Any = request.user
        return bool(account.has_perm("inventory.receive_stock"))

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Only what fits the state of the order is offered."""
        row = self.get_object(request, str(object_id))
        unfit = {"take_in": row is None or row.status not in FIRM, "rewrite": row is None or row.status != PurchaseStatus.DRAFT}
        return [
            one
            for one in super().get_actions_detail(request, object_id)
            if not any(hidden and name in one.action_name for name, hidden in unfit.items())
        ]

    # What is shown

    @display(description=_("cost without tax"), ordering="cost")
    def shown_total(self, row: Any) -> SafeString | str:
        return shown_money(row.cost or 0, row.currency)

    @display(description=_("still missing"))
    def shown_missing(self, row: Any) -> SafeString:
        return figure(max((row.pieces or 0) - (row.came or 0), 0) if row.status in OPEN else 0)

    @display(description=_("expected on"))
    def shown_expected(self, row: Any) -> str:
        return date_format(row.soonest, "SHORT_DATE_FORMAT") if getattr(row, "soonest", None) else "-"

    @display(description=_("drafted by"))
    def by(self, row: Any) -> str:
        return row.actor_label or row.actor_kind

    @display(description=_("lines"))
    def shown_lines(self, row: PurchaseOrder) -> SafeString:
        return _table(row, with_costs=True)

    @display(description=_("lines"))
    def shown_quantities(self, row: PurchaseOrder) -> SafeString:
        return _table(row, with_costs=False)

    @display(description=_("deliveries"))
    def shown_receipts(self, row: PurchaseOrder) -> SafeString | str:
        told = Prefetch("lines", GoodsReceiptLine.objects.select_related("order_line__stock_item", "lot").order_by("pk"))
        found = GoodsReceipt.objects.filter(purchase_order=row).prefetch_related(told).order_by("pk")
        if not found:
            return gettext("Nothing has come yet.")
        return latest(
            [
                (
                    date_format(localtime(receipt.at), "SHORT_DATETIME_FORMAT"), receipt.delivery_note,
                    format_html_join(mark_safe("<br>"), "{} × {} {}", ((line.quantity, line.order_line.stock_item.code, line.lot or "") for line in receipt.lines.all())),
                    receipt.actor_label or receipt.actor_kind,
                )
                for receipt in found
            ],
            (_("at"), _("delivery note"), _("what came"), _("by")),
        )  # fmt: skip
