"""Merging names a principal and undoing forgets it; no row is re-pointed and both numbers stay alive."""

from collections.abc import Sequence
from datetime import datetime

from core.actor import Actor
from core.db import operation, rows
from core.errors import Refusal
from core.events import Event
from core.outbox import announce
from core.words import gettext_noop as _
from customers.events import CustomersMerged, MergeUndone
from customers.models import Customer, DuplicateCandidate, Merge
from customers.operations.rows import locked_customers
from customers.ports import CUSTOMER_DATA, MergedPair
from customers.rules import CandidateStatus, CustomerStatus, Done, MergeAsk, Party, fault_of_merge, not_found


@operation
def merge_customers(asks: Sequence[MergeAsk], *, reason: str, actor: Actor, at: datetime) -> list[Done | Refusal]:
    """The merged entries are read with their principals from now on.

    Locks all entries in id order; constant statements beside the hooks. Announces CustomersMerged. The same pair again changes
    nothing. Refuses as ``rules.fault_of_merge`` says. The open candidate of a pair is decided with it.
    """
    locked = locked_customers([number for ask in asks for number in (ask.principal_id, ask.merged_id)])
    with_members = set(Customer.objects.filter(principal_id__in=locked).values_list("principal_id", flat=True))
    open_merges = dict(Merge.objects.filter(merged_id__in=locked, undone_at=None).values_list("merged_id", "id"))
    answers: list[Done | Refusal | None] = []
    new: dict[int, Merge] = {}
    for ask in asks:
        principal, merged = locked.get(ask.principal_id), locked.get(ask.merged_id)
        if principal is None or merged is None:
            answers.append(not_found(field="/principal_id" if principal is None else "/merged_id"))
        elif merged.principal_id == principal.id and merged.id in open_merges:
            answers.append(Done(id=open_merges[merged.id], repeated=True))
        elif fault := fault_of_merge(_party(principal, with_members), _party(merged, with_members)):
            answers.append(fault)
        else:
            merged.principal = principal
            merged.version += 1
            with_members.add(principal.id)
            new[merged.id] = _merge_row(ask, reason, actor, at)
            answers.append(None)
    if new:
        Customer.objects.bulk_update([locked[number] for number in new], ["principal", "version"])
        Merge.objects.bulk_create(new.values())
        pairs = [MergedPair(merge.principal_id, merge.merged_id) for merge in new.values()]
        _decide(pairs, CandidateStatus.MERGED, at)
        _tell(pairs, at)
    return [answer or Done(id=new[ask.merged_id].id) for ask, answer in zip(asks, answers, strict=True)]


def _party(customer: Customer, with_members: set[int]) -> Party:
    return Party(
        customer_id=customer.id,
        company_id=customer.company_id,
        status=CustomerStatus(customer.status),
        principal_id=customer.principal_id,
        has_merged=customer.id in with_members,
    )


def _merge_row(ask: MergeAsk, reason: str, actor: Actor, at: datetime) -> Merge:
    return Merge(
        principal_id=ask.principal_id,
        merged_id=ask.merged_id,
        reason=reason[:255],
        at=at,
        actor_kind=str(actor.kind),
        actor_id=actor.id,
        actor_label=actor.label,
        on_behalf_of=actor.on_behalf_of,
    )


