"""Placing one order at the machine counter; those of one partner that come at the same moment are placed by one transaction."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast
from uuid import UUID

import structlog
from django.db import IntegrityError

from core import clock, errors
from core.api.partners import Partner
from core.api.views import json_answer
from core.errors import HouseError, NotFound, Refusal
from core.gathering import Gathering
from core.idempotency import Answer, once, once_each
from core.ids import public
from core.queries import UnknownChannel, channel_context
from core.text import prefecture_in_full
from core.words import gettext_noop as _
from customers.queries import customer_keys
from orders.operations import StockWentMeanwhile, place_orders
from orders.queries import PickupStore, pickup_stores
from orders.rules import DraftDestination, Gate, OrderDraft, Placed, Refused

TRIES = 3
log = structlog.get_logger("orders.placing")


class OrderNotPlaced(errors.Refused):
    """The order was refused; every reason names its field."""

    code = "order.refused"
    message = _("The order was not placed.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """An order as a request asks for it: its Idempotency-Key, the seal of the request, and what it says."""

    key: str
    seal: bytes
    said: dict[str, Any]


def place_alongside(ordered: Ordered, *, partner: Partner) -> Answer:
    """The order is placed once per Idempotency-Key, in one transaction with whatever the partner orders at this moment (ADR 0022).

    Raises what stands against it. Who orders alone is served alone; two statements for the keys, however many there are.
    Only orders of one channel and language come together: ``place_orders`` then takes its locks once, in the house's order.
    """
    answer = _COUNTER.ask((partner, ordered.said["channel"], ordered.said["language"]), ordered)
    if isinstance(answer, HouseError):
        raise answer
    return answer


def _serve(group: Hashable, asked: Sequence[Ordered]) -> Sequence[Answer | HouseError]:
    partner, _channel, _language = cast("tuple[Partner, str, str]", group)
    if len(asked) == 1:
        return [_serve_alone(asked[0], partner=partner)]
    try:
        return once_each(
            lambda places: _place([asked[place].said for place in places], partner=partner),
            client=partner.actor.ref,
            asks=[(one.key, one.seal) for one in asked],
            actor=partner.actor,
        )
    except Exception as error:
        log.info("orders.served_one_by_one", orders=len(asked), error=type(error).__name__)
        raise


_COUNTER: Gathering[Ordered, Answer | HouseError] = Gathering(_serve)


def _serve_alone(ordered: Ordered, *, partner: Partner) -> Answer:
    """The whole transaction once more when somebody else took the outside number or the last piece meanwhile."""

    def place() -> Answer:
        answer = _place([ordered.said], partner=partner)[0]
        if isinstance(answer, HouseError):
            raise answer
        return answer

    for attempt in range(TRIES):
        try:
            return once(place, client=partner.actor.ref, key=ordered.key, seal=ordered.seal, actor=partner.actor)
        except (IntegrityError, StockWentMeanwhile) as error:
            if attempt == TRIES - 1:
                raise errors.Busy from error
    raise AssertionError("unreachable")


def _place(said: Sequence[dict[str, Any]], *, partner: Partner) -> list[Answer | HouseError]:
    drafts = drafts_of(said, company_id=partner.company_id)
    going = [draft for draft in drafts if isinstance(draft, OrderDraft)]
    results = iter(place_orders(going, actor=partner.actor, at=clock.now()) if going else ())
    return [_answer(next(results) if isinstance(draft, OrderDraft) else draft) for draft in drafts]


def _answer(result: Placed | Refused) -> Answer | HouseError:
    if isinstance(result, Refused):
        first = result.reasons[0]
        return OrderNotPlaced(result.code, first.message, params=first.params, field=first.field, errors=result.reasons)
    return json_answer(200 if result.repeated else 201, placed_shown(result), location=f"/api/v1/orders/{public('ord', result.public_id)}")


def drafts_of(said: Sequence[dict[str, Any]], *, company_id: int | None) -> list[OrderDraft | Refused]:
    """The orders as the house wants them; a customer or channel of another company does not exist here."""
    if company_id is None:
        raise NotFound
    wanted = [one["customer"] for one in said if one["customer"] is not None]
    keys: dict[UUID, int] = customer_keys(wanted, company_id=company_id) if wanted else {}
    channels = {code: _channel(code, company_id=company_id) for code in {one["channel"] for one in said}}
    fetched = any(destination.pickup_at for one in said for destination in one["destinations"])
    stores = {store.code: store for store in pickup_stores(company_id)} if fetched else {}
    return [_draft(one, company_id=company_id, keys=keys, channel=channels[one["channel"]], stores=stores) for one in said]


def _channel(code: str, *, company_id: int) -> int | Refusal:
    try:
        return channel_context(code, company_id=company_id).id
    except UnknownChannel as error:
        return error.refusal.at("/channel")


def _draft(
    one: dict[str, Any], *, company_id: int, keys: dict[UUID, int], channel: int | Refusal, stores: Mapping[str, PickupStore]
) -> OrderDraft | Refused:
    customer = one["customer"]
    wrong = [channel] if isinstance(channel, Refusal) else []
    wrong += [
        Refusal(
            "order.no_pickup_here",
            _("Nothing can be fetched in this store now. Choose another, or have it sent."),
            {},
            f"/destinations/{n}/pickup_at",
        )
        for n, destination in enumerate(one["destinations"])
        if destination.pickup_at and destination.pickup_at not in stores
    ]
    if customer is not None and customer not in keys:
        wrong.append(Refusal("customer.not_found", _("There is no such customer."), {}, "/customer"))
    if wrong or isinstance(channel, Refusal):
        return Refused(tuple(wrong))
    kept = ("person", "lines", "payment_method", "outside_number", "language", "remark", "expected_total", "coupon_codes")
    return OrderDraft(
        company_id=company_id,
        channel_id=channel,
        customer_id=keys[customer] if customer is not None else None,
        destinations=tuple(_destination(destination, stores) for destination in one["destinations"]),
        told=tuple(Gate(gate) for gate in one.get("told", ())),
        **{name: one[name] for name in kept},
    )


def _destination(destination: DraftDestination, stores: Mapping[str, PickupStore]) -> DraftDestination:
    """With the store behind its code, and the prefecture as zones and carriers know it."""
    if destination.place.country == "JP":
        place = replace(destination.place, prefecture=prefecture_in_full(destination.place.prefecture))
        destination = replace(destination, place=place)
    store = stores.get(destination.pickup_at)
    return replace(destination, pickup_at_id=store.id, place=store.address_for(destination.place)) if store else destination


def placed_shown(result: Placed) -> dict[str, Any]:
    """What a partner learns of an order that stands."""
    return {
        "id": public("ord", result.public_id),
        "number": result.number,
        "total": result.total,
        "currency": result.currency,
        "repeated": result.repeated,
    }
