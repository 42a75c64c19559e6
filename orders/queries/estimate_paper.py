"""An estimate on paper: A4 as PDF, in the customer's language."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.money import format_money
from core.paper import typeset
from core.queries import company_context
from core.tax import TaxBasis
from core.text import format_postal
from orders.models import Estimate

TEMPLATE = Path(__file__).resolve().parent.parent / "templates" / "orders" / "estimate.typ"


def estimate_paper(estimate: Estimate, *, language: str) -> bytes:
    """The estimate as PDF; its text can be copied. Raises "paper.no_font"."""
    with override(language):
        content = _content(estimate, language=language)
    return typeset(TEMPLATE, content, title=f"{content['words']['heading']} {estimate.number}")


def _content(estimate: Estimate, *, language: str) -> dict[str, Any]:
    company, shown = company_context(estimate.company_id), estimate.shown
    included = shown["tax_basis"] == TaxBasis.INCLUDED

    def money(amount: int) -> str:
        return format_money(amount, estimate.currency, language)

    day = localtime(estimate.issued_at, ZoneInfo(company.timezone))
    sums = [(_("Goods total"), shown["goods_total"]), (_("Discount"), -shown["discount_total"]), (_("Fees"), shown["fee_total"])]
    return {
        "lang": language,
        "number": estimate.number,
        "stamp": _("Not valid any more") if estimate.status == "declined" else "",
        "customer": {"name": estimate.buyer_name, "honorific": _("(customer’s honorific)") if language == "ja" else ""},
        "seller": {
            "name": company.legal_name or company.name,
            "lines": [
                text
                for text in (
                    f"〒{format_postal(company.postal_code)} {company.prefecture}{company.address}" if company.postal_code else company.address,
                    company.phone and f"TEL {company.phone}",
                    company.email,
                    company.registration_number and _("Registration number %(number)s") % {"number": company.registration_number},
                )
                if text
            ],
        },
        "facts": [
            [_("estimate number"), estimate.number],
            [_("date of issue"), date_format(day, "DATE_FORMAT")],
            [_("prices stand until"), date_format(estimate.valid_until_on, "DATE_FORMAT")],
        ],
        "total": money(estimate.total),
        "words": {
            "heading": _("Estimate"),
            "request": _("We are pleased to offer you the following."),
            "total": _("Total"),
            "basis": _("(tax included)"),
            "columns": [_("No."), _("SKU"), _("Description"), _("Quantity"), _("Unit price"), _("Amount"), _("Tax rate")],
            "prices": _("Prices include tax.") if included else _("Prices are without tax."),
            "stock": _("Prices are promised until the day above; stock is reserved once you order."),
        },
        "rows": [
            [
                str(place), line["sku"], line["name"], f"{line['quantity']:,d}", money(line["unit_price"]),
                money(line["amount"]) + (f"\n({money(-line['discount'])})" if line["discount"] else ""), f"{line['tax_rate_bp'] / 100:g}%",
            ]
            for place, line in enumerate(shown["lines"], 1)
        ],
        "sums": [[label, money(amount)] for label, amount in sums if amount],
        "taxes": [
            [
                _("%(percent)s%% rate, tax included") % {"percent": f"{tax['rate_bp'] / 100:g}"},
                f"{money(tax['included'])} {_('(tax %(tax)s)') % {'tax': money(tax['tax'])}}",
            ]
            for tax in shown["taxes"]
        ],
        "note": estimate.note,
    }  # fmt: skip
