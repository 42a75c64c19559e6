"""The holds an order is placed with: its facts are gathered, and the rules an operator edits are asked of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from billing.queries import open_amounts
from core.queries import prefectures_of
from core.text import postal_key, search_key
from customers.operations import lock_credit
from customers.queries import credit_limits
from customers.rules import Recognised
from orders.queries import Past, PastAsk, amounts_to_come, hold_rules, past_of
from orders.rules import (
    ON_CREDIT,
    BoughtBefore,
    HeldDestination,
    HoldFacts,
    HoldKind,
    HoldRow,
    OrderDraft,
    RaisedHold,
    Sums,
    raised_holds,
)

Ask = tuple[int, OrderDraft, Sums, Recognised]
NOTHING_BEFORE = Past()


def holds_for(
    drafts: Mapping[int, tuple[OrderDraft, Sums, Recognised]], rules: Sequence[HoldRow], *, at: datetime
) -> dict[int, tuple[RaisedHold, ...]]:
    """The holds that each order is placed with, by its key: its customer asks for attention, or it meets a rule of the company.

    One statement where rules ask for earlier orders, one where they compare postal codes with prefectures, one or three where they
    ask for credit limits.
    """
    asks = [(key, *one) for key, one in drafts.items()]
    past = _past(asks, rules, at=at) if any(rule.asks_the_past for rule in rules) else {}
    codes = prefectures_of(_codes(asks)) if any(rule.postal_differs for rule in rules) else {}
    credit = credit_of([known.customer_id for _key, _draft, _sums, known in asks], rules)
    on_credit: Counter[tuple[int, ...]] = Counter()
    found = {}
    for key, draft, sums, known in asks:
        own = credit.get(known.customer_id, NO_LIMIT)
        now = Credit(owed=own.owed + on_credit[own.members], limit=own.limit)
        found[key] = _of_one(rules, draft, sums, known, past.get(key, NOTHING_BEFORE), codes, now, at)
        if draft.payment_method in ON_CREDIT:
            on_credit[own.members] += sums.total
    return found


def rules_to_ask(customer_ids: Sequence[int], *, company_id: int) -> tuple[HoldRow, ...]:
    """The company's rules, as kept for up to five seconds; asked before coupons and stock are locked.

    Where one asks for credit limits, orders of one person are placed one after the other from here on, each counting the one before.
    """
    rules = hold_rules(company_id)
    if customer_ids and any(rule.over_credit_limit for rule in rules):
        lock_credit(customer_ids)
    return rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """What a person owes or will owe for other orders, and may; None: there is no limit. ``members`` are all numbers of the person."""

    owed: int
    limit: int | None
    members: tuple[int, ...] = ()


NO_LIMIT = Credit(owed=0, limit=None)


def credit_of(customer_ids: Sequence[int], rules: Sequence[HoldRow], *, except_id: int | None = None) -> dict[int, Credit]:
    """What customers who have a limit owe, all of a person's numbers together, invoiced or not yet; asked only where a rule does.

    ``except_id`` is an order that does not count.
    """
    if not any(rule.over_credit_limit for rule in rules):
        return {}
    limits = credit_limits(sorted(set(customer_ids)))
    members = sorted({member for one in limits.values() for member in one.members})
    owed, to_come = (open_amounts(members), amounts_to_come(members, except_id=except_id)) if members else ({}, {})
    return {
        key: Credit(owed=sum(owed.get(member, 0) + to_come.get(member, 0) for member in one.members), limit=one.amount, members=one.members)
        for key, one in limits.items()
    }


def _of_one(
    rules: Sequence[HoldRow],
    draft: OrderDraft,
    sums: Sums,
    known: Recognised,
    past: Past,
    codes: Mapping[str, frozenset[str]],
    credit: Credit,
    at: datetime,
) -> tuple[RaisedHold, ...]:
    attention = (RaisedHold(kind=HoldKind.ATTENTION),) if known.attention else ()
    if not rules:
        return attention
    facts = HoldFacts(
        channel_id=draft.channel_id,
        method=draft.payment_method,
        total=sums.total,
        remark=draft.remark,
        is_first=not past.has_ordered and bool(any(rule.first_order for rule in rules)),
        repeated_at=past.repeated_at,
        destinations=tuple(
            HeldDestination(
                postal_code=(code := postal_key(to.place.postal_code) or ""),
                prefecture=to.place.prefecture,
                time_band=to.time_band,
                prefectures=codes.get(code, ()),
                text=words_of_place(
                    to.place.family_name, to.place.given_name, to.place.organisation_name, to.place.prefecture, to.place.city,
                    to.place.street, to.place.building, rules=rules,
                ),
            )
            for to in draft.destinations
        ),
        profiles=frozenset(line.offer.workflow_profile for line in sums.lines),
        pieces=_pieces(sums),
        before=past.bought,
        owed=credit.owed,
        credit_limit=credit.limit,
    )  # fmt: skip
    return (*attention, *raised_holds(rules, facts, at=at))


def words_of_place(*texts: str, rules: Sequence[HoldRow]) -> str:
    """Names and address as rules compare them; empty where none compares words. A word may run over two fields, as people type them."""
    return search_key("".join(texts)) if any(rule.words for rule in rules) else ""


def _pieces(sums: Sums) -> dict[str, int]:
    count: Counter[str] = Counter()
    for line in sums.lines:
        count[line.offer.sku] += line.draft.quantity
    return dict(count)


def _codes(asks: Sequence[Ask]) -> list[str]:
    return sorted({code for _key, draft, *_rest in asks for to in draft.destinations if (code := postal_key(to.place.postal_code))})


def looked_back(rules: Sequence[HoldRow], *, at: datetime) -> tuple[datetime, bool]:
    """Since when earlier orders matter to rules, and whether their pieces do."""
    days = max((rule.looks_back_days or 0 for rule in rules), default=0)
    return at - timedelta(days=days), any(rule.pieces_within_days is not None for rule in rules)


def _past(asks: Sequence[Ask], rules: Sequence[HoldRow], *, at: datetime) -> dict[int, Past]:
    """What every order's customer ordered before; orders of this batch count as well."""
    wanted = [
        PastAsk(key=key, customer_id=known.customer_id, skus=tuple(sorted({line.offer.sku for line in sums.lines})))
        for key, _draft, sums, known in asks
    ]
    pieces = {key: _pieces(sums) for key, _draft, sums, _known in asks}
    since, counts = looked_back(rules, at=at)
    found = past_of(wanted, since=since, counts=counts)
    seen: dict[int, list[PastAsk]] = {}
    answers: dict[int, Past] = {}
    for ask in wanted:
        before, past = seen.setdefault(ask.customer_id, []), found.get(ask.key, NOTHING_BEFORE)
        answers[ask.key] = Past(
            has_ordered=past.has_ordered or bool(before),
            repeated_at=at if any(other.skus == ask.skus for other in before) else past.repeated_at,
            bought=(*past.bought, *(BoughtBefore(at, sku, n) for other in before for sku, n in pieces[other.key].items())),
        )
        before.append(ask)
    return answers
