"""Sales over a store's counter, at the machine counter: a point of sale sells from the shelf, or for delivery."""

from typing import Any

from django.db import IntegrityError
from django.http import HttpResponse
from rest_framework.request import Request

from billing.rules import PaymentMethod
from core import clock
from core.api.views import ApiView, json_answer
from core.errors import Busy, Refusal
from core.idempotency import Answer
from core.ids import public
from core.words import gettext_noop as _
from orders.api import answers as told
from orders.api.placing import TRIES, OrderNotPlaced, drafts_of
from orders.api.shapes import SALE
from orders.operations import StockWentMeanwhile, StoreSale, sell_in_store
from orders.queries import selling_stores
from orders.rules import Refused, Tender


class StoreSalesView(ApiView):
    """Sales over the counters of the partner's company."""

    scopes = {"POST": "orders:write"}
    takes = {"POST": SALE}
    gives = {"POST": told.SOLD}

    def post(self, request: Request) -> HttpResponse:
        """Sell at a store's counter: placed, paid, handed over and invoiced at once, or refused as a whole."""
        said = self.body(request)
        for attempt in range(TRIES):
            try:
                return self.once(request, lambda: self._sell(request, said))
            except (IntegrityError, StockWentMeanwhile) as error:
                if attempt == TRIES - 1:
                    raise Busy from error
        raise AssertionError("unreachable")

    def _sell(self, request: Request, said: dict[str, Any]) -> Answer:
        company_id = self.partner(request).company_id
        (draft,) = drafts_of([{**said, "payment_method": PaymentMethod.CASH_AT_STORE}], company_id=company_id)
        if isinstance(draft, Refused):
            raise _refused(draft)
        stores = {store.code: store.id for store in selling_stores(draft.company_id)}
        if said["store"] not in stores:
            raise _refused(Refused.because(Refusal("order.no_such_store", _("Choose a store that is open."), {}, "/store")))
        sale = StoreSale(
            draft=draft, store_id=stores[said["store"]], handed=said["handed"], tender=Tender(said["tender"]), slip=said["slip"]
        )  # fmt: skip
        result = sell_in_store(sale, actor=self.actor(request), at=clock.now())
        if isinstance(result, Refused):
            raise _refused(result)
        shown = {
            "id": public("ord", result.public_id), "number": result.number, "total": result.total, "currency": result.currency,
            "repeated": result.repeated, "invoices": list(result.invoice_numbers),
        }  # fmt: skip
        location = f"/api/v1/orders/{public('ord', result.public_id)}"
        return json_answer(200 if result.repeated else 201, shown, location=location)


def _refused(result: Refused) -> OrderNotPlaced:
    first = result.reasons[0]
    return OrderNotPlaced(result.code, first.message, params=first.params, field=first.field, errors=result.reasons)
