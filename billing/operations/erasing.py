"""Forgetting people: what the law doesn't make us keep is blanked."""

from collections.abc import Sequence
from datetime import datetime

from core.actor import Actor
from core.db import operation, run

_BLANK = "UPDATE billing_payment SET payer_name = '' WHERE customer_id = ANY (%s::bigint[]) AND payer_name <> ''"


@operation
def blank_payers(customer_ids: Sequence[int], *, actor: Actor, at: datetime) -> int:
    """The payments of these customers name no payer any more; answers with how many did. Again changes nothing.

    Invoices and credit notes keep their recipient: the law wants both documents whole for seven years, ten in years of loss.
    """
    return run(_BLANK, (list(customer_ids),))
