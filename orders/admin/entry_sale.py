"""The order desk in a store: what is sold over the counter, or bought there and sent home."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from billing.rules import PaymentMethod
from core.errors import Refusal
from core.queries import ChannelContext
from core.words import gettext_noop
from inventory.queries import places_of_staff
from orders.admin.entry_typed import Typed
from orders.operations import StoreSale, sale_draft
from orders.queries import PickupStore, selling_stores
from orders.rules import OrderDraft, Tender

SELLS = "store"
MAY = "orders.hand_over_pickup"


def stores_of(account: Any, channel: ChannelContext) -> list[PickupStore]:
    """The stores for which somebody sells on this channel; none where it is no store's."""
    if channel.kind != SELLS:
        return []
    own = [place.id for place in places_of_staff(account.pk, company_id=channel.company.id)]
    return selling_stores(channel.company.id, ids=own)


def as_sold(typed: Typed, stores: Sequence[PickupStore], *, may_hand_over: bool) -> Typed:
    """The page with the store where there is no choice, and with the only way to pay for what is taken along."""
    if not stores:
        return typed.changed(store="", handed="")
    if len(stores) == 1 and not typed.store:
        typed = typed.changed(store=str(stores[0].id))
    if typed.handed and may_hand_over:
        return typed.changed(payment_method=PaymentMethod.CASH_AT_STORE.value)
    return typed.changed(handed="")


def sale_of(typed: Typed, draft: OrderDraft, stores: Sequence[PickupStore]) -> StoreSale | Refusal | None:
    """The sale that a page amounts to: handed over at once, or paid here and sent. None: it is an order like any other."""
    store = next((one for one in stores if str(one.id) == typed.store), None)
    if store is None:
        if not typed.handed:
            return None
        return Refusal("order.no_such_store", gettext_noop("Choose the store from whose shelf it is taken."), {}, "/store")
    if not typed.handed and draft.payment_method != PaymentMethod.CASH_AT_STORE:
        return None
    tender = Tender(typed.tender) if typed.tender in set(Tender) else Tender.CASH
    return StoreSale(draft=draft, store_id=store.id, handed=bool(typed.handed), tender=tender, slip=typed.slip)


def drafted(sale: StoreSale | Refusal | None, draft: OrderDraft) -> OrderDraft:
    """What is priced and looked at: the draft of the sale, else what was typed."""
    if isinstance(sale, StoreSale):
        found = sale_draft(sale)
        return draft if isinstance(found, Refusal) else found
    return draft


def tenders() -> list[tuple[str, str]]:
    """What may be laid on the counter."""
    return [(str(one), _(words)) for one, words in Tender.labels().items()]
