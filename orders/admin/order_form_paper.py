"""An order form on paper: A4 as PDF, a page per customer, with the code that finds customer and medium again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from catalog.queries import offers
from catalog.rules import Offer, PriceAsk, PurchaseType
from core.money import format_money
from core.paper import typeset
from core.queries import company_context
from core.text import format_postal
from orders.models import OrderForm
from orders.rules import barcode_svg, printed_code

TEMPLATE = Path(__file__).resolve().parent.parent / "templates" / "orders" / "order_form.typ"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormReader:
    """For whom a form is printed; nobody in particular where the number is ""."""

    number: str
    name: str


def order_form_paper(form: OrderForm, readers: Sequence[FormReader], *, at: datetime) -> bytes:
    """The form as PDF, a page per reader, at today's prices of its channel. Raises "paper.no_font"."""
    company = company_context(form.company_id)
    with override(company.language):
        content = _content(form, readers, language=company.language, at=at)
    return typeset(TEMPLATE, content, title=form.name)


def _content(form: OrderForm, readers: Sequence[FormReader], *, language: str, at: datetime) -> dict[str, Any]:
    company = company_context(form.company_id)
    asks = [PriceAsk(variant_id=None, sku=sku, quantity=1, purchase_type=PurchaseType.NORMAL, rank_code="") for sku in form.skus]
    priced = offers(asks, company_id=form.company_id, channel_id=form.channel_id, language=language, at=at) if asks else []
    rows = [
        [sku, f"{offer.name} {offer.option}".strip(), format_money(offer.unit_price, offer.currency, language)]
        for sku, offer in zip(form.skus, priced, strict=True)
        if isinstance(offer, Offer)
    ]
    where = f"〒{format_postal(company.postal_code)} {company.prefecture}{company.address}" if company.postal_code else company.address
    return {
        "lang": language,
        "heading": form.name,
        "seller": [company.legal_name or company.name, where, *([f"TEL {company.phone}"] if company.phone else [])],
        "rows": rows,
        "blank": max(2, 12 - len(rows)),
        "note": form.note,
        "words": {
            "columns": [_("SKU"), _("Description"), _("Unit price"), _("Quantity")],
            "customer": _("Customer number"), "honorific": _("(customer’s honorific)"), "name": _("Name"), "kana": _("Kana"),
            "postal": _("Postal code"), "address": _("Address"), "phone": _("Phone"), "day": _("Wished delivery date"),
            "payment": _("Payment method"), "ways": [_("Cash on delivery"), _("Bank transfer"), _("Convenience store")],
            "changed": _("Please write your address only if it has changed."), "remark": _("Remark"),
        },
        "pages": [
            {"code": (code := printed_code(form.code, reader.number)), "bars": barcode_svg(code), "number": reader.number, "name": reader.name}
            for reader in readers
        ],
    }  # fmt: skip
