"""Ranks: one open rank per customer and brand, the former ones kept with their dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from core.actor import Actor
from core.db import operation
from core.errors import Refusal
from core.outbox import announce
from core.words import gettext_noop as _
from customers.events import RankChanged
from customers.models import CustomerRank, RankAssignment
from customers.operations.rows import locked_customers
from customers.rules import CustomerStatus, Done, erased, not_found


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignRank:
    """The rank a customer is to hold from now on with the rank's brand (or company)."""

    customer_id: int
    rank_id: int


@operation
def assign_ranks(asks: Sequence[AssignRank], *, actor: Actor, at: datetime, reason: str = "") -> list[Done | Refusal]:
    """Each customer holds the rank asked for last; the one held before with the same brand ends now. The same rank again changes nothing.

    Locks the customers; constant statements. Announces RankChanged. Refuses "customers.not_found", "customers.erased",
    "customers.rank_not_found" (also for another company's rank).
    """
    locked = locked_customers([ask.customer_id for ask in asks])
    ranks = CustomerRank.objects.in_bulk({ask.rank_id for ask in asks})
    held = {(r.customer_id, r.brand_id): r for r in RankAssignment.objects.filter(customer_id__in=locked, until_at=None)}
    before = {key: row.rank_id for key, row in held.items()}
    answers: list[Done | Refusal] = []
    wanted: dict[tuple[int, int | None], CustomerRank] = {}
    for ask in asks:
        customer, rank = locked.get(ask.customer_id), ranks.get(ask.rank_id)
        if customer is None or customer.status == CustomerStatus.ERASED:
            answers.append(erased() if customer else not_found())
        elif rank is None or rank.company_id != customer.company_id:
            answers.append(Refusal("customers.rank_not_found", _("There is no such rank."), field="/rank_id"))
        else:
            key = (customer.id, rank.brand_id)
            wanted[key] = rank
            answers.append(Done(id=customer.id, repeated=before.get(key) == rank.id))
    new = {key: rank for key, rank in wanted.items() if before.get(key) != rank.id}
    ending = [held[key].id for key in new if key in held]
    RankAssignment.objects.filter(pk__in=ending).update(until_at=at)
    RankAssignment.objects.bulk_create(_assignment(key[0], rank, actor, at) for key, rank in new.items())
    announce(*(RankChanged(customer_id=key[0], rank_code=rank.code, brand_id=rank.brand_id) for key, rank in new.items()))
    return answers


def _assignment(customer_id: int, rank: CustomerRank, actor: Actor, at: datetime) -> RankAssignment:
    return RankAssignment(
        customer_id=customer_id,
        rank=rank,
        brand_id=rank.brand_id,
        from_at=at,
        actor_kind=str(actor.kind),
        actor_id=actor.id,
        actor_label=actor.label,
        on_behalf_of=actor.on_behalf_of,
    )


@operation
def end_ranks(customer_ids: Sequence[int], *, brand_id: int | None, actor: Actor, at: datetime, reason: str = "") -> list[Done]:
    """The customers hold no rank with the brand (None: with the company). Again changes nothing. Announces RankChanged."""
    locked_customers(customer_ids)
    of_brand = Q(brand=None) if brand_id is None else Q(brand=brand_id)
    held = list(RankAssignment.objects.filter(of_brand, customer_id__in=customer_ids, until_at=None))
    RankAssignment.objects.filter(pk__in=[r.id for r in held]).update(until_at=at)
    fresh = {r.customer_id for r in held}
    announce(*(RankChanged(customer_id=number, rank_code="", brand_id=brand_id) for number in sorted(fresh)))
    return [Done(id=number, repeated=number not in fresh) for number in customer_ids]
