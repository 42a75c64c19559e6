"""What a counter asks for when goods are to come back, and what it is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from core.errors import Refusal
from core.words import gettext_noop as _
from orders.rules.drafts import MAX_LINES, MAX_QUANTITY
from orders.rules.returns import ExchangeTiming, PostageBearer, RefundWay, ReturnCondition, ReturnKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnAskLine:
    """So many pieces of an order line, and why. ``part_refund`` (minor units, tax included) keeps the goods with the customer."""

    line_ref: UUID
    quantity: int
    reason: str = ""
    """The code of a reason of the company."""
    remark: str = ""
    condition: ReturnCondition = ReturnCondition.UNKNOWN
    part_refund: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeAsk:
    """What is to be sent instead of pieces of an order line."""

    line_ref: UUID
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnAsk:
    """A return, exchange or claim about one order; the same ``once_key`` for an order is the same case.

    What is None follows from the reasons and the policy. ``override_reason`` lets staff go against the terms, and is kept.
    """

    order_id: int
    kind: ReturnKind
    lines: tuple[ReturnAskLine, ...]
    once_key: str
    exchanges: tuple[ExchangeAsk, ...] = ()
    comes_back: bool = True
    remark: str = ""
    postage_by: PostageBearer | None = None
    fee: int | None = None
    postage: int | None = None
    refunds_postage: bool | None = None
    refund_way: RefundWay = RefundWay.ORIGINAL
    exchange_timing: ExchangeTiming | None = None
    override_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDone:
    """A case as it stands after what was asked; ``repeated`` when that had been done before."""

    case_id: int
    public_id: UUID
    number: str
    order_id: int
    status: str
    repeated: bool = False


def ask_faults(ask: ReturnAsk) -> Sequence[Refusal]:
    """What is wrong with an ask before anything is looked up."""
    found: list[Refusal] = []
    if not ask.once_key.strip() or len(ask.once_key) > 120:
        found.append(Refusal("return.no_reference", _("A return needs a reference that tells it from every other."), {}, "/once_key"))
    if not ask.lines:
        found.append(Refusal("return.no_lines", _("Name at least one line of the order, with a quantity."), {}, "/lines"))
    if len(ask.lines) > MAX_LINES:
        found.append(Refusal("order.too_many_lines", _("An order takes at most %(most)s lines."), {"most": MAX_LINES}, "/lines"))
    if len({line.line_ref for line in ask.lines}) != len(ask.lines):
        found.append(Refusal("return.line_twice", _("Name each line of the order once."), {}, "/lines"))
    for place, line in enumerate(ask.lines[:MAX_LINES]):
        found += _line_faults(line, kind=ask.kind, comes_back=ask.comes_back, at=f"/lines/{place}")
    found += _kind_faults(ask)
    for name, amount in (("fee", ask.fee), ("postage", ask.postage)):
        if amount is not None and not 0 <= amount <= 10**12:
            found.append(Refusal("return.bad_amount", _("An amount is a whole number, not below zero."), {}, f"/{name}"))
    return found


def _line_faults(line: ReturnAskLine, *, kind: ReturnKind, comes_back: bool, at: str) -> list[Refusal]:
    found = []
    if not 1 <= line.quantity <= MAX_QUANTITY:
        found.append(
            Refusal(
                "order.quantity_out_of_range", _("The quantity must be between 1 and %(most)s."), {"most": MAX_QUANTITY}, f"{at}/quantity"
            )
        )
    if line.part_refund is not None:
        if kind is not ReturnKind.CLAIM or comes_back:
            found.append(
                Refusal(
                    "return.part_refund_of_claims",
                    _("A part refund is for claims whose goods stay with the customer."),
                    {},
                    f"{at}/part_refund",
                )
            )
        elif not 1 <= line.part_refund <= 10**12:
            found.append(Refusal("return.bad_amount", _("An amount is a whole number, not below zero."), {}, f"{at}/part_refund"))
    return found


def _kind_faults(ask: ReturnAsk) -> list[Refusal]:
    """What an exchange must have and a return must not; only claims may leave the goods with the customer."""
    found = []
    if ask.kind is ReturnKind.UNDELIVERED:
        found.append(Refusal("return.not_by_hand", _("An undeliverable parcel is recorded on the parcel itself."), {}, "/kind"))
    if ask.kind is ReturnKind.EXCHANGE and not ask.exchanges:
        found.append(Refusal("return.no_exchange", _("Say what is to be sent instead."), {}, "/exchanges"))
    if ask.kind is ReturnKind.RETURN and ask.exchanges:
        found.append(
            Refusal(
                "return.exchange_in_return", _("A return sends nothing instead. Make it an exchange, or leave that out."), {}, "/exchanges"
            )
        )
    if not ask.comes_back and ask.kind is not ReturnKind.CLAIM:
        found.append(Refusal("return.must_come_back", _("Only a claim may leave the goods with the customer."), {}, "/comes_back"))
    asked = {line.line_ref: line.quantity for line in ask.lines}
    sent: dict[UUID, int] = {}
    for place, one in enumerate(ask.exchanges):
        sent[one.line_ref] = sent.get(one.line_ref, 0) + max(0, one.quantity)
        if one.quantity < 1 or sent[one.line_ref] > asked.get(one.line_ref, 0):
            found.append(
                Refusal(
                    "return.exchange_too_many",
                    _("At most as many pieces are sent as come back of the line."),
                    {},
                    f"/exchanges/{place}/quantity",
                )
            )
    return found
