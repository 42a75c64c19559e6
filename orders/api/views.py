"""Orders at the machine counter: read through what the partner may see, written by one operation."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from core import clock, errors
from core.api.partners import PartnerAuthentication
from core.api.shapes import Choice, Code, Day, PublicId, Text
from core.api.versions import etag
from core.api.views import ApiView, json_answer, respond
from core.errors import NotFound, Refusal
from core.idempotency import Answer
from core.ids import parse
from core.operations import record_personal_read
from core.words import gettext_noop as _
from customers.queries import customer_rows
from orders.api import answers as told
from orders.api.placing import Ordered, drafts_of, place_alongside, placed_shown
from orders.api.shapes import BULK, CANCELLATION, DEPARTURE, ORDER, SHORT_PICK, order_shown, row_shown, shipment_shown
from orders.operations import Leaving, ShortPick, cancel_orders, place_orders, report_short_picks, ship_shipments
from orders.queries import Sight, find_orders, order_rows, order_view, shipment_rows, visible_key, visible_shipment_key
from orders.rules import FulfilmentStatus, OrderDraft, OrderPaymentStatus, OrderStatus, Placed, Refused, ShipmentStatus

PERSONAL = ("buyer", "destinations", "remark")


class OrdersView(ApiView):
    """Orders of the partner's company: list them, place one."""

    scopes = {"GET": "orders:read", "POST": "orders:write"}
    takes = {"POST": ORDER}
    gives = {"GET": told.ORDER_ROW, "POST": told.PLACED}
    pages = True
    filters = {
        "search": Text(max=200)
        .optional(None)
        .described("Any fragments of a number, name, reading, mail address or phone; the newest 1,000 that fit."),
        "status": Choice(OrderStatus).optional(None),
        "payment_status": Choice(OrderPaymentStatus).optional(None),
        "fulfilment_status": Choice(FulfilmentStatus).optional(None),
        "outside_number": Text(max=80).optional(None),
        "placed_from_on": Day().optional(None).described("From this purchase date on."),
        "placed_until_on": Day().optional(None).described("Before this purchase date."),
    }

    def get_authenticators(self) -> list[BaseAuthentication]:
        """Orders come by the hundred a second: who sends them is remembered for a moment."""
        places = self.request is not None and self.request.method == "POST"
        return [PartnerAuthentication(remembers=True)] if places else super().get_authenticators()

    def get(self, request: Request) -> HttpResponse:
        """Orders, newest first."""
        asked, filters = self.page(request)
        typed = filters.pop("search")
        company_id = self.partner(request).company_id
        among = None if typed is None else find_orders([company_id] if company_id else [], typed, limit=1_000)
        found = order_rows(_sight(self, request), after=asked.after, limit=asked.limit + 1, among=among, **filters)
        return self.list(found, asked, key=lambda o: (o.placed_at, o.key), show=row_shown)

    def post(self, request: Request) -> HttpResponse:
        """Place one order, once per Idempotency-Key; 201 when it was made, 200 when its outside number had been taken in before."""
        said = self.body(request)
        key, seal = self.sealed(request)
        return respond(place_alongside(Ordered(key=key, seal=seal, said=said), partner=self.partner(request)))


class BulkOrdersView(ApiView):
    """Many orders in one request; every one must carry its outside number, which makes repeating the request harmless."""

    scopes = {"POST": "orders:write"}
    takes = {"POST": BULK}
    gives = {"POST": told.BULK_RESULTS}
    answers = {"POST": 200}
    body_limit = 8 * 2**20

    def post(self, request: Request) -> HttpResponse:
        """Place the orders; one result per order, in order: what was placed, or every reason why not."""
        said = self.body(request)["orders"]
        nameless = [
            Refusal("field.missing", _("An order placed in bulk needs its outside number."), {}, f"/orders/{n}/outside_number")
            for n, one in enumerate(said)
            if not one["outside_number"]
        ]
        if nameless:
            raise errors.Malformed(errors=nameless)
        drafts = drafts_of(said, company_id=self.partner(request).company_id)
        going = [d for d in drafts if isinstance(d, OrderDraft)]
        results = iter(place_orders(going, actor=self.actor(request), at=clock.now()))
        done = [next(results) if isinstance(d, OrderDraft) else d for d in drafts]
        return self.answer({"results": [_result(said[n]["outside_number"], r) for n, r in enumerate(done)]})


class OrderDetailView(ApiView):
    """One order."""

    scopes = {"GET": "orders:read"}
    gives = {"GET": told.ORDER}

    def get(self, request: Request, order_id: str) -> HttpResponse:
        """The order with lines, fees, taxes, destinations and shipments."""
        self.query(request)
        key = _key(self, request, order_id)
        shown, version, customer_ref = _whole(key)
        record_personal_read([f"customer:{customer_ref}"], actor=self.actor(request), screen="api /orders", fields=PERSONAL)
        return self.answer(shown, etag=etag(version))


