"""The machine counter of purchasing and transfers: what was ordered and delivered, what goes from here to there."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from core import clock, ids
from core.api.shapes import Choice
from core.api.views import ApiView, json_answer
from core.errors import NotFound, Refusal, Refused
from core.idempotency import Answer
from core.words import gettext_noop
from inventory.api.paper_shapes import (
    ARRIVAL,
    DELIVERED_SCHEMA,
    DELIVERY,
    NOTHING,
    PURCHASE,
    PURCHASE_PREFIX,
    PURCHASE_SCHEMA,
    TRANSFER,
    TRANSFER_PREFIX,
    TRANSFER_SCHEMA,
    purchase_shown,
    transfer_shown,
)
from inventory.api.views import company_of
from inventory.operations import TransferStep, draft_purchase_orders, plan_transfers, receive_deliveries, receive_transfers, send_transfers
from inventory.queries import (
    PurchaseRow,
    TransferRow,
    items_read,
    location_keys,
    purchase_by_id,
    purchase_lines,
    purchase_page,
    purchase_rows,
    supplier_keys,
    transfer_by_id,
    transfer_lines,
    transfer_page,
    transfer_rows,
)
from inventory.rules import (
    ArrivalAsk,
    DeliveredLine,
    DeliveryAsk,
    PurchaseAsk,
    PurchaseLineAsk,
    PurchaseStatus,
    TransferAsk,
    TransferLineAsk,
    TransferStatus,
)

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)  # papers are ordered by their key alone


class PurchaseOrdersView(ApiView):
    """Purchase orders of the partner's company."""

    scopes = {"GET": "inventory:read", "POST": "purchasing:write"}
    filters = {"status": Choice(PurchaseStatus).optional(None)}
    takes = {"POST": PURCHASE}
    gives = {"GET": PURCHASE_SCHEMA, "POST": PURCHASE_SCHEMA}
    pages = True

    def get(self, request: Request) -> HttpResponse:
        """Purchase orders with their lines, the newest first: a warehouse asks for those with status sent."""
        asked, given = self.page(request)
        partner = self.partner(request)
        with_costs = "purchasing:read" in partner.scopes
        found = purchase_page(partner.company_id, limit=asked.limit + 1, before_id=asked.after and asked.after[1], **given)
        lines = purchase_lines([row.id for row in found])
        return self.list(
            found, asked, key=lambda row: (_NO_TIME, row.id),
            show=lambda row: purchase_shown(row, lines.get(row.id, ()), with_costs=with_costs),
        )  # fmt: skip

    def post(self, request: Request) -> HttpResponse:
        """Draft a purchase order, once per Idempotency-Key and once per reference. Somebody else approves it before it is sent."""
        said = self.body(request)
        return self.once(request, lambda: self._draft(request, said))

    def _draft(self, request: Request, said: dict[str, Any]) -> Answer:
        company_id, actor = company_of(self, request), self.actor(request)
        suppliers = supplier_keys([said["supplier"]], company_id=company_id)
        places = location_keys([said["location"]], company_id=company_id)
        unknown = []
        if said["supplier"] not in suppliers:
            words = gettext_noop("There is no supplier “%(code)s”.")
            unknown.append(Refusal("inventory.unknown_supplier", words, {"code": said["supplier"]}, "/supplier"))
        if said["location"] not in places:
            words = gettext_noop("There is no location “%(code)s”.")
            unknown.append(Refusal("inventory.unknown_location", words, {"code": said["location"]}, "/location"))
        if unknown:
            raise as_refused(*unknown)
        ask = PurchaseAsk(
            supplier_id=suppliers[said["supplier"]],
            location_id=places[said["location"]],
            lines=tuple(
                PurchaseLineAsk(stock_item_id=item, quantity=line["quantity"], unit_cost=line["unit_cost"])
                for line, item in known_lines(said["lines"], company_id=company_id)
            ),
            once_key=f"{actor.ref}:{said['reference']}",
            expected_on=said["expected_on"],
            note=said["note"],
        )
        [result] = draft_purchase_orders([ask], company_id=company_id, actor=actor, at=clock.now())
        if isinstance(result, Refusal):
            raise as_refused(result)
        return purchase_told(self, request, result.purchase_order_id, status=201)


