"""What orders would cost and when they would come, at the machine counter."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext
from rest_framework.request import Request

from billing.rules import PaymentMethod
from core import clock
from core.api.shapes import Choice, Code, Day, Many, PublicId, Record, Text
from core.api.views import ApiView
from core.errors import Refusal
from customers.rules import Person, PlaceOfDelivery
from orders.api import answers as told
from orders.api.placing import drafts_of
from orders.api.shapes import CODES, LINE, PLACE
from orders.operations import Quote, quote_orders
from orders.rules import MAX_LINES, DeliveryOffer, DraftDestination, FeeLine, OrderDraft, Refused, SummedFee

QUOTE_PLACE = {**PLACE, "street": Text(max=200, blank=True).optional("")}
QUOTE = Record(
    channel=Code(max=40),
    customer=PublicId("cus").optional(None).described("A known customer, for the prices of their rank."),
    lines=Many(LINE, max=MAX_LINES),
    destinations=Many(
        Record(
            DraftDestination,
            place=Record(PlaceOfDelivery, **QUOTE_PLACE),
            wished_on=Day().optional(None),
            time_band=Text(max=20, blank=True).optional(""),
            service=Code(max=40).optional("").described("The code of a delivery service; left out, the house chooses."),
        ),
        max=99,
    ),
    payment_method=Choice(PaymentMethod),
    coupon_codes=CODES,
    language=Code(max=8).optional("ja"),
)
QUOTES = Record(quotes=Many(QUOTE, max=100))
MORE: dict[str, Any] = {"person": None, "outside_number": "", "remark": "", "expected_total": None}


class QuotesView(ApiView):
    """What orders would cost, and on which days and times of day they can come. Nothing is kept."""

    scopes = {"POST": "orders:read"}
    takes = {"POST": QUOTES}
    gives = {"POST": told.QUOTES}
    answers = {"POST": 200}

    def post(self, request: Request) -> HttpResponse:
        """One answer per quote, in order: its sums with every fee explained and the days to choose from, or why it cannot be ordered."""
        said = [{**MORE, **one} for one in self.body(request)["quotes"]]
        drafts = drafts_of(said, company_id=self.partner(request).company_id)
        asked = [replace(d, person=Person()) if d.customer_id is None else d for d in drafts if isinstance(d, OrderDraft)]
        found = iter(quote_orders(asked, at=clock.now()) if asked else ())
        return self.answer({"results": [_shown(next(found)) if isinstance(d, OrderDraft) else _refused(d.reasons) for d in drafts]})


def _refused(reasons: Sequence[Refusal]) -> dict[str, Any]:
    return {"errors": [{"code": r.code, "pointer": r.field, "detail": r.text(gettext)} for r in reasons]}


def _shown(answer: Quote | Refused) -> dict[str, Any]:
    if isinstance(answer, Refused):
        return _refused(answer.reasons)
    sums = answer.sums
    against = [*([answer.short] if answer.short else ()), *answer.faults]
    return {
        "currency": sums.currency, "tax_basis": sums.tax_basis, "goods_total": sums.goods_total, "discount_total": sums.discount_total,
        "fee_total": sums.fee_total, "tax_total": sums.tax_total, "total": sums.total,
        "fees": [_fee(f) for f in sums.fees], "waived": [{**_fee(f), "by": f.waived} for f in sums.waived],
        "delivery": [_offer(n, offer) for n, offer in sorted(answer.delivery.items())], "asks": [str(gate) for gate in answer.asks], **_refused(against),
    }  # fmt: skip


def _fee(fee: SummedFee | FeeLine) -> dict[str, Any]:
    names = ("kind", "label", "amount", "tax_class", "destination", "explanation")
    return {name: getattr(fee, name) for name in names}


def _offer(destination: int, offer: DeliveryOffer) -> dict[str, Any]:
    return {
        "destination": destination, "services": list(offer.services), "ships_on": offer.ship_on, "earliest_on": offer.earliest_on,
        "days": [{"on": day.on, "time_bands": list(day.bands)} for day in offer.days],
    }  # fmt: skip
