"""Orders at the staff counter: found in one box, read on one page, changed by verbs."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from core.admin_site import (
    HouseAdmin,
    LedgerInline,
    PersonalData,
    Verb,
    VerbCall,
    money_column,
    shown_money,
    status_column,
)
from core.admin_site.verbs import ReasonForm
from core.queries import companies
from core.text import phone_key
from customers.queries import search_customers
from orders.admin.entry import entry_page
from orders.models import Destination, Fee, Hold, Line, Order, OrderNote, OrderTax, Shipment
from orders.operations import cancel_orders, raise_holds, release_holds
from orders.rules import FulfilmentStatus, OrderPaymentStatus, OrderStatus

ORDER_TONES = {
    OrderStatus.PENDING: "warning",
    OrderStatus.CONFIRMED: "info",
    OrderStatus.COMPLETED: "success",
    OrderStatus.CANCELLED: "danger",
}
PAYMENT_TONES = {
    OrderPaymentStatus.UNPAID: "warning",
    OrderPaymentStatus.PARTLY_PAID: "warning",
    OrderPaymentStatus.AUTHORISED: "info",
    OrderPaymentStatus.PAID: "success",
    OrderPaymentStatus.REFUNDED: "danger",
}
FULFILMENT_TONES = {
    FulfilmentStatus.PLANNED: "warning",
    FulfilmentStatus.PARTLY_SHIPPED: "info",
    FulfilmentStatus.SHIPPED: "success",
    FulfilmentStatus.DELIVERED: "success",
    FulfilmentStatus.CANCELLED: "danger",
}


class LineInline(LedgerInline):
    """What was agreed."""

    model = Line
    fields = ("position", "sku", "name", "purchase_type", "quantity", "shipped_quantity", "cancelled_quantity", "price", "less", "sum")
    readonly_fields = fields
    ordering = ("position",)
    show_change_link = False

    @admin.display(description=_("unit price"))
    def price(self, row: Line) -> Any:
        return shown_money(row.unit_price, row.order.currency)

    @admin.display(description=_("discount"))
    def less(self, row: Line) -> Any:
        return shown_money(row.discount, row.order.currency) if row.discount else "-"

    @admin.display(description=_("amount with tax"))
    def sum(self, row: Line) -> Any:
        return shown_money(row.total, row.order.currency)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Line]:
        return super().get_queryset(request).select_related("order")


class FeeInline(LedgerInline):
    """Postage and charges."""

    model = Fee
    fields = ("kind", "label", "sum", "tax_rate_bp", "invoiced")
    readonly_fields = fields
    show_change_link = False

    @admin.display(description=_("amount with tax"))
    def sum(self, row: Fee) -> Any:
        return shown_money(row.total, row.order.currency)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Fee]:
        return super().get_queryset(request).select_related("order")


class TaxInline(LedgerInline):
    """Tax, once per rate."""

    model = OrderTax
    fields = ("tax_class", "tax_rate_bp", "without_tax", "of_tax")
    readonly_fields = fields
    show_change_link = False

    @admin.display(description=_("total of the rate, without tax"))
    def without_tax(self, row: OrderTax) -> Any:
        return shown_money(row.taxable, row.order.currency)

    @admin.display(description=_("tax"))
    def of_tax(self, row: OrderTax) -> Any:
        return shown_money(row.tax, row.order.currency)

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderTax]:
        return super().get_queryset(request).select_related("order", "tax_class")


class DestinationInline(LedgerInline):
    """Where it goes."""

    model = Destination
    fields = ("position", "name", "postal_code", "whole_address", "phone", "wished_on", "time_band", "is_gift")
    readonly_fields = fields
    show_change_link = False

    @admin.display(description=_("address"))
    def whole_address(self, row: Destination) -> str:
        return f"{row.prefecture}{row.city}{row.street} {row.building}".strip()


class ShipmentInline(LedgerInline):
    """The parcels."""

    model = Shipment
    fields = ("number", "location", "status", "carrier", "tracking_number", "shipped_at", "delivered_at")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Shipment]:
        return super().get_queryset(request).select_related("location")


class HoldInline(LedgerInline):
    """Why it waits."""

    model = Hold
    fields = ("kind", "reason", "raised_at", "released_at", "released_by")
    readonly_fields = fields
    show_change_link = False


class NoteInline(LedgerInline):
    """What was noted."""

    model = OrderNote
    fields = ("body", "visibility", "author_label", "recorded_at")
    readonly_fields = fields
    show_change_link = False


def _cancel(call: VerbCall) -> Any:
    return cancel_orders(call.ids, reason=call.reason, actor=call.actor, at=call.at)


def _hold(call: VerbCall) -> Any:
    return raise_holds(call.ids, reason=call.reason, actor=call.actor, at=call.at)


def _release(call: VerbCall) -> Any:
    return release_holds(call.ids, reason=call.reason, actor=call.actor, at=call.at)


@admin.register(Order)
class OrderAdmin(HouseAdmin):
    """Every order of every channel."""

    list_display = ("head", "placed_at", "buyer", "channel", "order_label", "payment_label", "fulfilment_label", "holds_label", "sum")
    list_display_links = ("head",)
    list_select_related = ("channel", "customer")
    list_filter = ("status", "payment_status", "fulfilment_status", "channel", "payment_method", ("placed_on", admin.DateFieldListFilter))
    search_fields = ("number",)
    search_help_text = _("Number, name in kanji or kana, phone, e-mail, tracking number, outside number")
    ordering = ("-placed_at", "-id")
    show_facets = admin.ShowFacets.NEVER
    empty_words = _("No order fits. Take one with the button above, or widen the filters.")
    personal = PersonalData(
        fields=("buyer_name", "buyer_email", "buyer_phone", "destination"), subject=lambda row: f"customer:{row.customer.public_id}"
    )
    actions_list = ("open_desk",)
    inlines = (LineInline, FeeInline, TaxInline, DestinationInline, ShipmentInline, HoldInline, NoteInline)
    fieldsets = (
        (None, {"fields": ("states", ("number", "outside_number"), ("channel", "placed_at", "placed_on"))}),
        (_("Customer"), {"fields": (("customer_link", "buyer_name"), ("buyer_phone", "buyer_email"), "remark")}),
        (_("Money"), {"fields": (("goods_sum", "discount_sum", "fee_sum"), ("tax_sum", "whole_sum", "paid_sum"), "payment_method")}),
        (_("Taken by"), {"fields": (("actor_label", "taken_by", "taken_at"), ("cancelled_at", "cancel_reason")), "classes": ("collapse",)}),
    )
    verbs = (
        Verb(
            name="hold", label=_("Hold"), permission="orders.release_hold", run=_hold, form=ReasonForm, icon="pause",
            explanation=_("Nothing of the order ships until the hold is released."),
            offered=lambda o: o.status in ("pending", "confirmed") and not o.open_holds,
        ),
        Verb(
            name="release", label=_("Release holds"), permission="orders.release_hold", run=_release, form=ReasonForm, icon="play_arrow",
            explanation=_("All open holds are ticked off with your name and reason."), offered=lambda o: bool(o.open_holds),
        ),
        Verb(
            name="cancel", label=_("Cancel order"), permission="orders.cancel_order", run=_cancel, form=ReasonForm, icon="cancel", variant="danger",
            explanation=_("The stock becomes free, the payment is voided, and the customer gets a mail. An order that has left cannot be cancelled."),
            offered=lambda o: o.status in ("pending", "confirmed") and o.fulfilment_status in ("planned", "nothing_to_ship"),
        ),
    )  # fmt: skip

    def get_urls(self) -> list[URLPattern]:
        return [path("entry/", self.admin_site.admin_view(self.desk_view), name="orders_order_entry"), *super().get_urls()]

    def desk_view(self, request: HttpRequest) -> HttpResponse:
        """The order desk."""
        return entry_page(request, counter=self)

    @action(description=_("Take an order"), url_path="take", permissions=["take"], icon="add_call")  # type: ignore[untyped-decorator]
    def open_desk(self, request: HttpRequest) -> HttpResponse:
        """The button above the list that leads to the order desk."""
        return HttpResponseRedirect(reverse("admin:orders_order_entry"))

    def has_take_permission(self, request: HttpRequest, *_object: Any) -> bool:
        account: Any = request.user
        return bool(account.has_perm("orders.place_order"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Order | None = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [name for _title, options in self.fieldsets for row in options["fields"] for name in ((row,) if isinstance(row, str) else row)]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        found = super().get_queryset(request)
        company_id = getattr(request.user, "company_id", None)
        return found.filter(company_id=company_id) if company_id else found

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Order], search_term: str) -> tuple[QuerySet[Order], bool]:
        """Customers are found first, then their orders: a fragment never walks the whole table of orders."""
        word = search_term.strip()
        if not word:
            return queryset, False
        digits = "".join(c for c in word if c.isdigit())
        wanted = Q(number=word) | Q(outside_number=word)
        if digits:
            wanted |= Q(number=digits.zfill(8)) | Q(id__in=Shipment.objects.filter(tracking_number=digits).values("order_id"))
        company_id = getattr(request.user, "company_id", None)
        owners = [company_id] if company_id else [c.id for c in companies()]
        if customers := search_customers(owners, word, limit=200):
            wanted |= Q(customer_id__in=customers)
        if key := phone_key(word):
            wanted |= Q(buyer_phone=word) | Q(buyer_phone=key)
        return queryset.filter(wanted), False

    @display(description=_("order number"), ordering="id")
    def head(self, row: Order) -> str:
        return row.number

    @display(description=_("buyer"))
    def buyer(self, row: Order) -> str:
        return row.buyer_name or "-"

    order_label = status_column("status", description=_("order"), tones=ORDER_TONES)
    payment_label = status_column("payment_status", description=_("payment"), tones=PAYMENT_TONES)
    fulfilment_label = status_column("fulfilment_status", description=_("delivery"), tones=FULFILMENT_TONES)
    sum = money_column("total", description=_("total"))

    @display(description=_("holds"), label={"held": "danger"})
    def holds_label(self, row: Order) -> Any:
        return ("held", _("On hold")) if row.open_holds else "-"

    @display(description=_("state"))
    def states(self, row: Order) -> Any:
        tones = ((ORDER_TONES, row.status, row.get_status_display()), (PAYMENT_TONES, row.payment_status, row.get_payment_status_display()),
                 (FULFILMENT_TONES, row.fulfilment_status, row.get_fulfilment_status_display()))  # fmt: skip
        shown = [(tone.get(value, "info"), words) for tone, value, words in tones]
        if row.open_holds:
            shown.append(("danger", _("On hold")))
        return format_html_join(" ", '<span class="house-state house-state-{}">{}</span>', shown)

    @display(description=_("customer"))
    def customer_link(self, row: Order) -> Any:
        return format_html('<a class="house-link" href="/admin/customers/customer/{}/change/">{}</a>', row.customer_id, row.customer.number)

    goods_sum = money_column("goods_total", description=_("goods"))
    discount_sum = money_column("discount_total", description=_("discounts"))
    fee_sum = money_column("fee_total", description=_("fees"))
    tax_sum = money_column("tax_total", description=_("tax"))
    whole_sum = money_column("total", description=_("total (tax included)"))
    paid_sum = money_column("paid_total", description=_("paid"))
