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
from core.errors import Forbidden, NotFound, Refusal, Refused
from core.idempotency import Answer
from core.words import gettext_noop
from inventory.api.paper_shapes import (
    ARRIVAL,
    DELIVERED_SCHEMA,
    DELIVERY,
    NOTHING,
    PURCHASE_PREFIX,
    PURCHASE_SCHEMA,
    TRANSFER,
    TRANSFER_PREFIX,
    TRANSFER_SCHEMA,
    purchase_shown,
    transfer_shown,
)
from inventory.operations import TransferStep, plan_transfers, receive_deliveries, receive_transfers, send_transfers
from inventory.queries import (
    PurchaseRow,
    TransferRow,
    items_read,
    location_keys,
    purchase_lines,
    purchase_page,
    purchase_rows,
    transfer_by_id,
    transfer_lines,
    transfer_page,
    transfer_rows,
)
from inventory.rules import ArrivalAsk, DeliveredLine, DeliveryAsk, PurchaseStatus, TransferAsk, TransferLineAsk, TransferStatus

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)  # papers are ordered by their key alone


class PurchaseOrdersView(ApiView):
    """Purchase orders of the partner's company."""

    scopes = {"GET": "inventory:read"}
    filters = {"status": Choice(PurchaseStatus).optional(None)}
    gives = {"GET": PURCHASE_SCHEMA}
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
        company_id, actor = _company_of(self, request), self.actor(request)
        order = _purchase(purchase_order_id, company_id=company_id)
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
                for line, item in _known(said["lines"], company_id=company_id)
            ),
            once_key=f"{actor.ref}:{said['reference']}",
            takes_more=said["takes_more"],
        )
        [result] = receive_deliveries([ask], company_id=company_id, actor=actor, at=clock.now())
        if isinstance(result, Refusal):
            raise _refused(result)
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
        company_id, actor = _company_of(self, request), self.actor(request)
        places = location_keys([said["from"], said["to"]], company_id=company_id)
        unknown = [
            Refusal("inventory.unknown_location", gettext_noop("There is no location “%(code)s”."), {"code": said[end]}, f"/{end}")
            for end in ("from", "to")
            if said[end] not in places
        ]
        if unknown:
            raise _refused(*unknown)
        ask = TransferAsk(
            from_location_id=places[said["from"]],
            to_location_id=places[said["to"]],
            lines=_goods(said["lines"], company_id=company_id),
            once_key=f"{actor.ref}:{said['reference']}",
            expected_on=said["expected_on"],
            note=said["note"],
        )
        [result] = plan_transfers([ask], company_id=company_id, actor=actor, at=clock.now())
        return _stepped(result, status=201)


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
        transfer = _transfer(transfer_id, company_id=_company_of(self, request))
        [result] = send_transfers([transfer.id], actor=self.actor(request), at=clock.now())
        return _stepped(result, status=200)


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
        company_id, actor = _company_of(self, request), self.actor(request)
        transfer = _transfer(transfer_id, company_id=company_id)
        goods = _goods(said["lines"], company_id=company_id)
        ask = ArrivalAsk(transfer_id=transfer.id, lines=goods, once_key=f"{actor.ref}:{said['reference']}")
        [result] = receive_transfers([ask], actor=actor, at=clock.now())
        return _stepped(result, status=201)


def _company_of(view: ApiView, request: Request) -> int:
    company_id = view.partner(request).company_id
    if company_id is None:
        raise Forbidden
    return company_id


def _purchase(public_id: str, *, company_id: int) -> PurchaseRow:
    found = purchase_rows([ids.parse(PURCHASE_PREFIX, public_id)], company_id=company_id)
    if not found:
        raise NotFound
    return found[0]


def _transfer(public_id: str, *, company_id: int) -> TransferRow:
    found = transfer_rows([ids.parse(TRANSFER_PREFIX, public_id)], company_id=company_id)
    if not found:
        raise NotFound
    return found[0]


def _known(lines: Sequence[dict[str, Any]], *, company_id: int) -> list[tuple[dict[str, Any], int]]:
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
        raise _refused(*refused)
    return known


def _goods(lines: Sequence[dict[str, Any]], *, company_id: int) -> tuple[TransferLineAsk, ...]:
    known = _known(lines, company_id=company_id)
    return tuple(TransferLineAsk(stock_item_id=item, quantity=line["quantity"], lot_number=line["lot"]) for line, item in known)


def _refused(*reasons: Refusal) -> Refused:
    first = reasons[0]
    return Refused(first.code, first.message, params=first.params, field=first.field, errors=reasons)


def _stepped(result: TransferStep | Refusal, *, status: int) -> Answer:
    if isinstance(result, Refusal):
        raise _refused(result)
    row = transfer_by_id(result.transfer_id)
    return json_answer(status, transfer_shown(row, transfer_lines([row.id]).get(row.id, ())))
