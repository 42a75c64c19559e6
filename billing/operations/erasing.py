"""Forgetting people: what the law doesn't make us keep is blanked."""

from collections.abc import Sequence
from datetime import datetime

from billing.operations.means import end_means
from core.actor import Actor
from core.db import operation, rows, run

_BLANK = "UPDATE billing_payment SET payer_name = '' WHERE customer_id = ANY (%s::bigint[]) AND payer_name <> ''"

_CARDS = "SELECT id FROM billing_paymentmeans WHERE customer_id = ANY (%s::bigint[]) ORDER BY id"


@operation
def blank_payers(customer_ids: Sequence[int], *, actor: Actor, at: datetime) -> int:
    """The payments of these customers name no payer any more, and their cards are forgotten; answers with how many payments did.

    Invoices and credit notes keep their recipient: the law wants both documents whole for seven years, ten in years of loss.
    """
    cards = [row.id for row in rows(_CARDS, (list(customer_ids),))]
    end_means(cards, actor=actor, at=at, blank=True)
    return run(_BLANK, (list(customer_ids),))
