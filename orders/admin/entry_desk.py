"""One request at the order desk, and where each refusal stands on its page."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from core.admin_site import actor_of
from core.errors import Refusal
from core.queries import ChannelContext
from orders.admin.entry_paper import NO_PAPER, PaperAtDesk
from orders.admin.entry_places import place_of_fault
from orders.admin.entry_shown import KnownCustomer, ShownLine, customer_on_page, known_values, shown_lines
from orders.admin.entry_talk import Talk, talk_for
from orders.admin.entry_typed import Typed
from orders.operations import Quote
from orders.queries import PickupStore


@dataclass
class Desk:
    """One request at the desk: what was typed, who it is about, what was found, what is wrong."""

    request: HttpRequest
    channels: Sequence[ChannelContext]
    channel: ChannelContext
    typed: Typed
    at: datetime
    customer: KnownCustomer | None = None
    paper: PaperAtDesk = NO_PAPER
    found: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=dict)
    line_faults: dict[int, dict[str, list[str]]] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    focus: str = ""
    stores: Sequence[PickupStore] = ()
    """Where somebody sells over the counter, on a store's channel."""

    @property
    def sells_from(self) -> PickupStore | None:
        """The store from whose shelf it is handed over."""
        return next((one for one in self.stores if self.typed.handed and str(one.id) == self.typed.store), None)

    @property
    def today(self) -> date:
        """The day of the company that sells."""
        return self.channel.company.business_date(self.at)

    @property
    def is_wrong(self) -> bool:
        """Whether anything on the page has to be seen to."""
        return bool(self.faults or self.line_faults or self.notices)

    @property
    def rank_code(self) -> str:
        return self.customer.row.rank_code if self.customer else ""

    def lines(self, quote: Quote | None, *, live: bool = False) -> list[ShownLine]:
        """What was typed of goods, with what is known of each."""
        return shown_lines(
            self.typed, quote, channel=self.channel, rank_code=self.rank_code, faults=self.line_faults, at=self.at, store=self.sells_from,
            live=live,
        )  # fmt: skip

    def talk(self, quote: Quote | None, lines: Sequence[ShownLine]) -> Talk:
        """What to say on this call."""
        operator = actor_of(self.request).label
        return talk_for(self.typed, channel=self.channel, customer=self.customer, quote=quote, lines=lines, operator=operator, at=self.at)

    def take(self, customer_id: int, *, fill: bool) -> None:
        """Put a customer on the page; one of another company is not there."""
        self.customer = customer_on_page(customer_id, company_id=self.channel.company.id, at=self.at)
        if self.customer is None:
            self.typed = self.typed.changed(customer="")
            self.faults.setdefault("customer_q", []).append(_("There is no such customer."))
        else:
            self.typed = self.typed.changed(customer=str(customer_id), **(known_values(self.customer.view) if fill else {}))

    def blame(self, reasons: Sequence[Refusal]) -> None:
        """Put refusals beside their fields."""
        for reason in reasons:
            parts = reason.field.strip("/").split("/")
            name = _NAMES.get(parts[-1], parts[-1])
            text = reason.text(_)
            if key := place_of_fault(parts, name):
                own = self.faults.setdefault(key, [])
            elif parts[0] == "lines" and len(parts) > 1 and parts[1].isdigit():
                own = self.line_faults.setdefault(int(parts[1]), {}).setdefault(name if len(parts) > 2 else "sku", [])
            elif parts[0] == "coupon_codes":
                own = self.faults.setdefault("coupon", [])
            elif parts[0] == "discounts":
                own = self.faults.setdefault("discount_reason" if parts[-1] == "reason" else "discount", [])
            elif parts[0] == "destinations" and "gift" in parts and f"gift_{name}" in Typed.__slots__:
                own = self.faults.setdefault(f"gift_{name}", [])
            elif parts[0] == "destinations" and f"to_{name}" in Typed.__slots__ and self.typed.to_family_name:
                own = self.faults.setdefault(f"to_{name}", [])
            elif name in Typed.__slots__ and name != "expected_total":
                own = self.faults.setdefault(name, [])
            else:
                own = self.notices
            if text not in own:
                own.append(text)


_NAMES = {
    "unit_price": "price", "plan_code": "form", "interval": "form", "purchase_type": "form", "discounts": "discount", "customer": "customer_q",
    "person": "family_name", "lines": "article_q",
}  # fmt: skip
