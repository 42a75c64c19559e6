"""Gifts of drafts are agreed on: what is chosen is looked up, judged and charged for. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from catalog.rules import Offer, PurchaseType
from core.errors import Refusal
from core.words import gettext_noop as _
from orders.queries import gift_masters
from orders.rules import (
    NEUTRAL,
    AgreedGift,
    ChangeItem,
    ChangeKind,
    FeeKind,
    GiftGoods,
    GiftMasters,
    GiftPart,
    GiftRule,
    GiftWish,
    OrderDraft,
    ProfileRow,
    Profiles,
    Refused,
    StandingOrder,
    StandingPlace,
    Workflow,
    agree_gift,
    gift_clashes,
    gift_said,
    goes_to_another,
    pieces_of,
    strictest,
    wish_of_text,
)


def gifts_of(
    drafts: Sequence[OrderDraft], offered: Mapping[int, Sequence[Offer]], *, profiles: Profiles, on: date
) -> dict[int, tuple[AgreedGift, ...] | Refused]:
    """What was agreed of the gifts of every draft that has some, by the draft's place; one statement, none where no draft has any.

    What the profiles of the goods refuse is refused here; what they require is a gate of placing.
    """
    needs = {key: _needs(drafts[key], offered[key], profiles) for key in offered}
    giving = [
        key for key in offered if any(_wish(d.gift, n) is not None for d, n in zip(drafts[key].destinations, needs[key], strict=True))
    ]
    found: dict[int, tuple[AgreedGift, ...] | Refused] = {
        key: Refused(faults) for key in offered if key not in giving and (faults := _unwanted(drafts[key], needs[key]))
    }
    if not giving:
        return found
    variants = {offer.variant_id for key in giving for offer in offered[key]}
    masters = gift_masters(drafts[giving[0]].company_id, on=on, variant_ids=sorted(variants))
    for key in giving:
        draft = drafts[key]
        wishes = [_wish(d.gift, n) for d, n in zip(draft.destinations, needs[key], strict=True)]
        answers = [
            agree_gift(
                wish,
                message=destination.gift_message,
                destination=number,
                goods=goods_for(draft, offered[key], destination=number),
                masters=masters,
                brand_id=draft.brand_id,
                to_another=goes_to_another(draft, number),
                needs=needs[key][number - 1],
            )
            for number, (destination, wish) in enumerate(zip(draft.destinations, wishes, strict=True), 1)
            if wish is not None
        ]
        numbers = [n for n, wish in enumerate(wishes) if wish is not None]
        faults = tuple(
            fault.at(f"/destinations/{n}{fault.field}")
            for n, answer in zip(numbers, answers, strict=True)
            if not isinstance(answer, AgreedGift)
            for fault in answer
        ) + _unwanted(draft, needs[key])
        found[key] = Refused(faults) if faults else tuple(a for a in answers if isinstance(a, AgreedGift))
    return found


def _needs(draft: OrderDraft, offers: Sequence[Offer], profiles: Profiles) -> list[Workflow]:
    """What the goods of every destination ask of its gift."""
    if not profiles.rows:
        return [NEUTRAL] * len(draft.destinations)
    found: list[list[ProfileRow]] = [[] for _destination in draft.destinations]
    for line, offer in zip(draft.lines, offers, strict=True):
        profile = profiles.of(offer.workflow_profile, line.purchase_type)
        if profile is not None:
            found[line.destination - 1].append(profile)
    return [strictest(own) for own in found]


def _wish(wish: GiftWish | None, needs: Workflow) -> GiftWish | None:
    """A gift of which nothing is wished, where prices stay hidden by themselves."""
    if wish is None and needs.gifts.get(GiftPart.HIDDEN_PRICES) is GiftRule.REQUIRED:
        return GiftWish()
    return wish


def _unwanted(draft: OrderDraft, needs: Sequence[Workflow]) -> tuple[Refusal, ...]:
    """Messages to destinations that are no gifts, where the goods take none."""
    return tuple(
        fault.at(f"/destinations/{n}{fault.field}")
        for n, (to, own) in enumerate(zip(draft.destinations, needs, strict=True))
        if _wish(to.gift, own) is None
        for fault in gift_clashes(own, gift_said(None, to.gift_message))
    )


def goods_for(draft: OrderDraft, offers: Sequence[Offer], *, destination: int) -> list[GiftGoods]:
    """What of a draft goes to one of its destinations."""
    return [
        GiftGoods(
            product_id=offer.product_id, variant_id=offer.variant_id, name=f"{offer.name} {offer.option}".strip(), quantity=line.quantity
        )
        for line, offer in zip(draft.lines, offers, strict=True)
        if line.destination == destination
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftChange:
    """The gift of a destination as it would be; None where it would be none."""

    position: int
    destination_id: int
    gift: AgreedGift | None
    message: str


def changed_gifts(
    order: StandingOrder, items: Sequence[ChangeItem], offers: Mapping[str, Offer], *, profiles: Profiles, on: date
) -> list[GiftChange] | Refused:
    """The gifts that a change touches: those whose fields change, and those of which more or less is to be wrapped.

    One statement, none where no gift is touched. Fees that were invoiced cannot become others. Faults point at the items' places.
    """
    more = any(item.kind in (ChangeKind.QUANTITY, ChangeKind.ADDED) for item in items)
    named = {item.target for item in items if item.kind is ChangeKind.GIFT}
    touched = [p for p in order.destinations if str(p.position) in named or (more and p.gift is not None and not p.has_left)]
    if not touched:
        return []
    pieces = pieces_of(order, items)
    variants = {n.line.variant_id if n.line else offers[n.sku].variant_id for n in pieces}
    masters = gift_masters(order.company_id, on=on, variant_ids=sorted(variants))
    found: list[GiftChange] = []
    faults: list[Refusal] = []
    for place in touched:
        answer = _changed_gift(order, place, items, offers, masters, profiles)
        if isinstance(answer, GiftChange):
            found.append(answer)
        else:
            faults += [fault.at(_at_item(fault.field, place, items)) for fault in answer]
    return Refused(tuple(faults)) if faults else found


def _changed_gift(
    order: StandingOrder,
    place: StandingPlace,
    items: Sequence[ChangeItem],
    offers: Mapping[str, Offer],
    masters: GiftMasters,
    profiles: Profiles,
) -> GiftChange | Sequence[Refusal]:
    said = {item.field: item.after for item in items if item.kind is ChangeKind.GIFT and item.target == str(place.position)}
    wish, message = wish_of_text({**place.given, **said})
    if wish is None:
        answer: AgreedGift | tuple[Refusal, ...] = AgreedGift(destination=place.position)
    else:
        before = place.gift
        answer = agree_gift(
            wish,
            message=message,
            destination=place.position,
            goods=_goods_after(order, place, items, offers, masters),
            masters=masters,
            brand_id=order.brand_id,
            to_another=True,
            kept={before.noshi, before.wrapping, before.card} if before else (),
            needs=_needs_after(order, place, items, offers, profiles) if profiles.rows else NEUTRAL,
        )
    if not isinstance(answer, AgreedGift):
        return answer
    standing = [fee for fee in order.fees if fee.destination == place.position and fee.kind is FeeKind.GIFT]
    if any(fee.invoiced for fee in standing) and sorted(fee.told for fee in standing) != sorted(
        (f.kind, f.label, f.amount, f.tax_class) for f in answer.fees
    ):
        words = _("What noshi, wrapping and card cost has been invoiced already. Leave them as they are, or issue a credit note.")
        return [Refusal("gift.invoiced", words, {}, "/gift/wrapping")]
    return GiftChange(
        position=place.position, destination_id=place.destination_id, gift=answer if wish is not None else None, message=message
    )


def _needs_after(
    order: StandingOrder, place: StandingPlace, items: Sequence[ChangeItem], offers: Mapping[str, Offer], profiles: Profiles
) -> Workflow:
    """What the goods that go to a destination ask of its gift, once the items are done."""
    asked = [
        (piece.line.profile, piece.line.purchase_type) if piece.line else (offers[piece.sku].workflow_profile, PurchaseType.NORMAL)
        for piece in pieces_of(order, items)
        if (piece.line.destination if piece.line else 1) == place.position
    ]
    return strictest([profile for code, form in asked if (profile := profiles.of(code, form)) is not None])


def _goods_after(
    order: StandingOrder, place: StandingPlace, items: Sequence[ChangeItem], offers: Mapping[str, Offer], masters: GiftMasters
) -> list[GiftGoods]:
    """What goes to a destination once the items are done; what is added goes to the first."""
    found = []
    for piece in pieces_of(order, items):
        line = piece.line
        if (line.destination if line else 1) != place.position:
            continue
        variant = line.variant_id if line else offers[piece.sku].variant_id
        quantity = piece.quantity if line is None or piece.is_new else piece.quantity - line.cancelled_quantity
        name = line.name if line else offers[piece.sku].name
        found.append(GiftGoods(product_id=masters.products.get(variant, 0), variant_id=variant, name=name, quantity=max(quantity, 0)))
    return found


def _at_item(pointer: str, place: StandingPlace, items: Sequence[ChangeItem]) -> str:
    """The item that a fault of a gift is about; the first of this gift where its field was not changed."""
    name = "message" if pointer == "/gift_message" else pointer.rsplit("/", 1)[-1]
    own = [n for n, item in enumerate(items) if item.kind is ChangeKind.GIFT and item.target == str(place.position)]
    exact = next((n for n in own if items[n].field == name), own[0] if own else None)
    return "/items" if exact is None else f"/items/{exact}/after"
