"""The columns of the orders' files."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.rules import PaymentMethod
from catalog.rules import PurchaseType
from core.admin_site import ExportColumn, ExportLayout, ListExport
from core.money import plain_amount
from core.text import format_phone, format_postal
from orders.queries import order_lines_written, orders_written
from orders.rules import FulfilmentStatus, OrderPaymentStatus, OrderReturnStatus, OrderStatus


def _plain(heading: Any, name: str, *, personal: bool = False) -> ExportColumn:
    return ExportColumn(heading, attrgetter(name), personal=personal)


def _words(heading: Any, name: str, kinds: Any) -> ExportColumn:
    return ExportColumn(heading, lambda row: gettext(kinds.labels()[kinds(getattr(row, name))]))


def _money(heading: Any, name: str) -> ExportColumn:
    return ExportColumn(heading, lambda row: plain_amount(getattr(row, name), row.currency))


def _local(name: str) -> Callable[[Any], object]:
    def value(row: Any) -> object:
        at = getattr(row, name)
        return at and f"{at.astimezone(ZoneInfo(row.timezone)):%Y-%m-%d %H:%M:%S}"

    return value


HEAD = (
    _plain(_("order number"), "number"),
    _plain(_("outside number"), "outside_number"),
    ExportColumn(_("placed at"), _local("placed_at")),
    _plain(_("purchase date"), "placed_on"),
    _plain(_("sales channel"), "channel"),
    _plain(_("customer number"), "customer_number"),
    _plain(_("buyer"), "buyer_name", personal=True),
)
ORDER_COLUMNS = (
    *HEAD,
    _plain(_("buyer's e-mail"), "buyer_email", personal=True),
    ExportColumn(_("buyer's phone"), lambda row: format_phone(row.buyer_phone), personal=True),
    _words(_("order status"), "status", OrderStatus),
    _words(_("payment status"), "payment_status", OrderPaymentStatus),
    _words(_("fulfilment status"), "fulfilment_status", FulfilmentStatus),
    _words(_("returns"), "return_status", OrderReturnStatus),
    _plain(_("open holds"), "open_holds"),
    _words(_("payment method"), "payment_method", PaymentMethod),
    _plain(_("lines"), "lines"),
    _plain(_("total quantity"), "pieces"),
    _plain(_("currency"), "currency"),
    _money(_("goods"), "goods_total"),
    _money(_("discounts"), "discount_total"),
    _money(_("fees"), "fee_total"),
    _money(_("tax"), "tax_total"),
    _money(_("total (tax included)"), "total"),
    _money(_("paid"), "paid_total"),
    _money(_("returned"), "returned_total"),
    _plain(_("destinations"), "destinations"),
    _plain(_("recipient"), "recipient", personal=True),
    ExportColumn(_("postal code"), lambda row: format_postal(row.postal_code or ""), personal=True),
    _plain(_("prefecture"), "prefecture"),
    _plain(_("city"), "city", personal=True),
    _plain(_("street and number"), "street", personal=True),
    _plain(_("building"), "building", personal=True),
    ExportColumn(_("phone"), lambda row: format_phone(row.phone or ""), personal=True),
    _plain(_("wished delivery date"), "wished_on"),
    _plain(_("time band"), "time_band"),
    _plain(_("tracking numbers"), "tracking"),
    _plain(_("customer's remark"), "remark", personal=True),
    ExportColumn(_("cancelled at"), _local("cancelled_at")),
    _plain(_("reason for cancelling"), "cancel_reason"),
)
LINE_COLUMNS = (
    *HEAD,
    _words(_("order status"), "status", OrderStatus),
    _words(_("fulfilment status"), "fulfilment_status", FulfilmentStatus),
    _plain(_("line"), "position"),
    _plain(_("SKU"), "sku"),
    _plain(_("product"), "name"),
    _plain(_("category"), "category_path"),
    _words(_("purchase type"), "purchase_type", PurchaseType),
    _plain(_("delivery number"), "cycle"),
    _plain(_("quantity"), "quantity"),
    _plain(_("cancelled"), "cancelled_quantity"),
    _plain(_("shipped"), "shipped_quantity"),
    _plain(_("in returns"), "returning_quantity"),
    _plain(_("currency"), "currency"),
    _money(_("unit price"), "unit_price"),
    _money(_("discount"), "discount"),
    _money(_("amount"), "amount"),
    _money(_("amount with tax"), "total"),
    ExportColumn(_("tax rate (%)"), lambda row: f"{row.tax_rate_bp / 100:g}"),
    _plain(_("campaign"), "campaign_ref"),
    _plain(_("campaign name"), "campaign_name"),
    _plain(_("route medium"), "route_medium"),
    _plain(_("ad code"), "ad_code"),
    _plain(_("referral or partner code"), "referral_code"),
    _plain(_("prefecture"), "prefecture"),
    _plain(_("recipient"), "recipient", personal=True),
)
EXPORT = ListExport(
    permission="orders.export_order",
    filename="orders",
    layouts=(
        ExportLayout("orders", _("one row per order"), ORDER_COLUMNS, lambda page: orders_written([order.pk for order in page])),
        ExportLayout("lines", _("one row per order line"), LINE_COLUMNS, lambda page: order_lines_written([order.pk for order in page])),
    ),
)
