"""Gifts: noshi, wrapping, cards and whose name stands on the parcel. Pure; what is offered are masters, see ADR 0031."""

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from core.errors import Refusal
from core.words import gettext_noop as _
from orders.rules.drafts import DraftFee, GiftWish
from orders.rules.gift_kinds import Knot, NoshiPlacement
from orders.rules.profiles import NEUTRAL, GiftSaid, Workflow, gift_clashes, prices_hidden
from orders.rules.statuses import FeeKind

MOST_NAMES = 5
"""More lines of names no noshi takes: from there on one writes 「一同」 or adds a list."""
LONGEST_SENDER = 80
LONGEST_MESSAGE = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class NoshiRow:
    """A noshi as the company offers it: what is written above (表書き), its knot, and how many names it takes."""

    id: int
    code: str
    name: str
    knot: Knot
    fee: int
    tax_class: str
    brand_id: int | None = None
    own_title: bool = False
    most_names: int = 3
    longest_name: int = 12
    is_offered: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappingRow:
    """A wrapping as the company offers it; ``largest_size`` is the parcel size it fits at most, ``by_piece`` wraps each by itself."""

    id: int
    code: str
    name: str
    fee: int
    tax_class: str
    brand_id: int | None = None
    by_piece: bool = False
    largest_size: int | None = None
    is_offered: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRow:
    """A message card as the company offers it, and how much fits on it."""

    id: int
    code: str
    name: str
    fee: int
    tax_class: str
    brand_id: int | None = None
    most_characters: int = 100
    most_lines: int = 5
    is_offered: bool = True


