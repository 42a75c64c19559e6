"""What carriers say of a parcel, in our words: one set for staff, one for whoever waits for it."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from core.errors import Refusal
from core.words import gettext_noop as _
from inventory.rules import is_mangled, typed_code
from orders.rules.tracking import REUSED_AFTER_DAYS

MOST_TRACKING_EVENTS: Final = 1_000
"""Events one call takes."""
LONGEST_CODE: Final = 40
EARLY: Final = timedelta(days=30)
"""So long before our books let a parcel go a carrier may have had its label."""
AHEAD: Final = timedelta(hours=1)
"""Clocks of others may go so much before ours."""


class TrackingState(StrEnum):
    ACCEPTED = "accepted"
    IN_TRANSIT = "in_transit"
    AT_DEPOT = "at_depot"
    OUT_FOR_DELIVERY = "out_for_delivery"
    ATTEMPTED = "attempted"
    """Nobody was in (不在), so it went back to the depot."""
    WAITING_PICKUP = "waiting_pickup"
    EXCEPTION = "exception"
    DELIVERED = "delivered"
    RETURNING = "returning"
    RETURNED = "returned"

    @classmethod
    def labels(cls) -> dict["TrackingState", str]:
        """The words of staff."""
        return {
            cls.ACCEPTED: _("Accepted by the carrier"),
            cls.IN_TRANSIT: _("Under way with the carrier"),
            cls.AT_DEPOT: _("Held at a depot"),
            cls.OUT_FOR_DELIVERY: _("Out for delivery"),
            cls.ATTEMPTED: _("Nobody was in"),
            cls.WAITING_PICKUP: _("Waits to be picked up"),
            cls.EXCEPTION: _("Trouble on the way"),
            cls.DELIVERED: _("Delivered"),
            cls.RETURNING: _("On its way back"),
            cls.RETURNED: _("Came back, as the carrier says"),
        }

    @classmethod
    def told(cls) -> dict["TrackingState", str]:
        """The words of whoever waits for the parcel: what it means for them, and nothing they cannot act on."""
        return {
            cls.ACCEPTED: _("The carrier has your parcel"),
            cls.IN_TRANSIT: _("On its way to you"),
            cls.AT_DEPOT: _("At a depot near you"),
            cls.OUT_FOR_DELIVERY: _("Will be delivered today"),
            cls.ATTEMPTED: _("The carrier came, but nobody was in. Ask for another delivery on its page."),
            cls.WAITING_PICKUP: _("Ready for you to pick up"),
            cls.EXCEPTION: _("The carrier is looking into a delay"),
            cls.DELIVERED: _("Your parcel has arrived"),
            cls.RETURNING: _("On its way back to us"),
            cls.RETURNED: _("Back with the sender"),
        }


class DelayReason(StrEnum):
    LATE = "late"
    SILENT = "silent"
    ATTEMPTED = "attempted"
    RETURNED = "returned"
    """To be confirmed by whoever has the goods in hand: stock and invoice follow the goods, not a message."""
    UNSHIPPED = "unshipped"

    @classmethod
    def labels(cls) -> dict["DelayReason", str]:
        """What a reader sees for each value."""
        return {
            cls.LATE: _("Not delivered by the day it was due"),
            cls.SILENT: _("No word from the carrier for days"),
            cls.ATTEMPTED: _("Nobody was in, and no second attempt"),
            cls.RETURNED: _("Comes back: confirm when it is here"),
            cls.UNSHIPPED: _("The carrier has it, but here it has not left"),
        }


class DeliveryNews(StrEnum):
    """What of a parcel's way a site may write to its buyers."""

    OUT_FOR_DELIVERY = "out_for_delivery"
    ATTEMPTED = "attempted"
    WAITING_PICKUP = "waiting_pickup"
    DELIVERED = "delivered"
    DELAYED = "delayed"

    @classmethod
    def labels(cls) -> dict["DeliveryNews", str]:
        """What a reader sees for each value."""
        return {
            cls.OUT_FOR_DELIVERY: _("It will be delivered today"),
            cls.ATTEMPTED: _("Nobody was in"),
            cls.WAITING_PICKUP: _("It can be picked up"),
            cls.DELIVERED: _("It has arrived"),
            cls.DELAYED: _("It is late"),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingSaid:
    """One thing a carrier said of a piece of a parcel; ``state`` where whoever tells it knows ours."""

    tracking_number: str
    code: str
    at: datetime
    carrier: str = ""
    label: str = ""
    place: str = ""
    state: TrackingState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingAsk:
    """A number a source is asked about."""

    number: str
    carrier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingTaken:
    """What was kept; ``state`` is None while nobody has said what its code means."""

    shipment_id: int
    state: TrackingState | None
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A parcel that carries a number, and since when."""

    shipment_id: int
    carrier: str
    since: datetime


def folded_code(typed: str) -> str:
    """A code as it is compared: widths and spaces of one kind, no longer than is kept.

    >>> folded_code(" ﾊｲﾀﾂ 完了 "), folded_code("Ａ１")
    ('ハイタツ完了', 'A1')
    """
    return "".join(unicodedata.normalize("NFKC", typed).split())[:LONGEST_CODE]


def number_of(typed: str) -> str | Refusal:
    """A tracking number as parcels carry it."""
    code = typed_code(typed)
    number = code.replace("-", "").replace(" ", "")
    about = {"typed": code[:40]}
    if not number:
        return Refusal("order.no_tracking_number", _("Name the tracking number of the parcel."), {}, "/tracking_number")
    if is_mangled(code) or not number.isascii() or not number.isalnum() or len(number) > 40:
        words = _("“%(typed)s” is no tracking number. A spreadsheet may have rounded it: keep the column as text.")
        return Refusal("order.bad_tracking_number", words, about, "/tracking_number")
    return number


def said_fault(said: TrackingSaid, *, now: datetime) -> Refusal | None:
    """Why an event cannot be kept, whichever parcel it is of."""
    if not folded_code(said.code):
        return Refusal("order.no_tracking_code", _("Say what happened: the carrier's code or word for it."), {}, "/code")
    if said.at > now + AHEAD:
        return Refusal("order.tracking_in_future", _("This lies in the future. Check the time and its zone."), {}, "/at")
    return None


def parcel_of(candidates: Sequence[Candidate], *, number: str, carrier: str, at: datetime) -> int | Refusal:
    """The parcel an event is of: the last one that had the number then, for carriers give numbers out again."""
    about = {"number": number}
    fitting = [
        one
        for one in candidates
        if one.carrier in ("", carrier) or not carrier
        if one.since - EARLY <= at < one.since + timedelta(days=REUSED_AFTER_DAYS)
    ]
    if not fitting:
        words = _("No parcel carries number %(number)s. Check the number; it may be another company's.")
        return Refusal("order.unknown_tracking_number", words, about, "/tracking_number")
    if not carrier and len({one.carrier for one in fitting}) > 1:
        words = _("Parcels of several carriers have number %(number)s. Name the carrier.")
        return Refusal("order.ambiguous_tracking_number", words, about, "/carrier")
    return max(fitting, key=lambda one: (one.since, one.shipment_id)).shipment_id


def state_of(said: TrackingSaid, *, carrier: str, own: Mapping[tuple[str, str], str]) -> TrackingState | None:
    """What an event means: as whoever tells it says, as the company mapped its code, or as the carrier's words are known."""
    code = folded_code(said.code)
    if said.state is not None:
        return said.state
    for mapped in ((carrier, code), ("", code)):
        if mapped in own:
            return TrackingState(own[mapped])
    if code in set(TrackingState):
        return TrackingState(code)
    return CARRIER_WORDS.get(carrier, {}).get(code) or COMMON_WORDS.get(code)


_ATTEMPTED, _RETURNING = TrackingState.ATTEMPTED, TrackingState.RETURNING

COMMON_WORDS: Final[Mapping[str, TrackingState]] = {
    "集荷": TrackingState.ACCEPTED, "輸送中": TrackingState.IN_TRANSIT, "配達中": TrackingState.OUT_FOR_DELIVERY,
    "持出中": TrackingState.OUT_FOR_DELIVERY, "配達完了": TrackingState.DELIVERED, "配達終了": TrackingState.DELIVERED,
    "不在": _ATTEMPTED, "ご不在": _ATTEMPTED, "保管中": TrackingState.AT_DEPOT, "調査中": TrackingState.EXCEPTION,
    "返送": _RETURNING, "返送中": _RETURNING, "返品": _RETURNING, "返送済み": TrackingState.RETURNED,
}  # fmt: skip
"""Words that mean the same with everybody."""

CARRIER_WORDS: Final[Mapping[str, Mapping[str, TrackingState]]] = {
    "yamato": {
        "荷物受付": TrackingState.ACCEPTED, "発送済み": TrackingState.IN_TRANSIT, "発送": TrackingState.IN_TRANSIT,
        "作業店通過": TrackingState.IN_TRANSIT, "配達準備中": TrackingState.AT_DEPOT, "ご来店予定": TrackingState.WAITING_PICKUP,
        "配達日・時間帯指定(保管中)": TrackingState.AT_DEPOT, "持戻(ご不在)": _ATTEMPTED, "ご不在(宅配ボックス不可)": _ATTEMPTED,
        "投函完了": TrackingState.DELIVERED, "宅配ボックス入庫完了": TrackingState.DELIVERED, "調査中(お問合せください)": TrackingState.EXCEPTION,
    },
    "sagawa": {
        "お荷物をお預かり致しました": TrackingState.ACCEPTED, "輸送中です": TrackingState.IN_TRANSIT, "只今配達中です": TrackingState.OUT_FOR_DELIVERY,
        "配達終了です": TrackingState.DELIVERED, "ご不在でした": _ATTEMPTED, "保管中です": TrackingState.AT_DEPOT, "返送致しました": _RETURNING,
    },
    "japanpost": {
        "引受": TrackingState.ACCEPTED, "中継": TrackingState.IN_TRANSIT, "通過": TrackingState.IN_TRANSIT, "発送": TrackingState.IN_TRANSIT,
        "到着": TrackingState.AT_DEPOT, "持ち出し中": TrackingState.OUT_FOR_DELIVERY, "ご不在のため持ち戻り": _ATTEMPTED,
        "保管": TrackingState.AT_DEPOT, "窓口でお渡し": TrackingState.DELIVERED, "お届け先にお届け済み": TrackingState.DELIVERED,
        "お届け済み": TrackingState.DELIVERED, "差出人に返送": _RETURNING, "差出人に返送済み": TrackingState.RETURNED,
    },
}  # fmt: skip
"""The words on carriers' own pages (as of 2026-11). Their contract files use codes of their own: these are the company's to map."""

DUE_DAYS, SILENT_DAYS, ATTEMPT_DAYS = 3, 3, 2
"""Where a company wrote down no terms: days until a parcel is there, without a word, and after nobody was in."""
