"""Boxes: which parcels may travel together under one label, and which are worth it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from core.errors import Refusal
from core.text import fold_dashes, name_key, postal_key, search_key
from core.words import gettext_noop as _

CASH = "cash_on_delivery"


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxParcel:
    """A planned parcel, with all that decides with whom it may travel. ``person`` is the buyer after recognition."""

    shipment_id: int
    number: str
    order_id: int
    order_number: str
    company_id: int
    location_id: int
    person: int
    box: UUID | None = None
    carrier: str = ""
    planned_on: date | None = None
    wished_on: date | None = None
    time_band: str = ""
    is_gift: bool = False
    method: str = ""
    zones: frozenset[str] = frozenset()
    is_labelled: bool = False
    name: str = ""
    country: str = "JP"
    postal_code: str = ""
    address: str = ""
    building: str = ""
    postage: int = 0
    buyer_ref: UUID | None = None

    @property
    def place(self) -> tuple[str, ...]:
        """The address, however it was typed: the same for 3−2−1 and ３-２-１."""
        code = postal_key(self.postal_code) or search_key(self.postal_code)
        # Only what decides where the carrier rings: spelling of dashes, widths and blanks doesn't.
        return (self.country, code, search_key(fold_dashes(self.address + self.building)), name_key(self.name))

    @property
    def day(self) -> date | None:
        """Not before this day."""
        return self.wished_on or self.planned_on


def box_fault(parcels: Sequence[BoxParcel]) -> Refusal | None:
    """Why these parcels cannot travel in one box, in the words of whoever packs it; None when they can."""
    first = parcels[0]
    for other in parcels[1:]:
        about = {"number": first.number, "other": other.number}
        if (other.company_id, other.location_id) != (first.company_id, first.location_id):
            words = _("%(number)s and %(other)s leave from different locations. Only what lies in one place fits in one box.")
            return Refusal("order.box_two_locations", words, about)
        if other.person != first.person:
            words = _("%(number)s and %(other)s are of different buyers. If they are one person, merge the customers first.")
            return Refusal("order.box_two_buyers", words, about)
        if other.place != first.place:
            words = _("%(number)s and %(other)s go to different addresses. Change the address of one order first, if that is a mistake.")
            return Refusal("order.box_two_addresses", words, about)
        if other.is_gift != first.is_gift:
            return Refusal("order.box_gift", _("One of %(number)s and %(other)s is a gift. Send it by itself."), about)
    return _contradiction(parcels)


def _contradiction(parcels: Sequence[BoxParcel]) -> Refusal | None:
    pair = _differing(parcels, lambda p: p.day) or _differing(parcels, lambda p: p.time_band)
    if pair:
        words = _("%(number)s and %(other)s are wished for different days or hours. Agree on one with the buyer and change the order.")
        return Refusal("order.box_two_days", words, pair)
    if pair := _differing(parcels, lambda p: p.carrier):
        words = _("%(number)s and %(other)s go with different carriers. Choose one for both under “Pieces”.")
        return Refusal("order.box_two_carriers", words, pair)
    frozen = next((p for p in parcels if "frozen" in p.zones), None)
    if frozen and (other := next((p for p in parcels if p.zones - {"frozen"}), None)):
        words = _("Frozen goods of %(number)s and %(other)s travel by themselves. Leave them apart.")
        return Refusal("order.box_two_zones", words, {"number": frozen.number, "other": other.number})
    if pair := _differing([p for p in parcels if p.method == CASH], lambda p: p.order_id):
        words = _(
            "More than one order is paid at the door, and the carrier hands over one amount per label. Change the payment of one, or leave them apart."
        )
        return Refusal("order.box_two_sums", words, pair)
    if labelled := next((p for p in parcels if p.is_labelled), None):
        words = _("Label data was made of %(number)s already. Ship it by itself, so that no printed label is left over.")
        return Refusal("order.box_labelled", words, {"number": labelled.number})
    return None


def _differing(parcels: Sequence[BoxParcel], said: Callable[[BoxParcel], object]) -> dict[str, str]:
    """The first two parcels of which something else is said; nothing where all that say anything say the same."""
    saying = [p for p in parcels if said(p)]
    other = next((p for p in saying if said(p) != said(saying[0])), None)
    return {"number": saying[0].number, "other": other.number} if other else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class LineInParcel:
    """So many units of a line are in a parcel."""

    line_ref: UUID
    sku: str
    units: int


def lines_meant(held: Sequence[LineInParcel], typed: Sequence[tuple[str, int]]) -> list[tuple[UUID, int]] | Refusal:
    """The lines of a parcel behind SKUs and quantities; an article on several lines is taken from one after another.

    What is more than is left stands on the last line of its article: it may have gone the same way before, and then whoever splits says so
    by the key of the wish.
    """
    left = {line.line_ref: line.units for line in held}
    take: list[tuple[UUID, int]] = []
    for sku, units in typed:
        wanted, own = units, [line for line in held if line.sku.upper() == sku.upper()]
        for line in own:
            now = min(wanted, left[line.line_ref])
            if now:
                take.append((line.line_ref, now))
                wanted, left[line.line_ref] = wanted - now, left[line.line_ref] - now
        if wanted and not own:
            return Refusal("order.not_in_parcel", _("Nothing of %(item)s is in this parcel."), {"item": sku[:64]}, "/lines")
        if wanted:
            take.append((own[-1].line_ref, wanted))
    return take


@dataclass(frozen=True, slots=True)
class Proposal:
    """Parcels that could travel in one box. ``postage`` is what was agreed for all but the dearest, in minor units."""

    parcels: tuple[BoxParcel, ...]

    @property
    def postage(self) -> int:
        """What could be given back: each order's own postage but that of the dearest."""
        return spare_postage(self.parcels)


def spare_postage(parcels: Iterable[BoxParcel]) -> int:
    """One postage is needed; the rest could be given back."""
    agreed = {p.order_id: p.postage for p in parcels}
    return sum(agreed.values()) - max(agreed.values(), default=0)


def propose(parcels: Iterable[BoxParcel]) -> list[Proposal]:
    """Of parcels that may leave, those of different orders that could share a box, the oldest first.

    A parcel joins the first box it fits into. What is in one box already is only proposed where another parcel fits in too.
    """
    places: dict[tuple[object, ...], list[list[BoxParcel]]] = {}
    for parcel in sorted(parcels, key=lambda p: p.shipment_id):
        key = (parcel.company_id, parcel.location_id, parcel.person, parcel.place)
        groups = places.setdefault(key, [])
        own = next((g for g in groups if parcel.box and g[0].box == parcel.box), None)
        fits = own or next((g for g in groups if not (parcel.box and g[0].box) and box_fault([*g, parcel]) is None), None)
        if fits is None:
            groups.append([parcel])
        else:
            fits.append(parcel)
    found = [group for groups in places.values() for group in groups]
    return [
        Proposal(tuple(group))
        for group in sorted(found, key=lambda g: g[0].shipment_id)
        if len({p.order_id for p in group}) > 1 and (None in {p.box for p in group} or len({p.box for p in group}) > 1)
    ]