class CancellationView(ApiView):
    """Taking an order back."""

    scopes = {"POST": "orders:write"}
    takes = {"POST": CANCELLATION}
    gives = {"POST": told.ORDER}
    answers = {"POST": 200}

    def post(self, request: Request, order_id: str) -> HttpResponse:
        """Cancel the order if nothing of it has left; cancelling it again answers the same."""
        said = self.body(request)
        return self.once(request, lambda: self._cancel(request, order_id, reason=said["reason"]))

    def _cancel(self, request: Request, order_id: str, *, reason: str) -> Answer:
        key = _key(self, request, order_id)
        (result,) = cancel_orders([key], reason=reason, actor=self.actor(request), at=clock.now())
        if isinstance(result, Refusal):
            raise _refused(result)
        return json_answer(200, _whole(key)[0])


class ShipmentsView(ApiView):
    """Parcels of the partner's company."""

    scopes = {"GET": "shipments:read"}
    gives = {"GET": told.SHIPMENT_ROW}
    pages = True
    filters = {
        "status": Choice(ShipmentStatus).optional(None),
        "location": Code(max=40).optional(None),
        "order": PublicId("ord").optional(None),
    }

    def get(self, request: Request) -> HttpResponse:
        """Parcels, newest first: a warehouse asks for those with status planned."""
        asked, filters = self.page(request)
        found = shipment_rows(_sight(self, request), after=asked.after, limit=asked.limit + 1, **filters)
        return self.list(found, asked, key=lambda s: (s.recorded_at, s.key), show=shipment_shown)


class DepartureView(ApiView):
    """A parcel leaving its location."""

    scopes = {"POST": "shipments:write"}
    takes = {"POST": DEPARTURE}
    gives = {"POST": told.ORDER}
    answers = {"POST": 200}

    def post(self, request: Request, shipment_id: str) -> HttpResponse:
        """Record that the parcel left; saying it again changes nothing."""
        said = self.body(request)
        return self.once(request, lambda: self._ship(request, shipment_id, said))

    def _ship(self, request: Request, shipment_id: str, said: dict[str, str]) -> Answer:
        key = visible_shipment_key(parse("shp", shipment_id), sight=_sight(self, request))
        if key is None:
            raise NotFound
        leaving = Leaving(shipment_id=key, carrier=said["carrier"], tracking_number=said["tracking_number"])
        (result,) = ship_shipments([leaving], actor=self.actor(request), at=clock.now())
        if isinstance(result, Refusal):
            raise _refused(result)
        return json_answer(200, _whole(result.order_id)[0])


class ShortPickView(ApiView):
    """A picker found fewer than the parcel wants."""

    scopes = {"POST": "shipments:write"}
    takes = {"POST": SHORT_PICK}
    gives = {"POST": told.ORDER}
    answers = {"POST": 200}

    def post(self, request: Request, shipment_id: str) -> HttpResponse:
        """How many pieces of each item were found in all: the rest is planned anew from elsewhere, or the order is held.

        Items that are not named were all found. Saying it again changes nothing.
        """
        said = self.body(request)
        return self.once(request, lambda: self._short(request, shipment_id, said))

    def _short(self, request: Request, shipment_id: str, said: dict[str, Any]) -> Answer:
        key = visible_shipment_key(parse("shp", shipment_id), sight=_sight(self, request))
        if key is None:
            raise NotFound
        pick = ShortPick(shipment_id=key, found=tuple((one["item"], one["quantity"]) for one in said["found"]))
        (result,) = report_short_picks([pick], reason=said["reason"], actor=self.actor(request), at=clock.now())
        if isinstance(result, Refusal):
            raise _refused(result)
        return json_answer(200, _whole(result.order_id)[0])


def _sight(view: ApiView, request: Request) -> Sight:
    return Sight.of_company(view.partner(request).company_id)


def _key(view: ApiView, request: Request, order_id: str) -> int:
    key = visible_key(parse("ord", order_id), sight=_sight(view, request))
    if key is None:
        raise NotFound
    return key


def _whole(key: int) -> tuple[dict[str, Any], int, UUID]:
    """An order as it is shown, its version, and the uuid of its customer."""
    order = order_view(key)
    if order is None:
        raise NotFound
    customer = customer_rows([order.customer_id])[0]
    return order_shown(order, customer=customer.word), order.version, customer.public_id


def _result(outside_number: str, result: Placed | Refused) -> dict[str, Any]:
    if isinstance(result, Placed):
        return {"outside_number": outside_number, "order": placed_shown(result)}
    reasons = [{"code": r.code, "pointer": r.field, "detail": r.text(gettext)} for r in result.reasons]
    return {"outside_number": outside_number, "errors": reasons}


def _refused(reason: Refusal) -> errors.Refused:
    return errors.Refused(reason.code, reason.message, params=reason.params, field=reason.field)
