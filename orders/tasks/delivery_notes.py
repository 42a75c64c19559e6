"""Delivery notes in words and figures, as the template takes them."""

from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from billing.rules import InvoiceKind, PaymentMethod
from core.money import format_money
from core.queries import CompanyContext
from orders.queries import DeliveryNote, NoteOrder
from orders.rules import barcode_svg


def note_content(note: DeliveryNote) -> dict[str, Any]:
    """A note as the template takes it, in the language of its order."""
    with override(note.language):
        return {
            "lang": note.language, "number": note.number, "bars": barcode_svg(note.number), "copy": _copy(note.copy),
            "words": _words(note), "gift": note.hides_prices, "message": note.gift_message,
            "to": {"name": note.recipient_name, "lines": _said(_postal(note.postal_code), note.address, note.building), "organisation": note.organisation},
            "sender": {"name": note.sender_name, "lines": _letterhead(note.company, note)},
            "facts": _facts(note), "greeting": note.letter.greeting, "contact": note.letter.contact, "reorder": note.letter.reorder,
            "closing": note.letter.closing, "orders": [_order(one, note) for one in note.orders],
            "inserts": [[code, name, f"{pieces:,d}"] for code, name, pieces in note.inserts],
        }  # fmt: skip


def _words(note: DeliveryNote) -> dict[str, Any]:
    money = [_("Unit price"), _("Amount (tax included)")]
    return {
        "heading": _("Contents of your parcel") if note.hides_prices else _("Delivery note"),
        "honorific": _("(customer’s honorific)") if note.language == "ja" else "",
        "columns": [_("Item code"), _("Description"), _("Quantity"), *([] if note.hides_prices else money)],
        "total": _("Total"), "inserts": _("Also enclosed"), "message": _("A message for you"), "reduced": _("※ reduced tax rate"),
        "order": _("Order"), "reorder": _("To order again"), "contact": _("Questions"),
    }  # fmt: skip


def _facts(note: DeliveryNote) -> list[list[str]]:
    first = note.orders[0]
    found: list[list[str]] = [[_("Shipment number"), note.number]]
    if len(note.orders) == 1:
        found += [[_("Order number"), first.number], [_("Date of order"), _day(first.placed_on)]]
    found.append([_("Date of shipment"), _day(note.ships_on)])
    buyers = list(dict.fromkeys(order.buyer_name for order in note.orders if order.buyer_name))
    if buyers and (buyers != [note.recipient_name] or note.hides_prices):
        found.append([_("Sent by") if note.hides_prices else _("Ordered by"), "、".join(buyers)])
    if not note.hides_prices and len(note.orders) == 1:
        found.append([_("Payment"), _(PaymentMethod.labels()[PaymentMethod(first.method)])])
    return found


def _order(order: NoteOrder, note: DeliveryNote) -> dict[str, Any]:
    """One order in the box; without money where that is hidden."""

    def money(amount: int) -> str:
        return format_money(amount, order.currency, note.language)

    hidden = note.hides_prices
    lines = [line for line in order.lines if line.sku or not hidden]  # fees are money only
    return {
        "heading": _("%(number)s of %(day)s") % {"number": order.number, "day": _day(order.placed_on)},
        "rows": [
            [line.sku, f"{line.description} {'' if hidden else line.mark}".strip(), f"{line.quantity:,d}", *([] if hidden else [_price(line, order, money), money(line.amount)])]
            for line in lines
        ],
        "rates": [
            [_("%(name)s %(rate)s %%") % {"name": f"{r.mark}{r.name}".strip(), "rate": _percent(r.tax_rate_bp)}, money(r.included), _("of which tax %(tax)s") % {"tax": money(r.tax)}]
            for r in order.rates
        ],
        "total": money(order.total) if order.rates else "",
        "reduced": any(line.mark for line in order.lines) and not hidden,
        "invoice": _invoice(order, note),
    }  # fmt: skip


def _price(line: Any, order: NoteOrder, money: Any) -> str:
    """What a piece costs; fees have no price of their own."""
    if not line.sku:
        return ""
    return f"{money(line.unit_price)}{_(' (tax excluded)') if order.tax_basis == 'excluded' else ''}"


def _invoice(order: NoteOrder, note: DeliveryNote) -> str:
    """As what it counts before the tax office."""
    if note.hides_prices:
        return ""
    number = {"number": note.company.registration_number}
    if order.invoice_number:
        return (
            _("As invoiced under %(invoice)s. Registration number %(number)s") % {**number, "invoice": order.invoice_number}
            if number["number"]
            else ""
        )
    if order.kind is InvoiceKind.QUALIFIED:
        return _("This delivery note is a qualified invoice. Registration number %(number)s") % number
    if order.kind is InvoiceKind.SIMPLIFIED:
        return _("This delivery note is a qualified simplified invoice. Registration number %(number)s") % number
    return ""


def _letterhead(company: CompanyContext, note: DeliveryNote) -> list[str]:
    legal = company.legal_name or company.name
    return _said(
        legal if legal != note.sender_name else "", f"{_postal(company.postal_code)} {company.prefecture}{company.address}",
        f"TEL {company.phone}" if company.phone else "",
        "" if note.hides_prices or not company.registration_number else _("Registration number %(number)s") % {"number": company.registration_number},
    )  # fmt: skip


def _copy(copy: int) -> str:
    return "" if copy < 2 else _("Printed again (copy %(copy)s)") % {"copy": copy}


def _percent(rate_bp: int) -> str:
    whole, rest = divmod(rate_bp, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".")


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")


def _postal(code: str) -> str:
    return f"〒{code}" if code else ""


def _said(*texts: str) -> list[str]:
    return [text.strip() for text in texts if text and text.strip()]