Row = TypeVar("Row", NoshiRow, WrappingRow, CardRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """Words and a knot that do not go together: refused, or only said."""

    title: str
    knot: Knot
    is_refused: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftMasters:
    """What a company offers with gifts on a day, by code, and what of its goods is not wrapped.

    ``barred`` are (product, wrapping code), the code "" standing for noshi and every wrapping; ``sizes`` and
    ``products`` are those of the variants asked for.
    """

    noshi: Mapping[str, NoshiRow] = field(default_factory=dict)
    wrappings: Mapping[str, WrappingRow] = field(default_factory=dict)
    cards: Mapping[str, CardRow] = field(default_factory=dict)
    pairings: tuple[Pairing, ...] = ()
    barred: frozenset[tuple[int, str]] = frozenset()
    sizes: Mapping[int, int] = field(default_factory=dict)
    products: Mapping[int, int] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not (self.noshi or self.wrappings or self.cards)


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftGoods:
    """Something that is to be wrapped."""

    product_id: int
    variant_id: int
    name: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedGift:
    """What was agreed of a destination's gift, in the words of that day, and what it costs."""

    destination: int
    noshi_id: int | None = None
    noshi_name: str = ""
    title: str = ""
    knot: Knot | None = None
    placement: NoshiPlacement = NoshiPlacement.INSIDE
    names: tuple[str, ...] = ()
    wrapping_id: int | None = None
    wrapping_name: str = ""
    card_id: int | None = None
    card_name: str = ""
    sender_name: str = ""
    hides_prices: bool = True
    fees: tuple[DraftFee, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftFacts:
    """What whoever packs a parcel, prints its papers or its label must know of it; empty where it is no gift."""

    shipment_id: int
    is_gift: bool = False
    hides_prices: bool = False
    """No price, total or invoice goes into the parcel."""
    sender_name: str = ""
    """依頼主: the name the recipient reads as the sender's; empty stands for the buyer."""
    noshi_name: str = ""
    title: str = ""
    knot: Knot | None = None
    placement: NoshiPlacement = NoshiPlacement.INSIDE
    names: tuple[str, ...] = ()
    wrapping_name: str = ""
    wraps_each: bool = False
    card_name: str = ""
    message: str = ""

    @property
    def has_noshi(self) -> bool:
        return bool(self.noshi_name)


def same_words(text: str) -> str:
    """The words of a noshi as they are compared: 御 and お, width and blanks make no difference.

    >>> same_words("御 中元") == same_words("お中元")
    True
    """
    told = "".join(unicodedata.normalize("NFKC", text).split())
    return "お" + told[1:] if told[:1] in ("御", "お") else told


def pairing_of(title: str, knot: Knot | None, pairings: Iterable[Pairing]) -> Pairing | None:
    """What stands against these words on this knot; a refusal goes before a warning."""
    found = [p for p in pairings if knot is not None and p.knot == knot and same_words(p.title) == same_words(title)]
    return min(found, key=lambda p: not p.is_refused, default=None)


def offered_to(rows: Iterable[Row], *, brand_id: int | None) -> list[Row]:
    """Of some masters those that a brand offers today."""
    return [row for row in rows if row.is_offered and row.brand_id in (None, brand_id)]


def agree_gift(
    wish: GiftWish,
    *,
    message: str,
    destination: int,
    goods: Sequence[GiftGoods],
    masters: GiftMasters,
    brand_id: int | None,
    to_another: bool,
    kept: Collection[str] = (),
    needs: Workflow = NEUTRAL,
) -> AgreedGift | tuple[Refusal, ...]:
    """The gift as agreed, with its fees, or every reason why not; pointers are those of a draft's destination.

    ``kept`` are codes that were agreed on before and may be offered no more. Prices are hidden where the profile of the goods says so,
    else where the buyer did, else where it goes ``to_another``.
    """
    faults: list[Refusal] = gift_clashes(needs, gift_said(wish, message))
    noshi = _offered(wish.noshi, masters.noshi, brand_id, kept, "noshi", faults)
    wrapping = _offered(wish.wrapping, masters.wrappings, brand_id, kept, "wrapping", faults)
    card = _offered(wish.card, masters.cards, brand_id, kept, "card", faults)
    if noshi is not None:
        faults += _noshi_faults(wish, noshi, masters)
        faults += _barred(goods, masters, "", "noshi")
    elif not wish.noshi and (wish.title or wish.names):
        words = _("Choose the noshi that the words or names shall stand on.")
        faults.append(Refusal("gift.noshi_missing", words, {}, "/gift/noshi"))
    if wrapping is not None:
        faults += _barred(goods, masters, wrapping.code, "wrapping") or _too_large(goods, wrapping, masters)
    faults += _message_faults(message, card)
    if len(wish.sender_name) > LONGEST_SENDER:
        faults.append(_too_long(LONGEST_SENDER, "/gift/sender_name"))
    if faults:
        return tuple(faults)
    return AgreedGift(
        destination=destination,
        noshi_id=noshi.id if noshi else None,
        noshi_name=noshi.name if noshi else "",
        title=(wish.title.strip() or noshi.name) if noshi else "",
        knot=(wish.knot or noshi.knot) if noshi else None,
        placement=wish.placement,
        names=tuple(name.strip() for name in wish.names if name.strip()),
        wrapping_id=wrapping.id if wrapping else None,
        wrapping_name=wrapping.name if wrapping else "",
        card_id=card.id if card else None,
        card_name=card.name if card else "",
        sender_name=wish.sender_name.strip(),
        hides_prices=prices_hidden(needs, wish.hides_prices, to_another=to_another),
        fees=_fees(noshi, wrapping, card, goods=goods, destination=destination),
    )


def gift_said(wish: GiftWish | None, message: str) -> GiftSaid:
    """What of a gift was chosen, as profiles ask."""
    if wish is None:
        return GiftSaid(message=bool(message.strip()))
    return GiftSaid(
        noshi=bool(wish.noshi), wrapping=bool(wish.wrapping), message=bool(message.strip()), sender=bool(wish.sender_name.strip()),
        hides_prices=wish.hides_prices,
    )  # fmt: skip


def gift_warnings(wish: GiftWish, *, masters: GiftMasters) -> list[Refusal]:
    """What somebody should think over before it is printed, though nothing forbids it."""
    noshi = masters.noshi.get(wish.noshi)
    if noshi is None:
        return []
    found = pairing_of(wish.title or noshi.name, wish.knot or noshi.knot, masters.pairings)
    return [Refusal("gift.unlucky", found.why.replace("%", "%%"), {}, "/gift/knot")] if found and not found.is_refused else []


def _offered(
    code: str, rows: Mapping[str, Row], brand_id: int | None, kept: Collection[str], name: str, faults: list[Refusal]
) -> Row | None:
    if not code:
        return None
    row = rows.get(code)
    if row is None or not ((row.is_offered and row.brand_id in (None, brand_id)) or code in kept):
        words = _("“%(code)s” is not offered here now. Choose another.")
        faults.append(Refusal("gift.not_offered", words, {"code": code}, f"/gift/{name}"))
        return None
    return row


def _noshi_faults(wish: GiftWish, noshi: NoshiRow, masters: GiftMasters) -> Iterable[Refusal]:
    if wish.title and same_words(wish.title) != same_words(noshi.name) and not noshi.own_title:
        words = _("“%(noshi)s” comes with these words only. Choose the noshi for words of your own.")
        yield Refusal("gift.title_fixed", words, {"noshi": noshi.name}, "/gift/title")
    if noshi.own_title and not wish.title.strip():
        yield Refusal("gift.title_missing", _("Write the words that shall stand on the noshi."), {}, "/gift/title")
    if len(wish.title) > LONGEST_TITLE:
        yield _too_long(LONGEST_TITLE, "/gift/title")
    names = [name for name in wish.names if name.strip()]
    if len(names) > noshi.most_names:
        if noshi.most_names:
            words = _("At most %(most)s names fit on this noshi, the first to the right. Write “and all of us” instead of the rest.")
        else:
            words = _("This noshi carries no name.")
        yield Refusal("gift.too_many_names", words, {"most": noshi.most_names}, "/gift/names")
    elif any(len(name.strip()) > noshi.longest_name for name in names):
        words = _("A name takes at most %(most)s characters on this noshi.")
        yield Refusal("gift.name_too_long", words, {"most": noshi.longest_name}, "/gift/names")
    unlucky = pairing_of(wish.title or noshi.name, wish.knot or noshi.knot, masters.pairings)
    if unlucky is not None and unlucky.is_refused:
        yield Refusal("gift.unlucky", unlucky.why.replace("%", "%%"), {}, "/gift/knot")


LONGEST_TITLE = 12


def _barred(goods: Sequence[GiftGoods], masters: GiftMasters, wrapping: str, name: str) -> list[Refusal]:
    for one in goods:
        if (one.product_id, "") in masters.barred or (wrapping and (one.product_id, wrapping) in masters.barred):
            words = _("%(name)s cannot be wrapped so. Send it to another address of the order, or leave this out.")
            return [Refusal("gift.not_for_goods", words, {"name": one.name}, f"/gift/{name}")]
    return []


def _too_large(goods: Sequence[GiftGoods], wrapping: WrappingRow, masters: GiftMasters) -> list[Refusal]:
    most = wrapping.largest_size
    for one in goods:
        if most is not None and masters.sizes.get(one.variant_id, 0) > most:
            words = _("%(name)s is too large for “%(wrapping)s”. Choose another wrapping.")
            return [Refusal("gift.too_large", words, {"name": one.name, "wrapping": wrapping.name}, "/gift/wrapping")]
    return []


def _message_faults(message: str, card: CardRow | None) -> Iterable[Refusal]:
    if len(message) > LONGEST_MESSAGE:
        yield _too_long(LONGEST_MESSAGE, "/gift_message")
    elif card is not None and not message.strip():
        yield Refusal("gift.message_missing", _("Write the message for the card, or leave the card out."), {}, "/gift_message")
    elif card is not None and (len("".join(message.split())) > card.most_characters or len(message.strip().splitlines()) > card.most_lines):
        words = _("The card takes %(characters)s characters in %(lines)s lines.")
        yield Refusal("gift.message_too_long", words, {"characters": card.most_characters, "lines": card.most_lines}, "/gift_message")


def _too_long(limit: int, pointer: str) -> Refusal:
    return Refusal("order.too_long", _("At most %(limit)s characters fit here."), {"limit": limit}, pointer)


def _fees(
    noshi: NoshiRow | None, wrapping: WrappingRow | None, card: CardRow | None, *, goods: Sequence[GiftGoods], destination: int
) -> tuple[DraftFee, ...]:
    """What noshi, wrapping and card cost; wrapping by the piece says how many."""
    pieces = sum(one.quantity for one in goods)
    found = []
    for row in (noshi, wrapping, card):
        if row is not None and row.fee:
            times = pieces if isinstance(row, WrappingRow) and row.by_piece else 1
            if not times:
                continue
            label = row.name if times == 1 else f"{row.name} × {times}"
            found.append(DraftFee(kind=FeeKind.GIFT, label=label, amount=row.fee * times, tax_class=row.tax_class, destination=destination))
    return tuple(found)


GIFT_FIELDS = ("noshi", "title", "knot", "placement", "names", "wrapping", "card", "message", "sender_name", "hides_prices")
"""What of a destination's gift can be changed, each as text; names one a line, hidden prices "1", "0" or "" for as usual."""


GIFT_LIMITS = {"title": LONGEST_TITLE, "names": 220, "message": LONGEST_MESSAGE, "sender_name": LONGEST_SENDER}
_CHOICES: Mapping[str, Collection[str]] = {"knot": set(Knot), "placement": set(NoshiPlacement), "hides_prices": {"0", "1"}}


def gift_text_fault(name: str, text: str) -> Refusal | None:
    """What is wrong with a field of a gift by itself; whether it goes with the others is for ``agree_gift``."""
    limit = GIFT_LIMITS.get(name, 40)
    if len(text) > limit:
        return _too_long(limit, "")
    if text and name in _CHOICES and text not in _CHOICES[name]:
        return Refusal("gift.not_offered", _("“%(code)s” is not offered here now. Choose another."), {"code": text})
    return None


def wish_as_text(wish: GiftWish | None, *, message: str = "") -> dict[str, str]:
    """A wish field by field as text, as changes and forms tell it."""
    if wish is None:
        return {**dict.fromkeys(GIFT_FIELDS, ""), "message": message}
    return {
        "noshi": wish.noshi, "title": wish.title, "knot": str(wish.knot or ""), "placement": str(wish.placement) if wish.noshi else "",
        "names": "\n".join(wish.names), "wrapping": wish.wrapping, "card": wish.card, "message": message, "sender_name": wish.sender_name,
        "hides_prices": "" if wish.hides_prices is None else str(int(wish.hides_prices)),
    }  # fmt: skip


def wish_of_text(said: Mapping[str, str]) -> tuple[GiftWish | None, str]:
    """The wish that these texts tell, and its message; None where nothing at all is wished. An unreadable knot counts as the usual one."""
    told = {name: str(said.get(name) or "").replace("\r", "").strip() for name in GIFT_FIELDS}
    message = told["message"]
    if not any(value for name, value in told.items() if name not in ("message", "placement")):
        return None, message
    wish = GiftWish(
        noshi=told["noshi"],
        title=told["title"],
        knot=Knot(told["knot"]) if told["knot"] in set(Knot) else None,
        placement=NoshiPlacement(told["placement"]) if told["placement"] in set(NoshiPlacement) else NoshiPlacement.INSIDE,
        names=tuple(name.strip() for name in told["names"].splitlines() if name.strip())[: MOST_NAMES + 1],
        wrapping=told["wrapping"],
        card=told["card"],
        sender_name=told["sender_name"],
        hides_prices={"1": True, "0": False}.get(told["hides_prices"]),
    )
    return wish, message


def without_fees(gift: AgreedGift) -> AgreedGift:
    """The same gift where whoever took the order charges for it themselves."""
    return replace(gift, fees=()) if gift.fees else gift
