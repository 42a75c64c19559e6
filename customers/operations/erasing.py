"""Erasing a customer: the personal values go everywhere, the ledger's ids, codes and amounts stay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.actor import Actor
from core.db import operation
from core.errors import Refusal
from core.outbox import announce
from customers.events import CustomerErased
from customers.operations.rows import locked_customers
from customers.ports import CUSTOMER_DATA, Kept
from customers.queries.groups import groups_of
from customers.rules import CustomerStatus, not_found


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """Everybody erased together, and what law or a running deal keeps."""

    member_ids: tuple[int, ...]
    kept: tuple[Kept, ...] = ()
    repeated: bool = False


@operation
def erase_customers(customer_ids: Sequence[int], *, reason: str, actor: Actor, at: datetime) -> list[Erased | Refusal]:
    """Nothing personal is left of these customers and of everybody merged with them, in any app; numbers and amounts stay.

    Locks the groups in id order, then asks CUSTOMER_DATA: one objection anywhere refuses the whole customer with its code.
    Announces CustomerErased. Again changes nothing. Refuses "customers.not_found".
    """
    groups = groups_of(customer_ids)
    locked = locked_customers({member for group in groups.values() for member in group})
    objections: dict[int, Refusal] = {}
    for answer in CUSTOMER_DATA.all():
        for objection in answer.objections(sorted(locked), at=at):
            objections.setdefault(objection.customer_id, Refusal(objection.code, objection.message, objection.params))
    erasing: set[int] = set()
    answers: list[Erased | Refusal] = []
    for customer_id in customer_ids:
        group = groups.get(customer_id, ())
        objected = next((objections[member] for member in group if member in objections), None)
        if not group:
            answers.append(not_found())
        elif objected is not None:
            answers.append(objected)
        else:
            repeated = all(locked[member].status == CustomerStatus.ERASED for member in group)
            erasing |= set() if repeated else set(group)
            answers.append(Erased(member_ids=group, repeated=repeated))
    if not erasing:
        return answers
    kept = [row for answer in CUSTOMER_DATA.all() for row in answer.erase(sorted(erasing), at=at)]
    gone = {groups[number][0]: groups[number] for number in customer_ids if not erasing.isdisjoint(groups.get(number, ()))}
    announce(*(CustomerErased(customer_id=principal, member_ids=members) for principal, members in gone.items()))
    return [_with_kept(answer, kept) for answer in answers]


def _with_kept(answer: Erased | Refusal, kept: Sequence[Kept]) -> Erased | Refusal:
    if isinstance(answer, Refusal) or answer.repeated:
        return answer
    return Erased(member_ids=answer.member_ids, kept=tuple(row for row in kept if row.customer_id in answer.member_ids))
