"""Approvals of deferred payments at the machine counter: asked for and decided by whoever guarantees them."""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from core import clock, errors
from core.api.views import ApiView, json_answer
from core.errors import NotFound, Refusal
from core.idempotency import Answer
from core.ids import parse
from orders.api import answers as told
from orders.api.shapes import APPROVAL
from orders.operations import ApprovalAsk, decide_approvals
from orders.queries import Sight, approvals_of, visible_key
from orders.rules import ApprovalState


class PaymentApprovalView(ApiView):
    """Whether somebody answers for an order that is paid after delivery."""

    scopes = {"GET": "orders:read", "POST": "holds:write"}
    takes = {"POST": APPROVAL}
    gives = {"GET": told.APPROVALS, "POST": told.APPROVALS}
    answers = {"POST": 200}

    def get(self, request: Request, order_id: str) -> HttpResponse:
        """What was asked of the order's payment and decided, the latest first; empty where nothing was."""
        self.query(request)
        return self.answer(_shown(self._key(request, order_id)))

    def post(self, request: Request, order_id: str) -> HttpResponse:
        """Approve or decline the payment. Approved, the order goes on when nothing else holds it; declined, it stays on hold.

        What was declined may be approved later; what was approved is refused with "approval.approved_before", what nobody asks for with
        "approval.not_asked", and a sum that is more by now with "approval.other_amount". Saying it again changes nothing.
        """
        said = self.body(request)
        return self.once(request, lambda: self._decide(request, order_id, said))

    def _decide(self, request: Request, order_id: str, said: dict[str, Any]) -> Answer:
        key = self._key(request, order_id)
        ask = ApprovalAsk(
            order_id=key, is_approved=said["state"] == ApprovalState.APPROVED, amount=said["amount"], reference=said["reference"],
            reason=said["reason"],
        )  # fmt: skip
        (result,) = decide_approvals([ask], actor=self.actor(request), at=clock.now())
        if isinstance(result, Refusal):
            raise errors.Refused(result.code, result.message, params=result.params, field=result.field)
        return json_answer(200, _shown(key))

    def _key(self, request: Request, order_id: str) -> int:
        key = visible_key(parse("ord", order_id), sight=Sight.of_company(self.partner(request).company_id))
        if key is None:
            raise NotFound
        return key


def _shown(order_key: int) -> dict[str, object]:
    names = ("state", "amount", "currency", "asked_at", "decided_at", "reference", "reason", "ended_at")
    return {"data": [{name: getattr(one, name) for name in names} for one in approvals_of(order_key)]}
