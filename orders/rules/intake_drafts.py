"""From an outside order to the draft that placing takes: codes become ours, and what cannot be decided is told to a person. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from billing.rules import PaymentMethod
from core.errors import Refusal
from core.words import gettext_noop as _
from orders.rules.drafts import DraftDestination, DraftDiscount, DraftFee, DraftLine, GiftWish, OrderDraft
from orders.rules.intake import OutsideDestination, OutsideOrder
from orders.rules.intake_wishes import house_band
from orders.rules.statuses import FeeKind

FARTHEST: Final = timedelta(days=366)
"""A day wished for later than that is a slip of somebody's pen."""
_SETTLED_BY_COUNTER: Final = frozenset({PaymentMethod.MARKETPLACE})


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopTerms:
    """What is agreed with an outside shop: where its orders go, and what its words mean here."""

    shop_id: int
    company_id: int
    channel_id: int
    name: str
    adapter: str
    payments: Mapping[str, str]
    bands: Mapping[str, str]
    default_payment: str = ""
    noshi: Mapping[str, str] = field(default_factory=dict)
    """Its words for noshi, and the codes of ours."""
    wrappings: Mapping[str, str] = field(default_factory=dict)


def draft_of(order: OutsideOrder, terms: ShopTerms, variants: Mapping[str, int]) -> OrderDraft | tuple[Refusal, ...]:
    """The draft with the counter's own prices, discounts, fees and total; or everything a person has to decide first.

    ``variants`` holds the variant behind every outside code that is known. What the counter bears itself (points, its own coupons) is
    part of the total and no discount: it pays us in full. That can be so only where the counter settles; where the buyer pays us, the
    order would ask for too much, so a person decides.
    """
    faults: list[Refusal] = []
    method = _method(order, terms, faults)
    lines = tuple(_line(n, order, terms, variants, faults) for n in range(len(order.lines)))
    destinations = tuple(_destination(n, order, terms, faults) for n in range(len(order.destinations)))
    borne = sum(amount for _what, amount in order.borne)
    if borne and method is not None and method not in _SETTLED_BY_COUNTER:
        faults.append(
            Refusal(
                "intake.split_payment",
                _(
                    "The counter bears %(borne)s yen of it and the buyer pays the rest to us. Place it by hand, with a discount for that part."
                ),
                {"borne": borne},
                "/borne",
            )
        )
    if faults or method is None:
        return tuple(faults)
    discounts = (
        [DraftDiscount(amount=order.shop_discount, source=f"coupon:{terms.adapter}", reason=terms.name)] if order.shop_discount else []
    )
    return OrderDraft(
        company_id=terms.company_id,
        channel_id=terms.channel_id,
        lines=lines,
        destinations=destinations,
        payment_method=method,
        person=order.person,
        outside_number=order.number,
        remark=order.remark[:1_000],
        discounts=tuple(discounts),
        fees=tuple(
            DraftFee(kind=FeeKind(fee.kind), amount=fee.amount, label=str(FeeKind.labels()[FeeKind(fee.kind)])) for fee in order.fees
        ),
        expected_total=order.total,
        days_agreed=True,
    )


def _method(order: OutsideOrder, terms: ShopTerms, faults: list[Refusal]) -> PaymentMethod | None:
    ours = terms.payments.get(order.payment) or terms.default_payment
    if ours in set(PaymentMethod):
        return PaymentMethod(ours)
    faults.append(
        Refusal(
            "intake.unknown_payment",
            _("The way to pay “%(typed)s” is not known. Map it in the shop's codes and try again."),
            {"typed": order.payment[:80]},
            "/payment",
        )
    )
    return None


def _line(n: int, order: OutsideOrder, terms: ShopTerms, variants: Mapping[str, int], faults: list[Refusal]) -> DraftLine:
    line = order.lines[n]
    variant = next((variants[code] for code in line.codes if code in variants), None)
    if variant is None:
        faults.append(
            Refusal(
                "intake.unknown_article",
                _("No article of ours is behind “%(code)s” (%(name)s). Choose it and try again."),
                {"code": line.codes[0][:120], "name": line.name[:120]},
                f"/lines/{n}/codes",
            )
        )
    own = (DraftDiscount(amount=line.discount, source=f"line:{terms.adapter}", reason=terms.name),) if line.discount else ()
    return DraftLine(
        variant_id=variant,
        quantity=line.quantity,
        unit_price=line.unit_price,
        price_reason=terms.name,
        discounts=own,
        destination=line.destination,
        outside_line=line.line,
    )


def _destination(n: int, order: OutsideOrder, terms: ShopTerms, faults: list[Refusal]) -> DraftDestination:
    to = order.destinations[n]
    ordered_on = date.fromisoformat(order.ordered_at[:10]) if order.ordered_at else None
    if to.wished_on and ordered_on and not ordered_on <= to.wished_on <= ordered_on + FARTHEST:
        faults.append(
            Refusal(
                "intake.wished_day",
                _("It was ordered on %(ordered)s and wished for %(wished)s. Ask the buyer, and place it by hand with the right day."),
                {"ordered": ordered_on.isoformat(), "wished": to.wished_on.isoformat()},
                f"/destinations/{n}/wished_on",
            )
        )
    band = terms.bands.get(to.time_band)
    if band is None:
        band = house_band(to.time_band)
    if band is None:
        faults.append(
            Refusal(
                "intake.unknown_time_band",
                _("The time band “%(typed)s” is not known. Map it in the shop's codes and try again."),
                {"typed": to.time_band[:40]},
                f"/destinations/{n}/time_band",
            )
        )
    return DraftDestination(
        place=to.place, wished_on=to.wished_on, time_band=band or "", is_gift=to.is_gift, gift=_gift(to, order, terms),
        gift_message=to.gift_message[:400],
    )  # fmt: skip


def _gift(to: OutsideDestination, order: OutsideOrder, terms: ShopTerms) -> GiftWish | None:
    """What the counter's words for noshi and wrapping mean here, where the shop has mapped them; else they stay a remark that staff read."""
    noshi = terms.noshi.get(to.gift_message.strip(), "")
    wrapping = next((terms.wrappings[note.strip()] for note in order.notes if note.strip() in terms.wrappings), "") if to.is_gift else ""
    return GiftWish(noshi=noshi, wrapping=wrapping) if noshi or wrapping else None


def notes_of(order: OutsideOrder) -> str:
    """What staff should know of the order that no field of it says: what the counter bears, and the counter's own notes."""
    borne = [f"{what}: {amount:,}" for what, amount in order.borne]
    return "\n".join((*borne, *order.notes))[:2_000]