class DeliveriesView(ApiView):
    """Deliveries of a purchase order."""

    scopes = {"POST": "inventory:write"}
    takes = {"POST": DELIVERY}
    gives = {"POST": DELIVERED_SCHEMA}

    def post(self, request: Request, purchase_order_id: str) -> HttpResponse:
        """Take a delivery in, wholly or not at all: once per Idempotency-Key, per reference and per delivery note."""
        said = self.body(request)
        return self.once(request, lambda: self._receive(request, purchase_order_id, said))

    def _receive(self, request: Request, purchase_order_id: str, said: dict[str, Any]) -> Answer:
        company_id, actor = company_of(self, request), self.actor(request)
        order = purchase_named(purchase_order_id, company_id=company_id)
        ask = DeliveryAsk(
            purchase_order_id=order.id,
            delivery_note=said["delivery_note"],
            lines=tuple(
                DeliveredLine(
                    stock_item_id=item,
                    quantity=line["quantity"],
                    unsellable_quantity=line["unsellable_quantity"],
                    lot_number=line["lot"],
                    expires_on=line["expires_on"],
                )
                for line, item in known_lines(said["lines"], company_id=company_id)
            ),
            once_key=f"{actor.ref}:{said['reference']}",
            takes_more=said["takes_more"],
        )
        [result] = receive_deliveries([ask], company_id=company_id, actor=actor, at=clock.now())
        if isinstance(result, Refusal):
            raise as_refused(result)
        told = {"number": result.number, "status": str(result.status), "missing": result.missing, "repeated": result.repeated}
        return json_answer(201, told)


class TransfersView(ApiView):
    """Transfers between locations."""

    scopes = {"GET": "inventory:read", "POST": "inventory:write"}
    filters = {"status": Choice(TransferStatus).optional(None)}
    takes = {"POST": TRANSFER}
    gives = {"GET": TRANSFER_SCHEMA, "POST": TRANSFER_SCHEMA}
    pages = True

    def get(self, request: Request) -> HttpResponse:
        """Transfers with their lines, the newest first."""
        asked, given = self.page(request)
        found = transfer_page(self.partner(request).company_id, limit=asked.limit + 1, before_id=asked.after and asked.after[1], **given)
        lines = transfer_lines([row.id for row in found])
        return self.list(found, asked, key=lambda row: (_NO_TIME, row.id), show=lambda row: transfer_shown(row, lines.get(row.id, ())))

    def post(self, request: Request) -> HttpResponse:
        """Plan a transfer, once per Idempotency-Key and once per reference. Nothing moves until it is dispatched."""
        said = self.body(request)
        return self.once(request, lambda: self._plan(request, said))

    def _plan(self, request: Request, said: dict[str, Any]) -> Answer:
        company_id, actor = company_of(self, request), self.actor(request)
        places = location_keys([said["from"], said["to"]], company_id=company_id)
        unknown = [
            Refusal("inventory.unknown_location", gettext_noop("There is no location “%(code)s”."), {"code": said[end]}, f"/{end}")
            for end in ("from", "to")
            if said[end] not in places
        ]
        if unknown:
            raise as_refused(*unknown)
        ask = TransferAsk(
            from_location_id=places[said["from"]],
            to_location_id=places[said["to"]],
            lines=_goods(said["lines"], company_id=company_id),
            once_key=f"{actor.ref}:{said['reference']}",
            expected_on=said["expected_on"],
            note=said["note"],
        )
        [result] = plan_transfers([ask], company_id=company_id, actor=actor, at=clock.now())
        return stepped(result, status=201)


