"""What the order desk must have asked before it may place an order for somebody."""

from collections.abc import Sequence
from datetime import date, timedelta

from billing.rules import PaymentMethod
from core.errors import Refusal
from core.text import email_key, prefecture_of
from core.words import gettext_noop as _
from customers.rules import faults_of_person, faults_of_place
from orders.rules.bands import BANDS
from orders.rules.drafts import DraftLine, OrderDraft
from orders.rules.estimates import MOST_DAYS

LATEST_DAYS = 90
"""So far ahead a delivery day may be wished."""

DESK_METHODS = (
    PaymentMethod.CASH_ON_DELIVERY,
    PaymentMethod.BANK_TRANSFER,
    PaymentMethod.CONVENIENCE_STORE,
    PaymentMethod.DEFERRED,
    PaymentMethod.CASH_AT_STORE,
)
"""How a buyer may pay who orders through a member of staff, besides a card they keep with us: no card number is ever taken down."""

DESK_KINDS = ("phone", "paper", "store", "chat", "b2b")
"""The kinds of sales channel that staff write orders down for."""

PAPER_CHANNELS = tuple(kind for kind in DESK_KINDS if kind != "store")
"""The kinds of sales channel to which letters and faxes come."""

_ADDRESS = ("postal_code", "prefecture", "city", "street")


def desk_faults(draft: OrderDraft, *, channel_kind: str, today: date, own_email: str = "") -> Sequence[Refusal]:
    """What the order desk still has to ask or write down, each with its field.

    By phone nobody is asked twice where they saw us: the advertisement or the media is noted at once. A price or a
    discount given by hand needs its reason. Goods handed over in the store need no address; those bought there and sent home do.
    """
    found = _order_faults(draft, channel_kind=channel_kind, today=today, own_email=own_email)
    if channel_kind == "phone" and not any(n.attribution.ad_code or n.attribution.route_medium for n in draft.lines):
        found.append(Refusal("order.no_media", _("Ask where the customer saw us: an ad code or a medium."), {}, "/ad_code"))
    return found


def desk_estimate_faults(
    draft: OrderDraft, *, valid_days: int | None, channel_kind: str, today: date, own_email: str = ""
) -> Sequence[Refusal]:
    """What the order desk still has to ask before it issues an estimate: where they saw us is asked when it is ordered."""
    found = _order_faults(draft, channel_kind=channel_kind, today=today, own_email=own_email)
    if valid_days is None or not 0 <= valid_days <= MOST_DAYS:
        found.append(Refusal("estimate.valid_until", _("Write for how many days the prices stand: 0 to 366."), {}, "/estimate_days"))
    return found


def _order_faults(draft: OrderDraft, *, channel_kind: str, today: date, own_email: str = "") -> list[Refusal]:
    found: list[Refusal] = []
    if draft.person is not None:
        found += faults_of_person(draft.person, pointer="/person", today=today)
        if not (draft.person.phone or draft.person.email or channel_kind == "store"):
            found.append(Refusal("order.no_way_to_reach", _("Ask for a phone number or an e-mail address."), {}, "/person/phone"))
        if own_email and email_key(draft.person.email) == email_key(own_email):
            words = _("This is our own address: mails to it reach nobody. Ask for the customer’s, or leave it empty.")
            found.append(Refusal("order.own_email", words, {}, "/person/email"))
    for n, destination in enumerate(draft.destinations):
        at = f"/destinations/{n}"
        found += faults_of_place(destination.place, pointer=f"{at}/place")
        if channel_kind != "store" or (draft.taken_at_id is not None and not draft.handed_over):
            found += [_missing(f"{at}/place/{name}") for name in _ADDRESS if not getattr(destination.place, name).strip()]
        told = destination.place.prefecture.strip()
        if told and prefecture_of(told) != told:
            words = _("There is no such prefecture. Write its full name. The desk takes addresses in Japan only.")
            found.append(Refusal("order.no_such_prefecture", words, {}, f"{at}/place/prefecture"))
        if destination.wished_on and not today <= destination.wished_on <= today + timedelta(days=LATEST_DAYS):
            days = {"from": today.isoformat(), "until": (today + timedelta(days=LATEST_DAYS)).isoformat()}
            found.append(Refusal("order.wished_on", _("Please choose a day from %(from)s to %(until)s."), days, f"{at}/wished_on"))
        if destination.time_band and destination.time_band not in BANDS:
            found.append(Refusal("order.time_band", _("Please choose one of the time bands."), {}, f"{at}/time_band"))
    found += [fault for n, line in enumerate(draft.lines) for fault in _line_faults(line, at=f"/lines/{n}")]
    if any(not d.reason.strip() for d in draft.discounts):
        found.append(Refusal("order.reason_missing", _("Say why the price is another."), {}, "/discounts/reason"))
    kept_card = draft.payment_method == PaymentMethod.CARD and draft.means_id is not None
    if draft.payment_method not in DESK_METHODS and not kept_card:
        found.append(Refusal("order.method_not_offered", _("Please choose one of the ways to pay."), {}, "/payment_method"))
    return found


def _line_faults(line: DraftLine, *, at: str) -> list[Refusal]:
    found = []
    if line.unit_price is not None and not line.price_reason.strip():
        found.append(Refusal("order.reason_missing", _("Say why the price is another."), {}, f"{at}/price_reason"))
    if any(not d.reason.strip() for d in line.discounts):
        found.append(Refusal("order.reason_missing", _("Say why the price is another."), {}, f"{at}/discount_reason"))
    return found


def _missing(field: str) -> Refusal:
    return Refusal("order.field_missing", _("Please fill this in."), {}, field)
