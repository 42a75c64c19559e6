"""What staff and customers write on a customer: notes and tags, each with its author and who may see it."""

from collections.abc import Sequence
from datetime import datetime

from core.actor import Actor
from core.db import operation, rows
from core.errors import Refusal
from core.outbox import announce
from core.text import clean_text, has_unstorable
from core.words import gettext_noop as _
from customers.events import CustomerChanged
from customers.models import Customer, CustomerTag, Note, Tag
from customers.rules import CustomerStatus, Done, NewNote, erased, not_found

NOTE_LIMIT = 4000


@operation
def add_notes(asks: Sequence[NewNote], *, actor: Actor, at: datetime) -> list[Done | Refusal]:
    """The notes stand on the customers, signed by the actor.

    Announces CustomerChanged. Refuses "customers.not_found", "customers.erased", "customers.note_empty", "customers.text_too_long".
    """
    statuses = dict(Customer.objects.filter(pk__in={ask.customer_id for ask in asks}).values_list("id", "status"))
    answers: list[Done | Refusal | None] = [_fault(ask, statuses.get(ask.customer_id)) for ask in asks]
    notes = [
        Note(
            customer_id=ask.customer_id,
            body=clean_text(ask.body),
            visibility=ask.visibility,
            show_until_at=ask.show_until_at,
            author_kind=str(actor.kind),
            author_id=actor.id,
            author_label=actor.label,
        )
        for ask, fault in zip(asks, answers, strict=True)
        if fault is None
    ]
    written = iter(Note.objects.bulk_create(notes))
    answers = [answer or Done(id=next(written).id) for answer in answers]
    announce(*(CustomerChanged(customer_id=number, fields=("notes",)) for number in sorted({n.customer_id for n in notes})))
    return [answer for answer in answers if answer is not None]


def _fault(ask: NewNote, status: str | None) -> Refusal | None:
    if status is None:
        return not_found()
    if status == CustomerStatus.ERASED:
        return erased()
    if has_unstorable(ask.body):
        return Refusal("customers.text_unstorable", _("This text holds characters that can't be kept."), field="/body")
    if not clean_text(ask.body):
        return Refusal("customers.note_empty", _("A note needs words."), field="/body")
    if len(ask.body) > NOTE_LIMIT:
        return Refusal("customers.text_too_long", _("At most %(limit)s characters fit here."), {"limit": NOTE_LIMIT}, "/body")
    return None


@operation
def end_notes(note_ids: Sequence[int], *, actor: Actor, at: datetime) -> list[Done | Refusal]:
    """The notes are done with: kept, no longer shown on top. Again changes nothing."""
    ended = rows(
        "UPDATE customers_note SET ended_at = %s WHERE id = ANY(%s::bigint[]) AND ended_at IS NULL RETURNING id", (at, list(note_ids))
    )
    fresh = {row.id for row in ended}
    known = set(Note.objects.filter(pk__in=note_ids).values_list("id", flat=True))
    missing = Refusal("customers.note_not_found", _("There is no such note."))
    return [Done(id=number, repeated=number not in fresh) if number in known else missing for number in note_ids]


@operation
def tag_customers(customer_ids: Sequence[int], *, tag_id: int, actor: Actor, at: datetime) -> list[Done | Refusal]:
    """The customers carry the tag. Again changes nothing. Refuses customers and tags of different companies as not found."""
    company_id = Tag.objects.filter(pk=tag_id).values_list("company_id", flat=True).first() or 0
    known = set(Customer.objects.filter(pk__in=customer_ids, company_id=company_id).values_list("id", flat=True))
    before = set(CustomerTag.objects.filter(customer_id__in=known, tag_id=tag_id).values_list("customer_id", flat=True))
    new = [
        CustomerTag(customer_id=number, tag_id=tag_id, author_kind=str(actor.kind), author_id=actor.id) for number in sorted(known - before)
    ]
    CustomerTag.objects.bulk_create(new, ignore_conflicts=True)
    announce(*(CustomerChanged(customer_id=tag.customer_id, fields=("tags",)) for tag in new))
    return [Done(id=number, repeated=number in before) if number in known else not_found() for number in customer_ids]


@operation
def untag_customers(customer_ids: Sequence[int], *, tag_id: int, actor: Actor, at: datetime) -> list[Done | Refusal]:
    """The customers no longer carry the tag. Again changes nothing."""
    gone = rows(
        "DELETE FROM customers_customertag WHERE customer_id = ANY(%s::bigint[]) AND tag_id = %s RETURNING customer_id",
        (list(customer_ids), tag_id),
    )
    fresh = {row.customer_id for row in gone}
    announce(*(CustomerChanged(customer_id=number, fields=("tags",)) for number in sorted(fresh)))
    return [Done(id=number, repeated=number not in fresh) for number in customer_ids]
