"""What campaigns answer: coupons of an order, somebody's data, and a card on the first page. Rows name who, never an address."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.operations import claim_coupons, forget_addresses, note_coupon_uses
from campaigns.queries import TABLES, CouponAsk, coupon_terms, held_campaigns, held_coupons, held_messages, send_figures, told
from campaigns.rules import (
    ONE_PER_ORDER,
    SOURCE,
    CouponTerms,
    RecipientState,
    amount_off,
    coupon_code,
    good_places,
    goods_fault,
    neutral,
    standing_fault,
)
from core.actor import SYSTEM, Actor
from core.db import current_actor
from core.errors import Refusal
from core.ports import DashboardCard
from customers.ports import ExportRow, Kept, Lane, MergedPair, Objection, TimelineRow
from orders.ports import CodesClaimed, NotOffered, OfferedDiscount, PlacedOrder, PricedCart

tables = TABLES


def discounts(carts: Sequence[PricedCart], *, at: datetime) -> Sequence[OfferedDiscount | NotOffered]:
    """What each cart's coupon takes off, or why it doesn't; codes that are no coupon of the company are left out. One statement."""
    asked = [(cart, code) for cart in carts for code in cart.codes]
    known = coupon_terms([CouponAsk(company_id=c.company_id, customer_id=c.customer_id, code=coupon_code(code)) for c, code in asked])
    found: dict[int, list[OfferedDiscount | NotOffered]] = {}
    for (cart, code), terms in zip(asked, known, strict=True):
        if terms is not None:
            own = found.setdefault(cart.key, [])
            own.append(NotOffered(key=cart.key, code=code, reason=ONE_PER_ORDER) if own else _offer(cart, code, terms, at=at))
    return [answer for own in found.values() for answer in own]


def _offer(cart: PricedCart, code: str, terms: CouponTerms, *, at: datetime) -> OfferedDiscount | NotOffered:
    places = good_places(terms, [variant for variant, _quantity, _amount in cart.lines])
    goods = sum(cart.lines[place][2] for place in places)
    fault = standing_fault(terms, at=at) or goods_fault(terms, goods=goods, are_any=bool(places), currency=cart.currency)
    if fault is not None:
        return NotOffered(key=cart.key, code=code, reason=fault)
    return OfferedDiscount(
        key=cart.key,
        code=code,
        amount=amount_off(terms, goods=goods),
        source=f"{SOURCE}{terms.code}",
        reason=terms.name,
        lines=places if terms.variants else (),
        campaign_ref=terms.campaign_ref,
        campaign_name=terms.campaign_name,
    )


def claim(orders: Sequence[CodesClaimed], *, actor: Actor, at: datetime) -> Sequence[Refusal | None]:
    """The coupons are counted as used before stock is locked, or are used up by now."""
    return claim_coupons(orders, actor=actor, at=at)


def placed(orders: Sequence[PlacedOrder], *, actor: Actor, at: datetime) -> Sequence[Refusal | None]:
    """The uses are written in the placing transaction."""
    note_coupon_uses(orders, actor=actor, at=at)
    return [None] * len(orders)


lanes = {Lane.SENDS: "campaigns.view_campaign"}


def timeline(
    customer_ids: Sequence[int], *, before: datetime | None, limit: int, only: frozenset[Lane] = frozenset()
) -> Sequence[TimelineRow]:
    """The day a campaign began for its targets, each message written, coupons, and whoever wanted no more; one statement."""
    kinds = {
        "campaign": _("Campaign"), "message": _("Message"), "unsubscribed": _("Unsubscribed"), "coupon_used": _("Coupon used"),
        "coupon_given_back": _("Coupon given back"),
    }  # fmt: skip
    return [
        TimelineRow(
            customer_id=row.customer_id,
            at=row.at,
            kind=kinds[row.kind],
            title=neutral(row.title, reader=_("the customer")),
            detail=_(RecipientState.labels()[RecipientState(row.detail)]) if row.kind == "message" else row.detail,
            link=_page_of(row),
            for_customer=row.kind != "campaign",
        )
        for row in told(customer_ids, before=before, limit=limit)
    ]


def _page_of(row: Any) -> str:
    if row.recipient_id:
        return reverse("admin:campaigns_recipient_change", args=[row.recipient_id])
    return reverse("admin:campaigns_coupon_change", args=[row.coupon_id]) if row.coupon_id else ""


def merge(pairs: Sequence[MergedPair], *, at: datetime) -> None:
    """Nothing to settle: targets and messages are read by group, and a merged customer's is found when it would be written to."""


def objections(customer_ids: Sequence[int], *, at: datetime) -> Sequence[Objection]:
    """A campaign never stands against erasure."""
    return []


def erase(customer_ids: Sequence[int], *, at: datetime) -> Sequence[Kept]:
    """Nothing that leads back to an address is kept: an id, a send and what became of it."""
    forget_addresses(customer_ids, actor=current_actor() or SYSTEM)
    return []


def export(customer_ids: Sequence[int]) -> Sequence[ExportRow]:
    """The campaigns these customers were targeted by, every message they were to get, and their coupons."""
    found = [
        ExportRow(
            customer_id=r.customer_id,
            table="campaigns_campaigntarget",
            values={"code": r.code, "name": r.name, "starts_on": str(r.starts_on or ""), "ends_on": str(r.ends_on or "")},
        )
        for r in held_campaigns(customer_ids)
    ]
    found += [
        ExportRow(
            customer_id=r.customer_id,
            table="campaigns_coupon" if r.deed == "given" else "campaigns_couponuse",
            values={
                "code": r.code, "name": r.name, "deed": r.deed, "order": r.order_number or "", "amount": str(r.amount or ""), "at": str(r.at or ""),
            },
        )
        for r in held_coupons(customer_ids)
    ]  # fmt: skip
    return found + [
        ExportRow(
            customer_id=r.customer_id,
            table="campaigns_recipient",
            values={
                "subject": neutral(r.subject, reader=_("the customer")), "state": r.state, "reason": r.reason, "written_at": str(r.written_at or ""),
                "unsubscribed_at": str(r.unsubscribed_at or ""),
            },
        )
        for r in held_messages(customer_ids)
    ]  # fmt: skip


def dashboard_cards(*, may: Callable[[str], bool], at: datetime) -> Sequence[DashboardCard]:
    """What goes out now and what became of the last thirty days' messages; one statement."""
    if not may("campaigns.view_send"):
        return ()
    found = send_figures(since=at - timedelta(days=30))
    if found.running:
        value, note = f"{found.waiting:,}", _("messages still to go out")
    else:
        value, note = f"{found.sent:,}", _("sent in 30 days; %(planned)s sends planned") % {"planned": f"{found.planned:,}"}
    return [
        DashboardCard(
            title=_("Sends"),
            value=value,
            note=note,
            link=reverse("admin:campaigns_send_changelist"),
            icon="outgoing_mail",
            tone="warn" if found.odd else "",
            position=70,
        )
    ]
