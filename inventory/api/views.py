"""The machine counter of stock: what lies where, what may be promised, receipts and corrections."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from catalog.queries import variant_keys
from core import clock
from core.api.shapes import Code, Moment, Text
from core.api.views import ApiView, json_answer
from core.errors import Forbidden, Malformed, NotFound, Refusal, Refused
from core.idempotency import Answer
from core.queries import channel_context
from core.words import gettext_noop
from inventory.api.shapes import (
    ADJUSTMENTS,
    AVAILABILITY_SCHEMA,
    EXPLANATION_SCHEMA,
    FIGURE_SCHEMA,
    MOVED_SCHEMA,
    MOVEMENT_SCHEMA,
    RECEIPTS,
    SHELF_SCHEMA,
    explanation_shown,
    figure_shown,
    movement_shown,
    shelf_shown,
)
from inventory.operations import Moved, adjust_stock, receive_stock
from inventory.queries import atp, explanations, figure_page, item_keys, location_keys, movement_page, stock_page
from inventory.rules import UNLIMITED, Adjustment, Receipt

MOST_SKUS = 100
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)  # shelves are ordered by their key alone


class StockView(ApiView):
    """What lies where."""

    scopes = {"GET": "inventory:read"}
    filters = {"sku": Text(max=64).optional(), "item": Text(max=64).optional(), "location": Code(max=40).optional()}
    gives = {"GET": SHELF_SCHEMA}
    pages = True

    def get(self, request: Request) -> HttpResponse:
        """Shelves of the partner's company with their counters; by SKU, stock item or location."""
        asked, given = self.page(request)
        found = stock_page(self.partner(request).company_id, limit=asked.limit + 1, before_id=asked.after and asked.after[1], **given)
        return self.list(found, asked, key=lambda row: (_NO_TIME, row.stock_id), show=shelf_shown)


class MovementView(ApiView):
    """The stock ledger."""

    scopes = {"GET": "inventory:read"}
    filters = {"item": Text(max=64).optional(), "location": Code(max=40).optional()}
    gives = {"GET": MOVEMENT_SCHEMA}
    pages = True

    def get(self, request: Request) -> HttpResponse:
        """Movements, the newest first."""
        asked, given = self.page(request)
        found = movement_page(self.partner(request).company_id, limit=asked.limit + 1, before_id=asked.after and asked.after[1], **given)
        return self.list(found, asked, key=lambda row: (row.recorded_at, row.id), show=movement_shown)


class AvailabilityView(ApiView):
    """What a channel may promise now."""

    scopes = {"GET": "inventory:read"}
    filters = {
        "sku": Text(max=6_500).described(f"Up to {MOST_SKUS} SKUs, separated by commas."),
        "channel": Code(max=40).described("Code of the sales channel that asks."),
    }
    gives = {"GET": AVAILABILITY_SCHEMA}

    def get(self, request: Request) -> HttpResponse:
        """Units that may be promised of each SKU, in the order asked; an unknown SKU is left out."""
        given = self.query(request)
        skus = list(dict.fromkeys(filter(None, given["sku"].split(","))))
        if not 0 < len(skus) <= MOST_SKUS:
            raise Malformed(
                "list.length", gettext_noop("This must have %(min)s to %(max)s members."), params={"min": 1, "max": MOST_SKUS}, field="/sku"
            )
        company_id = self.partner(request).company_id
        if company_id is None:
            raise Forbidden
        channel = channel_context(given["channel"], company_id=company_id)
        keys = variant_keys(company_id, skus)
        units = atp(list(keys.values()), channel_id=channel.id, at=clock.now())
        found = [{"sku": sku, "available": None if units[keys[sku]] == UNLIMITED else units[keys[sku]]} for sku in skus if sku in keys]
        return self.answer({"data": found})


class ExplanationView(ApiView):
    """Why a channel may promise so many."""

    scopes = {"GET": "inventory:read"}
    filters = {"sku": Code(max=64), "channel": Code(max=40).described("Code of the sales channel that asks.")}
    gives = {"GET": EXPLANATION_SCHEMA}

    def get(self, request: Request) -> HttpResponse:
        """Shelf by shelf: sellable − allocated − held by checkouts − set aside for others − too old − buffer + own quota = pieces, or why none."""
        given = self.query(request)
        company_id = company_of(self, request)
        channel = channel_context(given["channel"], company_id=company_id)
        keys = variant_keys(company_id, [given["sku"]])
        if given["sku"] not in keys:
            raise NotFound
        variant = keys[given["sku"]]
        return self.answer(explanation_shown(explanations([variant], channel_id=channel.id, at=clock.now())[variant]))


