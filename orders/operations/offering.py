"""Codes that were typed for an order: what they take off, asked of whoever knows them, and that they are used by it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from catalog.rules import Offer
from core.actor import Actor
from core.errors import Refusal
from core.words import gettext_noop as _
from customers.rules import Recognised
from orders.ports import OFFER_SOURCE, CodesClaimed, NotOffered, OfferedDiscount, PricedCart
from orders.rules import DraftDiscount, OrderDraft, Refused, net_amounts


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCodes:
    """A draft whose codes are good: what they take off, and its lines saying which campaign they answer."""

    draft: OrderDraft
    discounts: tuple[DraftDiscount, ...]


def offered_on_codes(
    drafts: Sequence[OrderDraft], offers: Mapping[int, Sequence[Offer]], *, rates_bp: Mapping[str, int], at: datetime
) -> dict[int, OnCodes | Refused]:
    """What the codes of these drafts take off, or every reason why not, by their place; drafts without a code are left out and cost nothing.

    Refuses "order.unknown_code" where nobody knows a code, and what whoever knows it says.
    """
    carts = [_cart(key, drafts[key], own, rates_bp=rates_bp) for key, own in offers.items() if drafts[key].coupon_codes]
    if not carts:
        return {}
    answers: dict[tuple[int, str], OfferedDiscount | NotOffered] = {}
    for source in OFFER_SOURCE.all():
        answers |= {(answer.key, answer.code): answer for answer in source.discounts(carts, at=at)}
    return {cart.key: _told(drafts[cart.key], cart, [answers.get((cart.key, code)) for code in cart.codes]) for cart in carts}


def _cart(key: int, draft: OrderDraft, offers: Sequence[Offer], *, rates_bp: Mapping[str, int]) -> PricedCart:
    known = all(offer.tax_class in rates_bp for offer in offers)
    amounts = net_amounts(draft, offers, rates_bp=rates_bp) if known else [0] * len(offers)
    return PricedCart(
        key=key,
        company_id=draft.company_id,
        channel_id=draft.channel_id,
        customer_id=draft.customer_id,
        currency=offers[0].currency,
        goods_total=sum(amounts),
        lines=tuple((offer.variant_id, line.quantity, net) for offer, line, net in zip(offers, draft.lines, amounts, strict=True)),
        codes=tuple(dict.fromkeys(draft.coupon_codes)),
    )


def _told(draft: OrderDraft, cart: PricedCart, answers: Sequence[OfferedDiscount | NotOffered | None]) -> OnCodes | Refused:
    faults = [
        (answer.reason if answer is not None else _unknown(code)).at(f"/coupon_codes/{draft.coupon_codes.index(code)}")
        for code, answer in zip(cart.codes, answers, strict=True)
        if not isinstance(answer, OfferedDiscount)
    ]
    if faults:
        return Refused(tuple(faults))
    good = [answer for answer in answers if isinstance(answer, OfferedDiscount)]
    named = next((answer for answer in good if answer.campaign_ref), None)
    return OnCodes(
        draft=draft if named is None else _attributed(draft, named),
        discounts=tuple(DraftDiscount(amount=a.amount, source=a.source, reason=a.reason, code=a.code, lines=a.lines) for a in good),
    )


def _attributed(draft: OrderDraft, offer: OfferedDiscount) -> OrderDraft:
    """The code says what its order answers; a line that knows it otherwise keeps what it knows."""
    lines = tuple(
        line
        if line.attribution.campaign_ref
        else replace(line, attribution=replace(line.attribution, campaign_ref=offer.campaign_ref, campaign_name=offer.campaign_name))
        for line in draft.lines
    )
    return replace(draft, lines=lines)


def _unknown(code: str) -> Refusal:
    words = _("There is no coupon “%(code)s”. Check how it is written, or take it out.")
    return Refusal("order.unknown_code", words, {"code": code[:40]})


def claim_codes(
    drafts: Sequence[OrderDraft], keys: Collection[int], known: Mapping[int, Recognised], *, actor: Actor, at: datetime
) -> dict[int, Refusal | None]:
    """The codes of these drafts are used from now on, or why not any more; drafts without a code are left out and cost nothing."""
    claims = [
        CodesClaimed(
            key=key,
            company_id=drafts[key].company_id,
            customer_id=known[key].customer_id,
            codes=tuple(dict.fromkeys(drafts[key].coupon_codes)),
        )
        for key in keys
        if drafts[key].coupon_codes
    ]
    found: dict[int, Refusal | None] = dict.fromkeys(claim.key for claim in claims)
    for source in OFFER_SOURCE.all() if claims else ():
        for claim, refusal in zip(claims, source.claim(claims, actor=actor, at=at), strict=True):
            found[claim.key] = found[claim.key] or refusal
    return found
