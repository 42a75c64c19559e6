"""Orders of outside counters as the house understands them, whatever way a counter writes them. Pure."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from core.errors import Refusal
from core.words import gettext_noop as _
from customers.rules import Person, PlaceOfDelivery

MOST_PART = 100_000
"""Characters of an order's own part of a document that are kept beside it; the document itself is kept whole."""


class Standing(StrEnum):
    """How an order stands at the outside counter."""

    OPEN = "open"
    """It is to be shipped."""
    UNCONFIRMED = "unconfirmed"
    """Not paid, not confirmed, or without an address yet."""
    CANCELLED = "cancelled"
    CLOSED = "closed"
    """It was shipped already, or the counter ships it itself."""

    @classmethod
    def labels(cls) -> dict[str, str]:
        return {
            cls.OPEN: _("To be shipped"),
            cls.UNCONFIRMED: _("Not confirmed there yet"),
            cls.CANCELLED: _("Cancelled there"),
            cls.CLOSED: _("Closed there"),
        }


class IntakeState(StrEnum):
    """How far an outside order has come here."""

    NEW = "new"
    WAITING = "waiting"
    PLACED = "placed"
    REFUSED = "refused"
    PERSON = "person"
    CHANGED = "changed"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    PASSED = "passed"

    @classmethod
    def labels(cls) -> dict[str, str]:
        return {
            cls.NEW: _("To be placed"),
            cls.WAITING: _("Waits for the counter"),
            cls.PLACED: _("Placed"),
            cls.REFUSED: _("Could not be placed"),
            cls.PERSON: _("A person decides"),
            cls.CHANGED: _("Changed there afterwards"),
            cls.CANCELLING: _("To be cancelled"),
            cls.CANCELLED: _("Cancelled there"),
            cls.PASSED: _("Nothing to do here"),
        }


WORK = frozenset({IntakeState.REFUSED, IntakeState.PERSON, IntakeState.CHANGED})
"""States that somebody works off."""
STANDS = frozenset({IntakeState.PLACED, IntakeState.CHANGED, IntakeState.CANCELLING})
"""States in which an order of ours stands for it."""


class IntakeFate(StrEnum):
    """What became of an order that a document told of."""

    NEW = "new"
    KNOWN = "known"
    RENEWED = "renewed"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    UNREADABLE = "unreadable"

    @classmethod
    def labels(cls) -> dict[str, str]:
        return {
            cls.NEW: _("New order"),
            cls.KNOWN: _("Known already"),
            cls.RENEWED: _("Told anew"),
            cls.CHANGED: _("Changed there afterwards"),
            cls.CANCELLED: _("Cancelled there"),
            cls.UNREADABLE: _("Unreadable"),
        }


class DocumentState(StrEnum):
    """What was done with a document."""

    PREVIEW = "preview"
    RECEIVED = "received"
    DONE = "done"
    PARTLY = "partly"
    FAILED = "failed"
    DISCARDED = "discarded"

    @classmethod
    def labels(cls) -> dict[str, str]:
        return {
            cls.PREVIEW: _("Looked at only"),
            cls.RECEIVED: _("Received"),
            cls.DONE: _("Taken in"),
            cls.PARTLY: _("Partly taken in"),
            cls.FAILED: _("Nothing taken in"),
            cls.DISCARDED: _("Thrown away"),
        }


class NoticeState(StrEnum):
    """How far the telling of a counter has come that a parcel left."""

    DUE = "due"
    SENT = "sent"
    FAILED = "failed"
    """It was declined for good, or tried too often: somebody must look."""

    @classmethod
    def labels(cls) -> dict[str, str]:
        return {cls.DUE: _("To be told"), cls.SENT: _("Told"), cls.FAILED: _("Declined")}


class NoticeWay(StrEnum):
    """How a counter is told that parcels left."""

    NONE = "none"
    FILE = "file"
    CALL = "call"

    @classmethod
    def labels(cls) -> dict[str, str]:
        return {cls.NONE: _("Not at all"), cls.FILE: _("By file"), cls.CALL: _("By calling its interface")}


