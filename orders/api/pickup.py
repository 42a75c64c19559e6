"""Goods fetched in a store, at the machine counter: a point of sale prepares them and hands them over."""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from core import clock
from core.api.views import ApiView, json_answer
from core.errors import NotFound, Refusal
from core.idempotency import Answer
from core.ids import parse, public
from orders.api import answers as told
from orders.api.placing import OrderNotPlaced
from orders.api.shapes import HAND_OVER, READY
from orders.operations import HandOver, hand_over_pickup, note_wrong_code, prepare_pickups, renew_pickup_code
from orders.queries import Sight, order_view, visible_shipment_key
from orders.rules import Tender


def _refused(reason: Refusal) -> OrderNotPlaced:
    return OrderNotPlaced(reason.code, reason.message, params=reason.params, field=reason.field, errors=(reason,))


class _PickupView(ApiView):
    """A verb of a parcel that is fetched."""

    scopes = {"POST": "shipments:write"}
    gives = {"POST": told.PICKUP}
    answers = {"POST": 200}

    def key(self, request: Request, shipment_id: str) -> int:
        """The parcel, if it is of the partner's company."""
        key = visible_shipment_key(parse("shp", shipment_id), sight=Sight.of_company(self.partner(request).company_id))
        if key is None:
            raise NotFound
        return key


class PreparationView(_PickupView):
    """A parcel that lies ready in its store."""

    takes = {"POST": READY}

    def post(self, request: Request, shipment_id: str) -> HttpResponse:
        """Record that the parcel lies ready; its buyer is sent the code. Saying it again changes nothing."""
        self.body(request)
        return self.once(request, lambda: self._prepare(request, shipment_id))

    def _prepare(self, request: Request, shipment_id: str) -> Answer:
        (result,) = prepare_pickups([self.key(request, shipment_id)], actor=self.actor(request), at=clock.now())
        if isinstance(result, Refusal):
            raise _refused(result)
        return json_answer(200, {"shipment": shipment_id, "state": "ready", "order": None, "repeated": result.repeated})


class HandOverView(_PickupView):
    """A parcel handed over in its store."""

    takes = {"POST": HAND_OVER}

    def post(self, request: Request, shipment_id: str) -> HttpResponse:
        """Hand the parcel over against the buyer's code: stock leaves, the sale is posted, what was paid at the counter is booked."""
        said = self.body(request)
        try:
            return self.once(request, lambda: self._hand_over(request, shipment_id, said))
        except OrderNotPlaced as refused:
            if refused.code == "order.wrong_code":  # what is refused is undone, and this must count all the same
                note_wrong_code(self.key(request, shipment_id), actor=self.actor(request))
            raise

    def _hand_over(self, request: Request, shipment_id: str, said: dict[str, Any]) -> Answer:
        ask = HandOver(
            shipment_id=self.key(request, shipment_id), code=said["code"], identity_note=said["identity_note"], paid=said["paid"],
            tender=Tender(said["tender"]), slip=said["slip"],
        )  # fmt: skip
        result = hand_over_pickup(ask, actor=self.actor(request), at=clock.now())
        if isinstance(result, Refusal):
            raise _refused(result)
        order = order_view(result.order_id)
        assert order is not None
        told = {"shipment": shipment_id, "state": "handed_over", "order": public("ord", order.id), "repeated": result.repeated}
        return json_answer(200, told)


class CodeRenewalView(_PickupView):
    """A parcel that lies ready gets another code."""

    takes = {"POST": READY}

    def post(self, request: Request, shipment_id: str) -> HttpResponse:
        """Give the parcel a new code, which its buyer is sent; the old one, said wrong too often or lost, is worth nothing."""
        self.body(request)
        return self.once(request, lambda: self._renew(request, shipment_id))

    def _renew(self, request: Request, shipment_id: str) -> Answer:
        result = renew_pickup_code(self.key(request, shipment_id), actor=self.actor(request), at=clock.now())
        if isinstance(result, Refusal):
            raise _refused(result)
        return json_answer(200, {"shipment": shipment_id, "state": "ready", "order": None, "repeated": False})
