"""Consent is only ever added to: what was agreed or taken back, when, where, and to which wording."""

from collections.abc import Sequence
from datetime import datetime

from core.actor import Actor
from core.db import operation, rows
from core.errors import Refusal
from core.outbox import announce
from core.words import gettext_noop as _
from customers.events import ConsentRecorded
from customers.models import Customer
from customers.rules import ConsentSaid, CustomerStatus, Done, erased, fault_of_text, not_found

_INSERT = """
INSERT INTO customers_consent (customer_id, brand_id, channel, purpose, status, source, wording, at,
    actor_kind, actor_id, actor_label, on_behalf_of)
SELECT s.customer_id, s.brand_id, s.channel, s.purpose, s.status, s.source, s.wording, %s, %s, %s, %s, %s
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
    WITH ORDINALITY AS s (customer_id, brand_id, channel, purpose, status, source, wording, place)
ORDER BY s.place RETURNING id
"""


@operation
def record_consents(said: Sequence[ConsentSaid], *, actor: Actor, at: datetime) -> list[Done | Refusal]:
    """Every word on consent stands in the ledger, in the order given; saying the same again is a new word.

    Three statements. Announces ConsentRecorded. Refuses "customers.not_found", "customers.erased" and
    "customers.consent_unproven" where the source or the wording isn't told: such a consent could not be shown to hold.
    """
    statuses = dict(Customer.objects.filter(pk__in={one.customer_id for one in said}).values_list("id", "status"))
    answers: list[Done | Refusal | None] = [_fault(one, statuses.get(one.customer_id)) for one in said]
    good = [one for one, fault in zip(said, answers, strict=True) if fault is None]
    if good:
        columns = ("customer_id", "brand_id", "channel", "purpose", "status", "source", "wording")
        lists = [[getattr(one, column) for one in good] for column in columns]
        lists[2:5] = [[str(value) for value in values] for values in lists[2:5]]
        written = iter(rows(_INSERT, (at, str(actor.kind), actor.id, actor.label, actor.on_behalf_of, *lists)))
        answers = [answer or Done(id=next(written).id) for answer in answers]
        announce(*(_event(one, answer.id) for one, answer in zip(said, answers, strict=True) if isinstance(answer, Done)))
    return [answer for answer in answers if answer is not None]


def _fault(one: ConsentSaid, status: str | None) -> Refusal | None:
    if status is None:
        return not_found()
    if status == CustomerStatus.ERASED:
        return erased()
    for name in ("source", "wording"):
        if not getattr(one, name).strip():
            return Refusal("customers.consent_unproven", _("Say where consent was given and to which wording."), field=f"/{name}")
        if fault := fault_of_text(getattr(one, name), limit=120, field=f"/{name}"):
            return fault
    return None


def _event(one: ConsentSaid, consent_id: int) -> ConsentRecorded:
    return ConsentRecorded(
        customer_id=one.customer_id,
        consent_id=consent_id,
        channel=str(one.channel),
        purpose=str(one.purpose),
        status=str(one.status),
        brand_id=one.brand_id,
    )
