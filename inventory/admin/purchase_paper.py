"""A purchase order on paper: A4 as PDF, in the language of the company."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.money import format_money
from core.paper import typeset
from inventory.models import PurchaseOrder
from inventory.queries import purchase_lines
from inventory.rules import PurchaseStatus

TEMPLATE = Path(__file__).resolve().parent.parent / "templates" / "inventory" / "purchase_order.typ"


def purchase_paper(order: PurchaseOrder) -> bytes:
    """The order as PDF; the words are the company's language, the text can be copied. Raises "paper.no_font"."""
    with override(order.company.language):
        content = _content(order)
    return typeset(TEMPLATE, content, title=f"{content['words']['heading']} {order.number}")


def _content(order: PurchaseOrder) -> dict[str, Any]:
    lines, company, supplier, place = purchase_lines([order.pk]).get(order.pk, ()), order.company, order.supplier, order.location

    def money(amount: int) -> str:
        return format_money(amount, order.currency, company.language)

    ordered_at = localtime(order.sent_at or order.drafted_at, ZoneInfo(company.timezone))
    return {
        "lang": company.language,
        "number": order.number,
        "stamp": _stamp(order),
        "supplier": {
            "name": supplier.name,
            "lines": _said(_postal(supplier.postal_code), supplier.address, supplier.person and _("Attn. %(name)s") % {"name": supplier.person}),
        },
        "buyer": {
            "name": company.legal_name or company.name,
            "lines": _said(
                f"{_postal(company.postal_code)} {company.prefecture}{company.address}",
                company.phone and f"TEL {company.phone}",
                company.registration_number and _("Registration number %(number)s") % {"number": company.registration_number},
            ),
        },
        "facts": [
            [_("purchase order number"), order.number],
            [_("date of order"), date_format(ordered_at, "DATE_FORMAT")],
        ],
        "total": money(sum(line.cost for line in lines)),
        "words": {
            "heading": _("Purchase order"),
            "honorific": _("(supplier’s honorific)") if company.language == "ja" else "",
            "request": _("We order the following goods."),
            "total": _("Total"),
            "without_tax": _("(without tax)"),
            "columns": [_("No."), _("Item code"), _("Description"), _("Wanted on"), _("Quantity"), _("Unit cost"), _("Cost")],
        },
        "rows": [
            [
                str(line.position), line.supplier_code or line.item, line.name,
                date_format(line.expected_on, "MONTH_DAY_FORMAT") if line.expected_on else "",
                f"{line.quantity:,d}", money(line.unit_cost), money(line.cost),
            ]
            for line in lines
        ],
        "remarks": [
            [label, text]
            for label, text in (
                (_("deliver to"), "\n".join(_said(place.name, f"{_postal(place.postal_code)} {place.prefecture}{place.address}", place.phone))),
                (_("payment terms"), supplier.payment_terms),
                (_("note"), order.note),
            )
            if text
        ],
    }  # fmt: skip


def _stamp(order: PurchaseOrder) -> str:
    """What stands across a paper that must not be taken for an order."""
    if order.status == PurchaseStatus.CANCELLED:
        return _("Cancelled")
    return _("Draft: not approved, this is no order") if order.status == PurchaseStatus.DRAFT else ""


def _postal(code: str) -> str:
    return f"〒{code}" if code else ""


def _said(*texts: str) -> list[str]:
    return [text.strip() for text in texts if text and text.strip()]
