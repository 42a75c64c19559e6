"""The machine counter of what ends a paper: a draft is approved, a transfer is settled or called off."""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from core import clock
from core.api.views import ApiView
from core.errors import Refusal
from core.idempotency import Answer
from inventory.api.paper_shapes import APPROVAL, PURCHASE_SCHEMA, REASON, SETTLEMENT, TRANSFER_SCHEMA
from inventory.api.papers import as_refused, purchase_named, purchase_told, stepped, transfer_named
from inventory.api.views import company_of
from inventory.operations import approve_purchase_orders, cancel_transfers, settle_transfers
from inventory.rules import SettlementAsk


class ApprovalView(ApiView):
    """A draft may be sent."""

    scopes = {"POST": "purchasing:approve"}
    takes = {"POST": APPROVAL}
    gives = {"POST": PURCHASE_SCHEMA}
    answers = {"POST": 200}

    def post(self, request: Request, purchase_order_id: str) -> HttpResponse:
        """Approve the draft as it was looked at; whoever drafted it does not approve it. Approving again answers the same."""
        said = self.body(request)
        return self.once(request, lambda: self._approve(request, purchase_order_id, said))

    def _approve(self, request: Request, purchase_order_id: str, said: dict[str, Any]) -> Answer:
        order = purchase_named(purchase_order_id, company_id=company_of(self, request))
        versions = {order.id: said["version"]}
        [result] = approve_purchase_orders([order.id], actor=self.actor(request), at=clock.now(), versions=versions)
        if isinstance(result, Refusal):
            raise as_refused(result)
        return purchase_told(self, request, order.id, status=200)


class SettlementView(ApiView):
    """What became of goods that left and did not arrive."""

    scopes = {"POST": "inventory:write"}
    takes = {"POST": SETTLEMENT}
    gives = {"POST": TRANSFER_SCHEMA}
    answers = {"POST": 200}

    def post(self, request: Request, transfer_id: str) -> HttpResponse:
        """Everything still on the road came home, or is written off; the transfer has ended."""
        said = self.body(request)
        return self.once(request, lambda: self._settle(request, transfer_id, said))

    def _settle(self, request: Request, transfer_id: str, said: dict[str, Any]) -> Answer:
        transfer = transfer_named(transfer_id, company_id=company_of(self, request))
        ask = SettlementAsk(transfer_id=transfer.id, outcome=said["outcome"])
        [result] = settle_transfers([ask], reason=said["reason"], actor=self.actor(request), at=clock.now())
        return stepped(result, status=200)


class TransferCancellationView(ApiView):
    """A transfer is called off before it leaves."""

    scopes = {"POST": "inventory:write"}
    takes = {"POST": REASON}
    gives = {"POST": TRANSFER_SCHEMA}
    answers = {"POST": 200}

    def post(self, request: Request, transfer_id: str) -> HttpResponse:
        """Cancel the planned transfer; cancelling it again answers the same. What has left is settled instead."""
        said = self.body(request)
        return self.once(request, lambda: self._cancel(request, transfer_id, said))

    def _cancel(self, request: Request, transfer_id: str, said: dict[str, Any]) -> Answer:
        transfer = transfer_named(transfer_id, company_id=company_of(self, request))
        [result] = cancel_transfers([transfer.id], reason=said["reason"], actor=self.actor(request), at=clock.now())
        return stepped(result, status=200)
