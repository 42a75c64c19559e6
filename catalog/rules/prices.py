"""The price of anything is one pure question; worked tables are in docs/algorithms/pricing.md."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Protocol

from catalog.rules.kinds import ProductKind, PurchaseType, TemperatureZone
from core.tax import TaxBasis

FREE_REASON: Final = "free"
SINCE_EVER: Final = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceAsk:
    """One line that wants a price: a variant by its id or, where that is None, by its SKU."""

    variant_id: int | None = None
    sku: str = ""
    quantity: int = 1
    purchase_type: PurchaseType = PurchaseType.NORMAL
    cycle: int | None = None
    rank_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a variant is sold for now, and everything an order line keeps of it."""

    variant_id: int
    product_id: int
    sku: str
    name: str
    option: str
    category_path: str
    unit_price: int
    list_price: int | None
    currency: str
    tax_basis: TaxBasis
    tax_class: str
    price_reason: str
    kind: ProductKind
    temperature_zone: TemperatureZone
    max_quantity: int | None
    product_code: str = ""
    brand_id: int | None = None
    workflow_profile: str = ""
    parcel_size: str = ""
    weight_grams: int | None = None


class PriceRow(Protocol):
    """A price with the conditions of its list: a row of the database, or a test's dataclass."""

    @property
    def price_id(self) -> int: ...
    @property
    def list_code(self) -> str: ...
    @property
    def priority(self) -> int: ...
    @property
    def is_list_price(self) -> bool: ...
    @property
    def channel_id(self) -> int | None: ...
    @property
    def rank_code(self) -> str: ...
    @property
    def purchase_type(self) -> str | None: ...
    @property
    def cycle_from(self) -> int | None: ...
    @property
    def cycle_until(self) -> int | None: ...
    @property
    def min_quantity(self) -> int: ...
    @property
    def amount(self) -> int: ...
    @property
    def currency(self) -> str: ...
    @property
    def tax_basis(self) -> str: ...
    @property
    def from_at(self) -> datetime | None: ...
    @property
    def until_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceQuestion:
    """Who asks for a price, how, how many, and when."""

    channel_id: int
    at: datetime
    quantity: int = 1
    purchase_type: PurchaseType = PurchaseType.NORMAL
    cycle: int | None = None
    rank_code: str = ""


@dataclass(frozen=True, slots=True)
class PriceAnswer:
    """The unit price with its reason, and the list price (定価) beside it."""

    amount: int
    currency: str
    tax_basis: str
    reason: str
    list_price: int | None


def unit_price(candidates: Sequence[PriceRow], question: PriceQuestion) -> PriceAnswer | None:
    """The price among all rows of one variant that the question gets, or None where no row applies.

    A row applies when every condition its list names is met, its quantity is reached and its period holds the moment.
    Of those that apply, a selling price beats a list price, then the higher priority wins, then the more particular
    list (cycle before rank before purchase type before channel), then the larger quantity step, then the later start,
    then the lower amount. What is free of charge costs nothing unless a list for free purchases says otherwise.
    """
    fitting = [row for row in candidates if applies(row, question)]
    if not fitting:
        return None
    listed = [row for row in fitting if row.is_list_price]
    list_price = max(listed, key=precedence).amount if listed else None
    best = fitting[0] if len(fitting) == 1 else max(fitting, key=precedence)
    if question.purchase_type == PurchaseType.FREE and best.purchase_type != PurchaseType.FREE:
        return PriceAnswer(0, best.currency, best.tax_basis, FREE_REASON, list_price)
    return PriceAnswer(best.amount, best.currency, best.tax_basis, reason_of(best), list_price)


def applies(row: PriceRow, question: PriceQuestion) -> bool:
    """Whether every condition of the row is met."""
    if row.channel_id is not None and row.channel_id != question.channel_id:
        return False
    if row.min_quantity > question.quantity:
        return False
    if row.purchase_type is not None and row.purchase_type != question.purchase_type:
        return False
    if row.rank_code and row.rank_code != question.rank_code:
        return False
    return _cycle_fits(row, question.cycle) and (
        (row.from_at is None or row.from_at <= question.at) and (row.until_at is None or question.at < row.until_at)
    )


def _cycle_fits(row: PriceRow, cycle: int | None) -> bool:
    if row.cycle_from is None and row.cycle_until is None:
        return True
    if cycle is None:
        return False
    return (row.cycle_from or 1) <= cycle and (row.cycle_until is None or cycle < row.cycle_until)


def precedence(row: PriceRow) -> tuple[bool, int, int, int, datetime, int, int]:
    """What is compared to find the winner; the greatest wins. The same order stands in SQL for sorting by price."""
    return (
        not row.is_list_price,
        row.priority,
        particularity(row),
        row.min_quantity,
        row.from_at or SINCE_EVER,
        -row.amount,
        row.price_id,
    )


def particularity(row: PriceRow) -> int:
    """How narrowly the row's list aims: each condition outweighs all that stand behind it."""
    named_cycle = row.cycle_from is not None or row.cycle_until is not None
    return 8 * named_cycle + 4 * bool(row.rank_code) + 2 * (row.purchase_type is not None) + (row.channel_id is not None)


def reason_of(row: PriceRow) -> str:
    """The list a price comes from, with the quantity step where there is one: "standard", "wholesale / 10+"."""
    return row.list_code if row.min_quantity <= 1 else f"{row.list_code} / {row.min_quantity}+"


def quantity_steps(candidates: Iterable[PriceRow], question: PriceQuestion) -> list[tuple[int, int]]:
    """Every (from quantity, unit price) at which the price changes, in order of quantity, for a price table."""
    rows = list(candidates)
    steps: list[tuple[int, int]] = []
    for quantity in sorted({1, *(row.min_quantity for row in rows)}):
        answer = unit_price(rows, replace(question, quantity=quantity))
        if answer is not None and (not steps or steps[-1][1] != answer.amount):
            steps.append((quantity, answer.amount))
    return steps