class CodeKind(StrEnum):
    """What a word of a counter stands for."""

    PAYMENT = "payment"
    TIME_BAND = "time_band"
    CARRIER = "carrier"
    STATUS = "status"
    NOSHI = "noshi"
    WRAPPING = "wrapping"

    @classmethod
    def labels(cls) -> dict[str, str]:
        return {
            cls.PAYMENT: _("Way to pay"),
            cls.TIME_BAND: _("Time band"),
            cls.CARRIER: _("Carrier"),
            cls.STATUS: _("Status of an order"),
            cls.NOSHI: _("Noshi"),
            cls.WRAPPING: _("Wrapping"),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideLine:
    """A line as the counter wrote it; prices in whole yen with tax."""

    line: str
    codes: tuple[str, ...]
    """Every code it may be known by, the most telling first: SKU, product code, JAN."""
    name: str = ""
    quantity: int
    unit_price: int
    discount: int = 0
    destination: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideDestination:
    """Where a part of it goes; ``time_band`` in the counter's words."""

    place: PlaceOfDelivery
    wished_on: date | None = None
    time_band: str = ""
    is_gift: bool = False
    gift_message: str = ""
    ref: str = ""
    """The counter's own number of it, which it wants to hear when a parcel leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideFee:
    """Postage and the like, with tax; ``kind`` as our orders name it."""

    kind: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideOrder:
    """An order of an outside counter. ``total`` is what we get for it: what the counter itself pays (``borne``) is part of it."""

    number: str
    standing: Standing
    person: Person
    destinations: tuple[OutsideDestination, ...]
    lines: tuple[OutsideLine, ...]
    fees: tuple[OutsideFee, ...] = ()
    shop_discount: int = 0
    """Coupons that the shop itself pays."""
    borne: tuple[tuple[str, int], ...] = ()
    """Points and coupons that the counter pays to us: (what, amount)."""
    total: int
    payment: str = ""
    remark: str = ""
    notes: tuple[str, ...] = ()
    """What staff should read: gift paper, wrapping."""
    ref: str = ""
    """The counter's inner number of the order, where its interface asks for it."""
    ordered_at: str = ""
    said_at: str = ""
    """When the counter last changed it, comparable as text; "" where it doesn't say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOrder:
    """An order found in a document, with the part it was read from."""

    row: int
    part: str
    order: OutsideOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A part of a document that is no order, with every reason."""

    row: int
    number: str
    part: str
    faults: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDocument:
    """What a document says."""

    encoding: str
    found: tuple[ReadOrder | Unreadable, ...]


def said_of(order: OutsideOrder) -> dict[str, Any]:
    """The order as plain values, for keeping."""
    said: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(order), default=_plain))
    return said


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def order_from(said: Mapping[str, Any]) -> OutsideOrder:
    """The order that was kept."""
    person = {**said["person"], "birth_on": None}
    return OutsideOrder(
        **{
            **said,
            "standing": Standing(said["standing"]),
            "person": Person(**person),
            "destinations": tuple(
                OutsideDestination(
                    **{
                        **to,
                        "place": PlaceOfDelivery(**to["place"]),
                        "wished_on": date.fromisoformat(to["wished_on"]) if to["wished_on"] else None,
                    }
                )
                for to in said["destinations"]
            ),
            "lines": tuple(OutsideLine(**{**line, "codes": tuple(line["codes"])}) for line in said["lines"]),
            "fees": tuple(OutsideFee(**fee) for fee in said["fees"]),
            "borne": tuple((what, amount) for what, amount in said["borne"]),
            "notes": tuple(said["notes"]),
        }
    )


_AGREED = ("person", "destinations", "lines", "fees", "shop_discount", "borne", "total", "payment", "remark", "notes")


def digest_of(said: Mapping[str, Any]) -> str:
    """The fingerprint of what was agreed; how the order stands at the counter, and since when, is no part of it."""
    agreed = {name: said[name] for name in _AGREED}
    return hashlib.sha256(json.dumps(agreed, sort_keys=True, ensure_ascii=False).encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True, slots=True)
class Difference:
    """What is another now: the field, what it was, what it is."""

    field: str
    before: str
    now: str

    @property
    def is_personal(self) -> bool:
        """Whether a person's name, address or words may stand in it."""
        return self.field.split("/")[0] in ("person", "destinations", "remark", "notes")


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Difference]:
    """Every agreed value that the counter tells otherwise now, field by field."""
    found: list[Difference] = []
    for name in _AGREED:
        _compare(name, before.get(name), now.get(name), found)
    return found


