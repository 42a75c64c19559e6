"""Holds at the machine counter: what keeps an order from shipping, raised and ticked off by partner systems."""

from django.http import HttpResponse
from rest_framework.request import Request

from core import clock, errors
from core.api.views import ApiView, json_answer
from core.errors import NotFound, Refusal
from core.idempotency import Answer
from core.ids import parse
from orders.api import answers as told
from orders.api.shapes import HOLD, hold_shown
from orders.operations import raise_holds, tick_off_holds
from orders.queries import Sight, holds_of, visible_hold_key, visible_key


class HoldsView(ApiView):
    """What keeps an order from shipping."""

    scopes = {"GET": "orders:read", "POST": "holds:write"}
    takes = {"POST": HOLD}
    gives = {"GET": told.HOLDS, "POST": told.HOLDS}
    answers = {"POST": 200}

    def get(self, request: Request, order_id: str) -> HttpResponse:
        """The holds of the order, open or released, in the order they were raised."""
        self.query(request)
        return self.answer(_shown(self._key(request, order_id)))

    def post(self, request: Request, order_id: str) -> HttpResponse:
        """Hold the order: nothing of it ships until the hold is released. Once per Idempotency-Key; answers with all holds of the order."""
        said = self.body(request)
        return self.once(request, lambda: self._hold(request, order_id, reason=said["reason"]))

    def _hold(self, request: Request, order_id: str, *, reason: str) -> Answer:
        key = self._key(request, order_id)
        (refusal,) = raise_holds([key], reason=reason, actor=self.actor(request), at=clock.now())
        if refusal is not None:
            raise errors.Refused(refusal.code, refusal.message, params=refusal.params)
        return json_answer(200, _shown(key))

    def _key(self, request: Request, order_id: str) -> int:
        key = visible_key(parse("ord", order_id), sight=Sight.of_company(self.partner(request).company_id))
        if key is None:
            raise NotFound
        return key


class ReleaseView(ApiView):
    """Ticking off a hold."""

    scopes = {"POST": "holds:write"}
    takes = {"POST": HOLD}
    gives = {"POST": told.HOLDS}
    answers = {"POST": 200}

    def post(self, request: Request, hold_id: str) -> HttpResponse:
        """Release the hold, with a reason; the order goes on when its last hold is released. Saying it again changes nothing.

        A hold that names a role of staff is refused with "order.hold_of_another_role". Answers with all holds of the order.
        """
        said = self.body(request)
        return self.once(request, lambda: self._release(request, hold_id, reason=said["reason"]))

    def _release(self, request: Request, hold_id: str, *, reason: str) -> Answer:
        key = visible_hold_key(parse("hld", hold_id), sight=Sight.of_company(self.partner(request).company_id))
        if key is None:
            raise NotFound
        (result,) = tick_off_holds([key], reason=reason, actor=self.actor(request), at=clock.now())
        if isinstance(result, Refusal):
            raise errors.Refused(result.code, result.message, params=result.params)
        return json_answer(200, _shown(result.order_id))


def _shown(order_key: int) -> dict[str, object]:
    return {"data": [hold_shown(hold) for hold in holds_of(order_key)]}