@operation
def undo_merges(merge_ids: Sequence[int], *, reason: str, actor: Actor, at: datetime) -> list[Done | Refusal]:
    """The entries stand on their own again, each with exactly the rows it had. Again changes nothing.

    Locks the entries in id order. Announces MergeUndone; the pair's candidate is open again. Refuses "customers.merge_not_found"
    and "customers.erased".
    """
    merges = Merge.objects.in_bulk(list(merge_ids))
    locked = locked_customers([number for merge in merges.values() for number in (merge.principal_id, merge.merged_id)])
    still_open = set(Merge.objects.filter(pk__in=merges, undone_at=None).values_list("id", flat=True))
    answers: list[Done | Refusal] = []
    undoing: dict[int, Merge] = {}
    for merge_id in merge_ids:
        merge = merges.get(merge_id)
        if merge is None:
            answers.append(Refusal("customers.merge_not_found", _("There is no such merge."), field="/merge_id"))
        elif locked[merge.merged_id].status == CustomerStatus.ERASED:
            answers.append(Refusal("customers.erased", _("An erased customer can't be taken apart again.")))
        else:
            answers.append(Done(id=merge_id, repeated=merge_id not in still_open))
            if merge_id in still_open:
                undoing[merge_id] = merge
    if undoing:
        for merge in undoing.values():
            merge.undone_at = at
            locked[merge.merged_id].principal = None
            locked[merge.merged_id].version += 1
        Merge.objects.bulk_update(undoing.values(), ["undone_at"])
        Customer.objects.bulk_update([locked[merge.merged_id] for merge in undoing.values()], ["principal", "version"])
        pairs = [MergedPair(merge.principal_id, merge.merged_id, undone=True) for merge in undoing.values()]
        _decide(pairs, CandidateStatus.OPEN, at)
        _tell(pairs, at)
    return answers


def _decide(pairs: Sequence[MergedPair], status: CandidateStatus, at: datetime) -> None:
    rows(
        """
        UPDATE customers_duplicatecandidate d SET status = %s, decided_at = %s
        FROM unnest(%s::bigint[], %s::bigint[]) AS p (customer_id, other_id)
        WHERE d.customer_id = p.customer_id AND d.other_id = p.other_id AND d.status <> %s RETURNING d.id
        """,
        (
            str(status),
            None if status is CandidateStatus.OPEN else at,
            [min(pair.principal_id, pair.merged_id) for pair in pairs],
            [max(pair.principal_id, pair.merged_id) for pair in pairs],
            str(status),
        ),
    )


def _tell(pairs: Sequence[MergedPair], at: datetime) -> None:
    for answer in CUSTOMER_DATA.all():
        answer.merge(pairs, at=at)
    announce(*(_event_of(pair) for pair in pairs))


def _event_of(pair: MergedPair) -> Event:
    if pair.undone:
        return MergeUndone(customer_id=pair.principal_id, merged_id=pair.merged_id)
    return CustomersMerged(customer_id=pair.principal_id, merged_id=pair.merged_id)


@operation
def dismiss_candidates(candidate_ids: Sequence[int], *, reason: str, actor: Actor, at: datetime) -> list[Done | Refusal]:
    """The pairs are different people, and are not proposed again. Again changes nothing; merged pairs are refused."""
    found = {c.id: c for c in DuplicateCandidate.objects.filter(pk__in=candidate_ids).order_by("pk").select_for_update()}
    answers: list[Done | Refusal] = []
    dismissed = []
    for number in candidate_ids:
        candidate = found.get(number)
        if candidate is None:
            answers.append(Refusal("customers.candidate_not_found", _("There is no such pair.")))
        elif candidate.status == CandidateStatus.MERGED:
            answers.append(Refusal("customers.already_merged", _("This customer is already merged; undo that merge first.")))
        else:
            answers.append(Done(id=number, repeated=candidate.status == CandidateStatus.DISMISSED))
            if candidate.status == CandidateStatus.OPEN:
                candidate.status, candidate.decided_at = CandidateStatus.DISMISSED, at
                dismissed.append(candidate)
    DuplicateCandidate.objects.bulk_update(dismissed, ["status", "decided_at"])
    return answers


@operation
def merge_into(customer_ids: Sequence[int], *, principal_number: str, reason: str, actor: Actor, at: datetime) -> list[Done | Refusal]:
    """These customers are read with the one of that number in their company, as ``merge_customers`` does it."""
    number = principal_number.strip().upper()
    companies = dict(Customer.objects.filter(pk__in=customer_ids).values_list("id", "company_id"))
    principals = dict(Customer.objects.filter(number=number, company_id__in=companies.values()).values_list("company_id", "id"))
    asks = [MergeAsk(principal_id=principals.get(companies.get(n, 0), 0), merged_id=n) for n in customer_ids]
    return merge_customers(asks, reason=reason, actor=actor, at=at)
