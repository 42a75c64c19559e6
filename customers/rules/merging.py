"""When two ledger entries may be read as one."""

from dataclasses import dataclass

from core.errors import Refusal
from core.words import gettext_noop as _
from customers.rules.statuses import CustomerStatus


@dataclass(frozen=True, slots=True)
class Party:
    """What a merge needs to know of one entry."""

    customer_id: int
    company_id: int
    status: CustomerStatus
    principal_id: int | None = None
    has_merged: bool = False


def fault_of_merge(principal: Party, merged: Party) -> Refusal | None:
    """Why the second can't be read as part of the first; None when it can.

    Depth is one: a principal is merged into nobody, and who is merged has nobody merged into it. Two groups are joined by
    undoing one first, so that each undo gives back exactly what its merge took.
    """
    if principal.customer_id == merged.customer_id:
        return Refusal("customers.merge_with_itself", _("A customer can't be merged with itself."))
    if principal.company_id != merged.company_id:
        return Refusal("customers.merge_across_companies", _("Customers of different companies can't be merged."))
    if CustomerStatus.ERASED in (principal.status, merged.status):
        return Refusal("customers.erased", _("An erased customer can't be merged."))
    if merged.principal_id is not None:
        return Refusal("customers.already_merged", _("This customer is already merged; undo that merge first."))
    if principal.principal_id is not None:
        return Refusal("customers.principal_is_merged", _("The principal is itself merged into another customer; choose that one."))
    if merged.has_merged:
        return Refusal("customers.merged_is_principal", _("Other customers are merged into this one; make it the principal."))
    return None
