"""Sales over the counter of a store: what a draft of one must be, and how it is paid there. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from billing.rules import PaymentMethod
from core.errors import Refusal
from core.words import gettext_noop as _
from customers.rules import Person
from orders.rules.drafts import OrderDraft


class Tender(StrEnum):
    """What was laid on the counter."""

    CASH = "cash"
    CARD_TERMINAL = "card_terminal"

    @classmethod
    def labels(cls) -> dict["Tender", str]:
        return {cls.CASH: _("Cash"), cls.CARD_TERMINAL: _("Card terminal")}


WALK_IN = "walk_in"
"""The provider under which a store's unnamed buyers are one customer."""
LONGEST_SLIP = 40


def sale_faults(draft: OrderDraft, *, handed: bool = True, slip: str = "") -> list[Refusal]:
    """Why this is no sale at the counter, each with its field; what is not ``handed`` over at once is sent, and may be a gift."""
    found = []
    if draft.payment_method != PaymentMethod.CASH_AT_STORE:
        words = _("What is sold over the counter is paid there and then, in cash or at the terminal.")
        found.append(Refusal("order.paid_here", words, {}, "/payment_method"))
    if handed and (len(draft.destinations) != 1 or draft.destinations[0].gift_message or draft.destinations[0].gift is not None):
        words = _("What is handed over at once is given as it is. Gifts are taken as orders to be fetched or sent.")
        found.append(Refusal("order.handed_as_it_is", words, {}, "/destinations"))
    if fault := slip_fault(slip):
        found.append(fault)
    return found


def slip_fault(slip: str) -> Refusal | None:
    """Why this is not what a terminal prints."""
    if len(slip) <= LONGEST_SLIP:
        return None
    return Refusal("order.slip_too_long", _("At most %(limit)s characters fit here."), {"limit": LONGEST_SLIP}, "/slip")


def on_this_shelf(reasons: Sequence[Refusal], *, store: str) -> tuple[Refusal, ...]:
    """The same reasons; what is short is told of this store's shelf, with what to do instead."""
    words = _("%(store)s has %(available)s of %(sku)s on its shelf, not %(wanted)s. Take fewer, or have it sent.")
    return tuple(
        replace(reason, message=words, params={**reason.params, "store": store}) if reason.code == "inventory.out_of_stock" else reason
        for reason in reasons
    )


def to_walk_in(draft: OrderDraft, *, store_code: str, store_name: str) -> OrderDraft:
    """A draft without a buyer is one of the store's unnamed buyers, who are one customer of the ledger for each store."""
    person = draft.person
    if draft.customer_id is not None or draft.identity is not None or (person is not None and person != Person()):
        return draft
    return replace(draft, identity=(WALK_IN, store_code), person=Person(family_name=f"{store_name}のお客様"))
