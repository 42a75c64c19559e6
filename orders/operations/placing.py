"""Placing orders: the one pipeline that every channel goes through."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import DataError, IntegrityError

from billing.operations import NoSuchCard, open_intents
from billing.rules import IntentAsk, PaymentMethod
from core.actor import Actor
from core.clock import business_date
from core.db import constraint_of, in_operation, operation
from core.errors import Refusal
from core.errors import Refused as RuleRefused
from core.ids import new_id
from core.outbox import announce
from core.words import gettext_noop as _
from customers.operations import recognise_customers
from customers.rules import PlaceOfDelivery, Recognise, Recognised, faults_of_place, faults_of_texts
from inventory.operations import allocate
from inventory.queries import planned
from inventory.rules import Allocated, Demand, Wait
from orders.events import HoldRaised, OrderEvent, OrderPlaced, PaymentApprovalAsked
from orders.operations.delivering import ParcelPlan, Route, places_taken, plans_of, wish_faults
from orders.operations.desk_notes import PaperGone, keep_said, settle_papers
from orders.operations.estimate_settling import EstimateDecided, settle_estimates
from orders.operations.facts import refresh_facts
from orders.operations.gating import Gated, gated
from orders.operations.hold_asking import holds_for, rules_to_ask
from orders.operations.offering import claim_codes
from orders.operations.pricing import Priced, by_counter, demands_of, ground_of, price_drafts, shortages, sold_out
from orders.operations.waiting import apart, get_in_line, waits_of
from orders.operations.writing import Agreed, write_orders
from orders.ports import PLACING_PARTICIPANT, PlacedOrder
from orders.queries import PlacingContext, placing_context
from orders.rules import DeliveryMasters, OrderDraft, Placed, Refused, Sums, goes_to_another, waits_for_card

Result = Placed | Refused


class ParticipantRefused(RuleRefused):
    """An app that writes along with the placing said no; nothing of the order remains."""


FIRST_WINS = ("orders_order_cart_once", "orders_order_outside_once")


def place_orders(drafts: Sequence[OrderDraft], *, actor: Actor, at: datetime) -> list[Result]:
    """Place orders: recognise who buys, price with tax, take stock, plan parcels, record how it will be paid, announce.

    One result per draft, in order. The same cart or outside number makes one order: a repeat answers with that order
    and changes nothing. A draft that is refused leaves nothing behind; the others are placed. Announces OrderPlaced.
    """
    results: list[Result | None] = [None] * len(drafts)
    for places in by_counter(drafts):
        answers = _place_or_bisect([drafts[i] for i in places], actor=actor, at=at)
        for i, answer in zip(places, answers, strict=True):
            results[i] = answer
    return [r for r in results if r is not None]


def _place_or_bisect(drafts: Sequence[OrderDraft], *, actor: Actor, at: datetime) -> list[Result]:
    """Place a batch; when the database refuses a row, the halves are tried apart until the row is found."""
    try:
        results = _place_batch(drafts, actor=actor, at=at)
    except StockWentMeanwhile as gone:
        if in_operation():
            raise
        return _place_without(gone.refusals, drafts, actor=actor, at=at)
    except (IntegrityError, DataError) as error:
        if in_operation():  # the caller's transaction is broken; only it may begin again
            raise
        if constraint_of(error) in FIRST_WINS:
            return _place_or_bisect(drafts, actor=actor, at=at)
        if len(drafts) > 1:
            return _place_halves(drafts, actor=actor, at=at)
        return [Refused.because(Refusal("order.not_storable", _("The order holds a value the database does not accept.")))]
    except (ParticipantRefused, NoSuchCard, EstimateDecided, PaperGone) as error:
        if in_operation():
            raise
        if len(drafts) > 1:
            return _place_halves(drafts, actor=actor, at=at)
        return [Refused.because(error.refusal)]
    return _with_earlier_orders(drafts, results, at=at)


def _place_without(gone: Mapping[int, Refusal], drafts: Sequence[OrderDraft], *, actor: Actor, at: datetime) -> list[Result]:
    rest = [i for i in range(len(drafts)) if i not in gone]
    placed = dict(zip(rest, _place_or_bisect([drafts[i] for i in rest], actor=actor, at=at), strict=True)) if rest else {}
    results = [
        placed[i] if i in placed else Refused.because(gone[i] if gone[i].field else gone[i].at("/lines")) for i in range(len(drafts))
    ]
    return _with_earlier_orders(drafts, results, at=at)


def _place_halves(drafts: Sequence[OrderDraft], *, actor: Actor, at: datetime) -> list[Result]:
    half = len(drafts) // 2
    return [*_place_or_bisect(drafts[:half], actor=actor, at=at), *_place_or_bisect(drafts[half:], actor=actor, at=at)]


def _with_earlier_orders(drafts: Sequence[OrderDraft], results: list[Result], *, at: datetime) -> list[Result]:
    """A draft refused because its own first submission took the last piece gets that order, not the refusal."""
    doubtful = [i for i, r in enumerate(results) if isinstance(r, Refused) and (drafts[i].cart_ref or drafts[i].outside_number)]
    if doubtful:
        context = placing_context([drafts[i] for i in doubtful], at=at)
        for i in doubtful:
            results[i] = (context and _earlier(drafts[i], context)) or results[i]
    return results


def _earlier(draft: OrderDraft, context: PlacingContext) -> Placed | None:
    if draft.cart_ref and draft.cart_ref in context.by_cart:
        return context.by_cart[draft.cart_ref]
    return context.by_outside_number.get(draft.outside_number) if draft.outside_number else None


class StockWentMeanwhile(Exception):
    """Between looking and locking the stock went, or a coupon; of orders that had begun to be written nothing remains."""

    def __init__(self, refusals: Mapping[int, Refusal]) -> None:
        self.refusals = refusals
        super().__init__(f"{len(refusals)} orders came too late")


@operation(steady_plans=True)
def _place_batch(drafts: Sequence[OrderDraft], *, actor: Actor, at: datetime) -> list[Result]:
    ground = ground_of(drafts, at=at)
    if isinstance(ground, Refused):
        return [ground] * len(drafts)
    gone = sold_out(drafts, ground=ground)
    firsts = _first_twins(drafts)
    results: list[Result | None] = [
        _earlier(draft, ground.context) or (_WAITING if firsts[key] != key else Refused.because(gone[key]) if key in gone else None)
        for key, draft in enumerate(drafts)
    ]
    if None not in results:
        return [_same_as_first(results, key, first) for key, first in enumerate(firsts)]
    known = _recognise(drafts, [k for k, d in enumerate(drafts) if d.customer_id and results[k] is None], results, actor=actor, at=at)
    ranks = {answer.customer_id: answer.rank_code for answer in known.values()}
    priced = price_drafts(
        [replace(d, customer_id=known[k].customer_id) if k in known else d for k, d in enumerate(drafts)], ground=ground, ranks=ranks, at=at
    )
    wanted = {key: sums for key, sums in enumerate(priced.results) if results[key] is None and isinstance(sums, Sums)}
    results = [own or (answer if isinstance(answer, Refused) else None) for own, answer in zip(results, priced.results, strict=True)]
    gates = {key: found for key, sums in wanted.items() if (found := gated(drafts[key], sums, profiles=priced.masters.profiles))}
    refs = {key: tuple(new_id() for _line in sums.lines) for key, sums in wanted.items()}
    demands = [d for key, sums in wanted.items() for d in demands_of(key, sums, draft=drafts[key], line_refs=refs[key])]
    demands, waiting = apart(demands, wanted, refs=refs, supply=priced.supply)
    now = at.astimezone(ZoneInfo(priced.context.timezone))
    for key, reasons in _in_the_way(drafts, wanted, demands, waiting, refs, gates, priced=priced, at=at).items():
        results[key] = results[key] or Refused(reasons)
    known |= _recognise(drafts, [k for k in wanted if k not in known and results[k] is None], results, actor=actor, at=at)
    rules = rules_to_ask([one.customer_id for one in known.values()], company_id=drafts[0].company_id)
    begun = _claim(drafts, wanted, results, known, actor=actor, at=at)
    open_keys = [key for key in wanted if results[key] is None]
    in_line = get_in_line([d for d in waiting if results[d.order_key] is None], wanted, known, priced=priced, refs=refs, actor=actor, at=at)
    _undo({key: answer for key, answer in in_line.items() if isinstance(answer, Refusal)}, begun)
    still = [d for d in demands if results[d.order_key] is None and not isinstance(in_line.get(d.order_key), Refusal)]
    taken = _take_stock(still, begun | in_line.keys(), priced=priced, actor=actor, at=at)
    held = holds_for({key: (drafts[key], wanted[key], known[key]) for key in open_keys}, rules, at=at)
    agreed: dict[int, Agreed] = {}
    for key in open_keys:
        waits, stock = in_line.get(key, {}), taken.get(key, [])
        if isinstance(waits, Refusal):
            results[key] = Refused.because(waits)
        elif isinstance(stock, Refusal):
            results[key] = Refused.because(stock.at("/lines"))
        else:
            agreed[key] = Agreed(
                draft=drafts[key],
                sums=wanted[key],
                order_ref=new_id(),
                line_refs=refs[key],
                customer_id=known[key].customer_id,
                allocated=tuple(stock),
                waits=waits,
                holds=(*held[key], *(gates[key].holds(elsewhere=drafts[key].days_agreed) if key in gates else ())),
                workflow=gates.get(key),
                pending=waits_for_card(drafts[key], total=wanted[key].total),
                parcels=_parcel_plans(drafts[key], wanted[key], stock, refs[key], masters=priced.masters, now=now),
            )
    written = _write(list(agreed.values()), context=priced.context, actor=actor, at=at) if agreed else []
    for key, placed in zip(agreed, written, strict=True):
        results[key] = placed
    return [_same_as_first(results, key, first) for key, first in enumerate(firsts)]


def _in_the_way(
    drafts: Sequence[OrderDraft],
    wanted: Mapping[int, Sums],
    demands: Sequence[Demand],
    waiting: Sequence[Demand],
    refs: Mapping[int, Sequence[UUID]],
    gates: Mapping[int, Gated],
    *,
    priced: Priced,
    at: datetime,
) -> dict[int, tuple[Refusal, ...]]:
    """Orders that the stock cannot serve, that cannot come when they are wished for, by where they would leave from and when, or that
    lack what a workflow profile asks for.

    Two statements more where an order that wishes for a day has to wait for something.
    """
    now = at.astimezone(ZoneInfo(priced.context.timezone))
    plans = planned(demands, priced.supply)
    found: dict[int, tuple[Refusal, ...]] = {
        key: (reason,) for key, reason in shortages(demands, supply=priced.supply, plans=plans).items()
    }
    for key, one in gates.items():
        if key not in found and not drafts[key].days_agreed and one.refusals:
            found[key] = one.refusals
    wishing = {key for key in wanted if any(to.wished_on is not None for to in drafts[key].destinations) and not drafts[key].days_agreed}
    for key, sums in wanted.items():
        if key not in found and key in wishing and sums.carriage.consignments:
            to_come = waits_of([d for d in waiting if d.order_key == key], priced=priced, at=at)
            route = Route(
                masters=priced.masters, carriage=sums.carriage, places=places_taken(plans.get(key), refs[key]),
                ready={n: wait.promised_on for n, ref in enumerate(refs[key]) if isinstance(wait := to_come.get(ref), Wait)},
            )  # fmt: skip
            if faults := wish_faults(drafts[key].destinations, route, now=now):
                found[key] = tuple(faults)
    return found


def _parcel_plans(
    draft: OrderDraft, sums: Sums, stock: Sequence[Allocated], refs: Sequence[UUID], *, masters: DeliveryMasters, now: datetime
) -> Mapping[tuple[int, int], ParcelPlan]:
    """How every parcel travels, now that it is known from where."""
    if not sums.carriage.consignments:
        return {}
    at = {ref: n for n, ref in enumerate(refs)}
    places: dict[int, set[int]] = {}
    for part in stock:
        places.setdefault(at[part.demand_id], set()).add(part.location_id)
    taken = {n: frozenset(found) for n, found in places.items()}
    return plans_of(draft.destinations, Route(masters=masters, carriage=sums.carriage, places=taken), now=now)


_WAITING = Refused()


def _first_twins(drafts: Sequence[OrderDraft]) -> list[int]:
    """For every draft the first one of the batch that shares its cart or outside number; itself where there is none."""
    seen: dict[object, int] = {}
    firsts = []
    for key, draft in enumerate(drafts):
        names = [name for name in (draft.cart_ref, draft.outside_number) if name]
        first = min((seen[name] for name in names if name in seen), default=key)
        firsts.append(first)
        for name in names:
            seen.setdefault(name, key)
    return firsts


def _same_as_first(results: Sequence[Result | None], key: int, first_key: int) -> Result:
    found = results[key]
    if found is _WAITING:
        first = results[first_key]
        found = replace(first, repeated=True) if isinstance(first, Placed) else first
    assert found is not None
    return found


def _recognise(
    drafts: Sequence[OrderDraft], keys: Sequence[int], results: list[Result | None], *, actor: Actor, at: datetime
) -> dict[int, Recognised]:
    """Who is behind these drafts; a draft whose customer cannot be told, or whose addresses cannot be kept, is refused with the reasons."""
    for key in keys:
        if faults := _faults_of_places(drafts[key]):
            results[key] = Refused(faults)
    keys = [key for key in keys if results[key] is None]
    if not keys:
        return {}
    asks = [
        Recognise(
            company_id=drafts[key].company_id,
            channel_id=drafts[key].channel_id,
            customer_id=drafts[key].customer_id,
            account_id=drafts[key].account_id,
            identity=drafts[key].identity,
            person=drafts[key].person,
            address=_of_buyer(drafts[key]),
        )
        for key in keys
    ]
    known = {}
    for key, answer in zip(keys, recognise_customers(asks, actor=actor, at=at), strict=True):
        if isinstance(answer, Refusal):
            results[key] = Refused.because(answer.at(_in_draft(answer.field)))
        else:
            known[key] = answer
    return known


def _faults_of_places(draft: OrderDraft) -> tuple[Refusal, ...]:
    """What keeps its addresses from being kept, whoever lives there; those of customers we know need only fit, as they were looked at once."""
    look = faults_of_texts if draft.person is None else faults_of_place
    places = ((n, one.place) for n, one in enumerate(draft.destinations) if one.pickup_at_id is None)
    return tuple(fault for n, place in places for fault in look(place, pointer=f"/destinations/{n}/place"))


def _of_buyer(draft: OrderDraft) -> PlaceOfDelivery | None:
    """Where the buyer lives, as far as the order tells: what goes to another name or is fetched in a store goes elsewhere."""
    own = [d.place for n, d in enumerate(draft.destinations, 1) if d.pickup_at_id is None and not goes_to_another(draft, n)]
    return own[0] if own else None


def _in_draft(pointer: str) -> str:
    """Where a fault found by recognition stands in an order."""
    if pointer.startswith("/address"):
        return f"/destinations/0/place{pointer.removeprefix('/address')}"
    return "/customer" if pointer == "/customer_id" else pointer


def _claim(
    drafts: Sequence[OrderDraft],
    wanted: Collection[int],
    results: list[Result | None],
    known: Mapping[int, Recognised],
    *,
    actor: Actor,
    at: datetime,
) -> set[int]:
    """The codes of what nothing stands against are used by it, before stock is locked.

    Answers with the orders of which something is written by now, a customer or a use: should one fail later, it is undone altogether.
    """
    keys = [key for key in wanted if results[key] is None]
    begun = {key for key in keys if known[key].is_new}
    claims = claim_codes(drafts, keys, known, actor=actor, at=at)
    refused = {key: answer for key, answer in claims.items() if answer is not None}
    _undo(refused, begun)
    for key, answer in refused.items():
        results[key] = Refused.because(answer)
    return begun | (claims.keys() - refused.keys())


def _undo(gone: Mapping[int, Refusal], begun: Collection[int]) -> None:
    if any(key in begun for key in gone):
        raise StockWentMeanwhile(gone)


def _take_stock(
    demands: Sequence[Demand],
    begun: Collection[int],
    *,
    priced: Priced,
    actor: Actor,
    at: datetime,
) -> Mapping[int, list[Allocated] | Refusal]:
    if not demands:
        return {}
    context = priced.context
    taken = allocate(demands, supply=priced.supply, company_id=context.company_id, channel_id=context.channel_id, actor=actor, at=at)
    _undo({key: answer for key, answer in taken.items() if isinstance(answer, Refusal)}, begun)
    return taken


def _write(agreed: Sequence[Agreed], *, context: PlacingContext, actor: Actor, at: datetime) -> Sequence[Placed]:
    placed_on = business_date(at, context.timezone)
    written = write_orders(agreed, placed_on=placed_on, actor=actor, at=at)
    if written.recount:
        refresh_facts(written.recount, actor=actor, at=at)
    open_intents(
        [
            IntentAsk(
                order_ref=one.order_ref,
                company_id=one.draft.company_id,
                customer_id=one.customer_id,
                method=one.draft.payment_method if one.sums.total else PaymentMethod.FREE,
                currency=one.sums.currency,
                amount=one.sums.total,
                order_number=placed.number,
                means_id=one.draft.means_id if one.pending else None,
            )
            for one, placed in zip(agreed, written.placed, strict=True)
        ],
        actor=actor,
        at=at,
    )
    if estimates := [(one.draft.estimate_id, p.order_id) for one, p in zip(agreed, written.placed, strict=True) if one.draft.estimate_id]:
        settle_estimates(estimates, at=at)
    if said := [(p.order_id, one.draft.said) for one, p in zip(agreed, written.placed, strict=True) if one.draft.said]:
        keep_said(said, actor=actor, at=at)
    papers = [
        (one.draft.paper_id, p.order_id, one.draft.taken_by_id) for one, p in zip(agreed, written.placed, strict=True) if one.draft.paper_id
    ]
    if papers:
        settle_papers(papers, at=at)
    _let_participants_write(agreed, written.placed, placed_on=placed_on, actor=actor, at=at)
    announce(*_events(agreed, written.placed))
    return written.placed


def _let_participants_write(agreed: Sequence[Agreed], placed: Sequence[Placed], *, placed_on: date, actor: Actor, at: datetime) -> None:
    participants = PLACING_PARTICIPANT.all()
    if not participants:
        return
    orders = [
        PlacedOrder(
            order_id=p.order_id,
            order_ref=p.public_id,
            number=p.number,
            company_id=one.draft.company_id,
            customer_id=p.customer_id,
            placed_on=placed_on,
            draft=one.draft,
            lines=tuple(
                (ref, line.offer.variant_id, line.draft.purchase_type, line.draft.quantity)
                for ref, line in zip(one.line_refs, one.sums.lines, strict=True)
            ),
            by_codes=tuple((d.code, d.amount) for d in one.sums.on_codes),
        )
        for one, p in zip(agreed, placed, strict=True)
    ]
    for participant in participants:
        for answer in participant.placed(orders, actor=actor, at=at):
            if answer is not None:
                raise ParticipantRefused(answer.code, answer.message, params=answer.params, field=answer.field)


def _events(agreed: Sequence[Agreed], placed: Sequence[Placed]) -> list[OrderEvent]:
    found: list[OrderEvent] = []
    for one, p in zip(agreed, placed, strict=True):
        about: dict[str, Any] = {
            "order_id": p.order_id, "order_ref": p.public_id, "company_id": one.draft.company_id, "customer_id": p.customer_id,
        }  # fmt: skip
        found.append(
            OrderPlaced(
                **about, channel_id=one.draft.channel_id, number=p.number, total=p.total, currency=p.currency,
                payment_method=one.draft.payment_method, pending=one.pending,
            )
        )  # fmt: skip
        found += [HoldRaised(**about, kind=hold.kind) for hold in one.holds]
        if one.awaits_approval:
            found.append(PaymentApprovalAsked(**about, amount=p.total, currency=p.currency))
    return found