class FiguresView(ApiView):
    """What a channel was told it may promise."""

    scopes = {"GET": "inventory:read"}
    filters = {
        "channel": Code(max=40).described("Code of the sales channel that asks."),
        "since": Moment().optional().described("Only figures told at or after this moment."),
    }
    gives = {"GET": FIGURE_SCHEMA}
    pages = True

    def get(self, request: Request) -> HttpResponse:
        """The latest changes first; for a channel whose figures are announced, every minute."""
        asked, given = self.page(request)
        channel = channel_context(given["channel"], company_id=company_of(self, request))
        found = figure_page(channel.id, limit=asked.limit + 1, before=asked.after, since=given["since"])
        return self.list(found, asked, key=lambda row: (row.told_at, row.variant_id), show=figure_shown)


class ReceiptsView(ApiView):
    """Goods came in."""

    scopes = {"POST": "inventory:write"}
    takes = {"POST": RECEIPTS}
    gives = {"POST": MOVED_SCHEMA}

    def post(self, request: Request) -> HttpResponse:
        """Receive all of these, or none, once per Idempotency-Key and once per reference."""
        said = self.body(request)
        return self.once(request, lambda: self._receive(request, said))

    def _receive(self, request: Request, said: dict[str, Any]) -> Answer:
        lines, company_id = said["receipts"], company_of(self, request)
        actor = self.actor(request)
        receipts = [
            Receipt(
                stock_item_id=item,
                location_id=place,
                quantity=line["quantity"],
                sellable_quantity=line["sellable_quantity"],
                once_key=f"{actor.ref}:receipt:{line['reference']}",
                cause=line["cause"] or f"receipt:{line['reference']}",
                lot_number=line["lot"],
                expires_on=line["expires_on"],
            )
            for line, item, place in placed(lines, "receipts", company_id=company_id)
        ]
        results = receive_stock(receipts, company_id=company_id, reason=said["reason"], actor=actor, at=clock.now())
        return told(results, lines, "receipts")


class AdjustmentsView(ApiView):
    """What is on hand is corrected."""

    scopes = {"POST": "inventory:write"}
    takes = {"POST": ADJUSTMENTS}
    gives = {"POST": MOVED_SCHEMA}

    def post(self, request: Request) -> HttpResponse:
        """Correct all of these, or none, once per Idempotency-Key and once per reference."""
        said = self.body(request)
        return self.once(request, lambda: self._adjust(request, said))

    def _adjust(self, request: Request, said: dict[str, Any]) -> Answer:
        lines, company_id = said["adjustments"], company_of(self, request)
        actor = self.actor(request)
        adjustments = [
            Adjustment(
                stock_item_id=item,
                location_id=place,
                quantity=line["quantity"],
                sellable_quantity=line["sellable_quantity"],
                once_key=f"{actor.ref}:adjustment:{line['reference']}",
                cause=f"adjustment:{line['reference']}",
            )
            for line, item, place in placed(lines, "adjustments", company_id=company_id)
        ]
        results = adjust_stock(adjustments, company_id=company_id, reason=said["reason"], actor=actor, at=clock.now())
        return told(results, lines, "adjustments")


def company_of(view: ApiView, request: Request) -> int:
    """The company a partner moves goods for."""
    company_id = view.partner(request).company_id
    if company_id is None:
        raise Forbidden
    return company_id


def placed(lines: Sequence[dict[str, Any]], name: str, *, company_id: int) -> list[tuple[dict[str, Any], int, int]]:
    """Each line with the ids its codes mean; unknown codes are refused, every one with its place."""
    items = item_keys([line["item"] for line in lines], company_id=company_id)
    places = location_keys([line["location"] for line in lines], company_id=company_id)
    unknown = [
        Refusal(f"inventory.unknown_{kind}", message, {"code": line[kind]}, f"/{name}/{index}/{kind}")
        for index, line in enumerate(lines)
        for kind, known, message in (
            ("item", items, gettext_noop("There is no stock item “%(code)s”.")),
            ("location", places, gettext_noop("There is no location “%(code)s”.")),
        )
        if line[kind] not in known
    ]
    if unknown:
        raise Refused(unknown[0].code, unknown[0].message, params=unknown[0].params, field=unknown[0].field, errors=unknown)
    return [(line, items[line["item"]], places[line["location"]]) for line in lines]


def told(results: Sequence[Moved | Refusal], lines: Sequence[dict[str, Any]], name: str) -> Answer:
    """What lies there now, line by line; one refusal undoes them all."""
    refused = [result.at(f"/{name}{result.field}") for result in results if isinstance(result, Refusal)]
    if refused:
        raise Refused(refused[0].code, refused[0].message, params=refused[0].params, field=refused[0].field, errors=refused)
    moved = [result for result in results if isinstance(result, Moved)]
    data = [
        {"reference": line["reference"], "on_hand": done.on_hand, "repeated": not done.is_new}
        for line, done in zip(lines, moved, strict=True)
    ]
    return json_answer(201, {"data": data})
