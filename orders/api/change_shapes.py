"""What partners may say about changes of an order, and how these are shown to them."""

from typing import Any

from core.api.shapes import Choice, Code, Day, Flag, Many, PublicId, Record, Text, Whole
from orders.api.answers import DAY, MOMENT, MONEY, TEXT, WHOLE, Json, an_id, an_object, many, one_of, or_null
from orders.rules import LONGEST_REASON, ChangeItem, ChangeKind, ChangeState

ITEM = Record(
    kind=Choice(ChangeKind),
    line=PublicId("orl").optional(None).described("The line, for a quantity or a price."),
    sku=Code(max=64).optional("").described("The article that is added."),
    destination=Whole(min=1, max=100).optional(None).described("The position of the destination."),
    field=Code(max=40).optional("").described(
        "What of the destination: name, kana, organisation_name, postal_code … time_band. Of a gift: noshi, title, knot, placement, names"
        " (one a line), wrapping, card, message, sender_name, hides_prices (1, 0)."
    ),
    before=Text(max=400, lines=True, blank=True).optional(None).described("What it was when you looked; refused with 409 where it is something else by now."),
    after=Text(max=400, lines=True, blank=True).described("What it shall be: a quantity, a price in minor units, a text, a day, a payment method."),
    unit_price=Whole(min=0, max=10**12).optional(None).described("Of an added article, where it isn't today's; then with a reason."),
    waits_until=Day().optional(None).described("The day until which an added article may be waited for."),
    reason=Text(max=LONGEST_REASON, blank=True).optional(""),
)  # fmt: skip
NEW_CHANGE = Record(
    reason=Text(max=200, blank=True).optional(""),
    take_over=Flag().optional(False).described("Discard the set that somebody else has open."),
    items=Many(ITEM, max=500),
)
CONFIRMATION = Record(
    expected_total=Whole(min=0, max=10**15).optional(None).described("The total after the change, as shown."),
    tells_buyer=Flag().optional(True).described("Whether the buyer gets a mail with the new sums."),
)
NOTHING = Record()
OF_DESTINATION = (ChangeKind.DESTINATION, ChangeKind.GIFT)

_STEP: Json = an_object(before=MONEY, after=MONEY)
_MONEY = an_object(
    goods=_STEP,
    discounts=_STEP,
    fees=_STEP,
    tax=_STEP,
    total=_STEP,
    paid=or_null(MONEY),
    to_pay=or_null(MONEY),
    paid_too_much=or_null(MONEY),
)
_ITEM = an_object(
    kind=one_of(ChangeKind), line=or_null(an_id("orl")), sku=TEXT, destination=or_null(WHOLE), field=TEXT, before=TEXT, after=TEXT,
    now=or_null(TEXT), unit_price=or_null(MONEY), waits_until=or_null(DAY), reason=TEXT,
)  # fmt: skip
CHANGE = an_object(
    id=an_id("chg"), order=an_id("ord"), state=one_of(ChangeState), revision=or_null(WHOLE), reason=TEXT, opened_at=MOMENT, opened_by=TEXT,
    closed_at=or_null(MOMENT), closed_by=TEXT, currency=TEXT, items=many(_ITEM), money=or_null(_MONEY),
    stock=many(an_object(sku=TEXT, more=WHOLE, free=or_null(WHOLE), is_short={"type": "boolean"})),
    stands_in_the_way=many(an_object(code=TEXT, detail=TEXT)),
)  # fmt: skip
CHANGES = an_object(data=many(CHANGE))


def item_of(said: dict[str, Any]) -> ChangeItem:
    """An item as a partner says it."""
    kind = said["kind"]
    target = {
        ChangeKind.ADDED: said["sku"],
        ChangeKind.DESTINATION: str(said["destination"] or 1),
        ChangeKind.GIFT: str(said["destination"] or 1),
        ChangeKind.PAYMENT: "",
    }.get(kind, str(said["line"] or ""))
    price = said["unit_price"]
    return ChangeItem(
        kind=kind, target=target, field=said["field"] if kind in OF_DESTINATION else "", before=said["before"], after=said["after"],
        price="" if price is None else str(price), waits_until=said["waits_until"], reason=said["reason"],
    )  # fmt: skip


def item_shown(item: ChangeItem, *, now: str | None) -> dict[str, Any]:
    """An item, with what its value is by now while its set is open."""
    of_line = item.kind in (ChangeKind.QUANTITY, ChangeKind.PRICE)
    return {
        "kind": item.kind, "line": f"orl_{item.target.replace('-', '')}" if of_line else None,
        "sku": item.target if item.kind is ChangeKind.ADDED else "",
        "destination": int(item.target) if item.kind in OF_DESTINATION else None, "field": item.field, "before": item.before or "",
        "after": item.after, "now": now, "unit_price": int(item.price) if item.price else None, "waits_until": item.waits_until,
        "reason": item.reason,
    }  # fmt: skip