class DispatchView(ApiView):
    """Goods of a transfer leave."""

    scopes = {"POST": "inventory:write"}
    takes = {"POST": NOTHING}
    gives = {"POST": TRANSFER_SCHEMA}
    answers = {"POST": 200}

    def post(self, request: Request, transfer_id: str) -> HttpResponse:
        """The goods are on the road from now on; dispatching again answers the same."""
        self.body(request)
        return self.once(request, lambda: self._send(request, transfer_id))

    def _send(self, request: Request, transfer_id: str) -> Answer:
        transfer = transfer_named(transfer_id, company_id=company_of(self, request))
        [result] = send_transfers([transfer.id], actor=self.actor(request), at=clock.now())
        return stepped(result, status=200)


class ArrivalsView(ApiView):
    """Goods of a transfer arrive."""

    scopes = {"POST": "inventory:write"}
    takes = {"POST": ARRIVAL}
    gives = {"POST": TRANSFER_SCHEMA}

    def post(self, request: Request, transfer_id: str) -> HttpResponse:
        """Confirm what arrived, once per Idempotency-Key and once per reference."""
        said = self.body(request)
        return self.once(request, lambda: self._receive(request, transfer_id, said))

    def _receive(self, request: Request, transfer_id: str, said: dict[str, Any]) -> Answer:
        company_id, actor = company_of(self, request), self.actor(request)
        transfer = transfer_named(transfer_id, company_id=company_id)
        goods = _goods(said["lines"], company_id=company_id)
        ask = ArrivalAsk(transfer_id=transfer.id, lines=goods, once_key=f"{actor.ref}:{said['reference']}")
        [result] = receive_transfers([ask], actor=actor, at=clock.now())
        return stepped(result, status=201)


def purchase_named(public_id: str, *, company_id: int) -> PurchaseRow:
    """The company's purchase order of a public id."""
    found = purchase_rows([ids.parse(PURCHASE_PREFIX, public_id)], company_id=company_id)
    if not found:
        raise NotFound
    return found[0]


def transfer_named(public_id: str, *, company_id: int) -> TransferRow:
    """The company's transfer of a public id."""
    found = transfer_rows([ids.parse(TRANSFER_PREFIX, public_id)], company_id=company_id)
    if not found:
        raise NotFound
    return found[0]


def known_lines(lines: Sequence[dict[str, Any]], *, company_id: int) -> list[tuple[dict[str, Any], int]]:
    """Each line with the item its code means, in pieces: three cases of twelve are thirty-six.

    Every code that means nothing, several items or a set is refused at its place.
    """
    reads = items_read([line["item"] for line in lines], company_id=company_id)
    refused: list[Refusal] = []
    known: list[tuple[dict[str, Any], int]] = []
    for place, line in enumerate(lines):
        read = reads[line["item"]]
        if isinstance(read, Refusal):
            refused.append(replace(read, field=f"/lines/{place}/item"))
        else:
            counts: dict[str, Any] = {name: line[name] * read.pieces for name in ("quantity", "unsellable_quantity") if name in line}
            known.append(({**line, **counts}, read.stock_item_id))
    if refused:
        raise as_refused(*refused)
    return known


def _goods(lines: Sequence[dict[str, Any]], *, company_id: int) -> tuple[TransferLineAsk, ...]:
    known = known_lines(lines, company_id=company_id)
    return tuple(TransferLineAsk(stock_item_id=item, quantity=line["quantity"], lot_number=line["lot"]) for line, item in known)


def as_refused(*reasons: Refusal) -> Refused:
    """These reasons as one answer."""
    first = reasons[0]
    return Refused(first.code, first.message, params=first.params, field=first.field, errors=reasons)


def stepped(result: TransferStep | Refusal, *, status: int) -> Answer:
    """The transfer as it stands after a step."""
    if isinstance(result, Refusal):
        raise as_refused(result)
    row = transfer_by_id(result.transfer_id)
    return json_answer(status, transfer_shown(row, transfer_lines([row.id]).get(row.id, ())))


def purchase_told(view: ApiView, request: Request, purchase_order_id: int, *, status: int) -> Answer:
    """The purchase order as it stands; what it costs for those who may know."""
    row = purchase_by_id(purchase_order_id)
    lines = purchase_lines([row.id]).get(row.id, ())
    return json_answer(status, purchase_shown(row, lines, with_costs="purchasing:read" in view.partner(request).scopes))
