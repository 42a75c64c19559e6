"""What an estimate is: the money of an order agreed beforehand, kept as it will be placed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import orjson
from cattrs.preconf.orjson import make_converter

from core.errors import Refusal
from core.words import gettext_noop as _
from orders.rules.drafts import DraftFee, OrderDraft
from orders.rules.sums import Sums

MOST_DAYS: Final = 366


class EstimateStatus(StrEnum):
    """How far an estimate has come; one that is out of date is still open, and says so."""

    OPEN = "open"
    ORDERED = "ordered"
    DECLINED = "declined"

    @classmethod
    def labels(cls) -> dict["EstimateStatus", str]:
        return {cls.OPEN: _("under consideration"), cls.ORDERED: _("ordered"), cls.DECLINED: _("not wanted")}


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateAsk:
    """An estimate to be made of a draft; the same ``once_key`` (the desk's cart id) is the same estimate."""

    draft: OrderDraft
    valid_until_on: date
    once_key: UUID
    note: str = ""
    """Printed under the lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimated:
    """The estimate that now stands; ``repeated`` when it did already."""

    estimate_id: int
    public_id: UUID
    number: str
    customer_id: int
    total: int
    currency: str
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateLine:
    """A line or fee as the estimate shows it, in minor units of its tax basis; a fee has no SKU."""

    sku: str
    name: str
    quantity: int
    unit_price: int
    discount: int
    amount: int
    tax_rate_bp: int


_converter = make_converter()
_converter.register_unstructure_hook(UUID, str)
_converter.register_structure_hook(UUID, lambda value, _type: UUID(value))


def kept_draft(draft: OrderDraft) -> dict[str, Any]:
    """A draft as JSON can hold it."""
    kept: dict[str, Any] = orjson.loads(_converter.dumps(draft))
    return kept


def opened_draft(kept: Mapping[str, Any]) -> OrderDraft:
    """The draft that was kept; what a later version of the house added to drafts is as if nobody had said it."""
    return _converter.structure(dict(kept), OrderDraft)


def priced_draft(draft: OrderDraft, sums: Sums, *, customer_id: int, reason: str) -> OrderDraft:
    """The draft with every price, discount and fee as it was worked out, so that placing it later comes to the same money.

    What typed codes take off is worked out again then: until it is ordered an estimate uses no coupon.
    """
    lines = tuple(
        replace(
            line.draft,
            variant_id=line.offer.variant_id,
            unit_price=line.unit_price,
            price_reason=line.draft.price_reason or reason,
            discounts=tuple(d for d in line.discounts if not d.code),
        )
        for line in sums.lines
    )
    fees = tuple(
        DraftFee(kind=fee.kind, amount=fee.amount, label=fee.label, tax_class=fee.tax_class, destination=fee.destination)
        for fee in sums.fees
    )
    return replace(
        draft,
        customer_id=customer_id,
        person=None,
        lines=lines,
        fees=fees,
        discounts=(),
        means_id=None,
        expected_total=sums.total,
        cart_ref=None,
    )


def shown_lines_of(sums: Sums) -> list[EstimateLine]:
    """What the paper lists: articles, then fees."""
    articles = [
        EstimateLine(
            sku=line.offer.sku,
            name=f"{line.offer.name} {line.offer.option}".strip(),
            quantity=line.draft.quantity,
            unit_price=line.unit_price,
            discount=line.discount,
            amount=line.amount,
            tax_rate_bp=line.tax_rate_bp,
        )
        for line in sums.lines
    ]
    fees = [
        EstimateLine(sku="", name=fee.label, quantity=1, unit_price=fee.amount, discount=0, amount=fee.amount, tax_rate_bp=fee.tax_rate_bp)
        for fee in sums.fees
    ]
    return [*articles, *fees]


def estimate_fault(ask: EstimateAsk, *, today: date) -> Refusal | None:
    """Why there is no such estimate, before anything is looked up."""
    days = (ask.valid_until_on - today).days
    if not 0 <= days <= MOST_DAYS:
        return Refusal(
            "estimate.valid_until",
            _("An estimate is valid until a day from today on, within a year: %(first)s to %(last)s."),
            {"first": today.isoformat(), "last": date.fromordinal(today.toordinal() + MOST_DAYS).isoformat()},
            "/valid_until_on",
        )
    if ask.draft.means_id is not None:
        return Refusal(
            "estimate.no_card", _("A kept card is chosen when the estimate is ordered. Choose another way to pay."), {}, "/payment_method"
        )
    if any(line.subscription is not None for line in ask.draft.lines):
        return Refusal("estimate.no_subscription", _("Subscriptions are not estimated: their deliveries follow the course."), {}, "/lines")
    return None
