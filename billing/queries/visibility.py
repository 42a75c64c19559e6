"""Who may see which documents: the only gate to them."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from billing.models import CreditNote, Invoice, Payment
from core.actor import Actor, ActorKind
from customers.queries import visible_to as customers_visible_to


@dataclass(frozen=True, slots=True, kw_only=True)
class Visible:
    """The documents an actor may see; narrow them further, never widen."""

    invoices: QuerySet[Invoice]
    payments: QuerySet[Payment]
    credit_notes: QuerySet[CreditNote]


def visible_to(actor: Actor, *, company_id: int | None = None) -> Visible:
    """The system sees all; staff and persons the documents of the customers they see; a partner its company's.

    ``company_id`` narrows to one company; a partner passes its own and sees nothing without. Money whose payer isn't
    known is shown to staff and to the company's partner, never to a person.
    """
    found = Visible(invoices=Invoice.objects.all(), payments=Payment.objects.all(), credit_notes=CreditNote.objects.all())
    if company_id is not None:
        found = _only(found, Q(company_id=company_id), Q(company_id=company_id))
    if actor.kind in (ActorKind.SYSTEM, ActorKind.RULE):
        return found
    if actor.kind is ActorKind.PARTNER:
        return found if company_id is not None else _only(found, Q(pk=None), Q(pk=None))
    theirs = Q(customer__in=customers_visible_to(actor).values("pk"))
    return _only(found, theirs, theirs | Q(customer=None) if actor.kind is ActorKind.STAFF else theirs)


def _only(found: Visible, documents: Q, payments: Q) -> Visible:
    return Visible(
        invoices=found.invoices.filter(documents),
        payments=found.payments.filter(payments),
        credit_notes=found.credit_notes.filter(documents),
    )