def _compare(field: str, before: Any, now: Any, found: list[Difference]) -> None:
    if before == now:
        return
    if isinstance(before, dict) and isinstance(now, dict):
        for name in sorted({*before, *now}):
            _compare(f"{field}/{name}", before.get(name), now.get(name), found)
    elif isinstance(before, list) and isinstance(now, list) and before and now and isinstance(before[0], dict):
        for place in range(max(len(before), len(now))):
            _compare(
                f"{field}/{place + 1}", before[place] if place < len(before) else None, now[place] if place < len(now) else None, found
            )
    else:
        found.append(Difference(field, _shown(before), _shown(now)))


def _shown(value: Any) -> str:
    if value is None or value == "":
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownIntake:
    """What is kept of an outside order."""

    state: IntakeState
    digest: str
    agreed_digest: str
    """Of what our order was placed by; "" where none stands."""
    standing: Standing
    said_at: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What a telling does to an outside order."""

    state: IntakeState
    fate: IntakeFate
    keep: bool
    """Whether what it says takes the place of what was kept."""


_FRESH = {
    Standing.OPEN: IntakeState.NEW,
    Standing.UNCONFIRMED: IntakeState.WAITING,
    Standing.CANCELLED: IntakeState.CANCELLED,
    Standing.CLOSED: IntakeState.PASSED,
}


def step(known: KnownIntake | None, standing: Standing, digest: str, said_at: str = "") -> Step:
    """What happens when a counter tells of an order, for the first time or again. Older news than what is known says nothing."""
    if known is None:
        return Step(_FRESH[standing], IntakeFate.CANCELLED if standing is Standing.CANCELLED else IntakeFate.NEW, True)
    if said_at and known.said_at and said_at < known.said_at:
        return Step(known.state, IntakeFate.KNOWN, False)
    if known.state in STANDS:
        return _of_standing_order(known, standing, digest)
    if (digest, standing) == (known.digest, known.standing):
        return Step(known.state, IntakeFate.KNOWN, False)
    if known.agreed_digest:  # our order was cancelled, and the counter tells something else now
        reopened = standing in (Standing.OPEN, Standing.UNCONFIRMED)
        return Step(IntakeState.PERSON if reopened else known.state, IntakeFate.CHANGED if reopened else IntakeFate.KNOWN, True)
    fate = IntakeFate.CANCELLED if standing is Standing.CANCELLED else IntakeFate.RENEWED
    return Step(_FRESH[standing], fate, True)


def _of_standing_order(known: KnownIntake, standing: Standing, digest: str) -> Step:
    if known.state is IntakeState.CANCELLING:
        return Step(known.state, IntakeFate.KNOWN, False)
    if standing is Standing.CANCELLED:
        return Step(IntakeState.CANCELLING, IntakeFate.CANCELLED, True)
    if digest == known.agreed_digest:
        return Step(IntakeState.PLACED, IntakeFate.KNOWN, digest != known.digest or standing is not known.standing)
    if digest == known.digest:
        return Step(known.state, IntakeFate.KNOWN, standing is not known.standing)
    return Step(IntakeState.CHANGED, IntakeFate.CHANGED, True)


def twins(found: Sequence[ReadOrder | Unreadable]) -> tuple[ReadOrder | Unreadable, ...]:
    """One entry per outside number: the same order told twice stands once, one told in two ways is unreadable."""
    first: dict[str, ReadOrder] = {}
    bad: dict[str, ReadOrder] = {}
    kept: list[ReadOrder | Unreadable] = []
    for one in found:
        if isinstance(one, Unreadable):
            kept.append(one)
        elif (before := first.get(one.order.number)) is None:
            first[one.order.number] = one
            kept.append(one)
        elif before.order != one.order:
            bad[one.order.number] = one
    return tuple(
        Unreadable(row=one.row, number=one.order.number, part=one.part, faults=(_told_twice(one.row, bad[one.order.number]),))
        if isinstance(one, ReadOrder) and one.order.number in bad
        else one
        for one in kept
    )


def _told_twice(row: int, other: ReadOrder) -> Refusal:
    return Refusal(
        "intake.told_twice",
        _(
            "Order %(number)s stands in the document twice, at %(first)s and at %(second)s, with different content."
            " Ask the counter for a fresh document."
        ),
        {"number": other.order.number, "first": row, "second": other.row},
        "/number",
    )
