"""What the machine counter answers about orders, as JSON schemas for the API document."""

from typing import Any

from billing.rules import PaymentMethod
from catalog.rules import PurchaseType
from orders.rules import (
    ApprovalState,
    FeeKind,
    FulfilmentStatus,
    Gate,
    HoldKind,
    Knot,
    NoshiPlacement,
    OrderPaymentStatus,
    OrderStatus,
    PickupState,
    ShipmentStatus,
)

Json = dict[str, Any]
TEXT: Json = {"type": "string"}
WHOLE: Json = {"type": "integer", "format": "int64"}
MONEY: Json = {"type": "integer", "format": "int64", "description": "Minor units of the currency; yen have none."}
DAY: Json = {"type": "string", "format": "date"}
MOMENT: Json = {"type": "string", "format": "date-time"}


def an_id(prefix: str) -> Json:
    return {"type": "string", "pattern": f"^{prefix}_[0-9a-f]{{32}}$"}


def or_null(schema: Json) -> Json:
    return {**schema, "type": [schema["type"], "null"]}


def one_of(enum: Any) -> Json:
    return {"type": "string", "enum": [str(member) for member in enum]}


def an_object(**properties: Json) -> Json:
    return {"type": "object", "required": list(properties), "properties": properties}


def many(schema: Json) -> Json:
    return {"type": "array", "items": schema}


_STATES: Json = {
    "status": one_of(OrderStatus),
    "payment_status": one_of(OrderPaymentStatus),
    "fulfilment_status": one_of(FulfilmentStatus),
    "open_holds": {**WHOLE, "description": "Nothing ships while this is more than nought."},
}
ORDER_ROW = an_object(
    id=an_id("ord"), number=TEXT, outside_number=TEXT, channel=TEXT, **_STATES, placed_at=MOMENT, currency=TEXT, total=MONEY
)  # fmt: skip
PLACED = an_object(id=an_id("ord"), number=TEXT, total=MONEY, currency=TEXT, repeated={"type": "boolean"})
SOLD = an_object(
    id=an_id("ord"), number=TEXT, total=MONEY, currency=TEXT, repeated={"type": "boolean"},
    invoices={**many(TEXT), "description": "The numbers of its invoices; none while nothing has left."},
)  # fmt: skip
_LINE = an_object(
    id=an_id("orl"), position=WHOLE, sku=TEXT, name=TEXT, purchase_type=one_of(PurchaseType), quantity=WHOLE, cancelled_quantity=WHOLE,
    shipped_quantity=WHOLE, list_price=or_null(MONEY), unit_price=MONEY, discount=MONEY, amount=MONEY, total=MONEY, tax_class=TEXT,
    tax_rate_bp=WHOLE, destination=or_null(WHOLE),
    waiting_quantity={**WHOLE, "description": "So many are not here yet; they leave around the promised day."}, promised_on=or_null(DAY),
)  # fmt: skip
_WHY: Json = {**TEXT, "description": "What decided for this rule, in the company’s own names."}
_FEE = an_object(
    kind=one_of(FeeKind), label=TEXT, amount=MONEY, total=MONEY, tax_class=TEXT, tax_rate_bp=WHOLE,
    destination={**or_null(WHOLE), "description": "The position of the destination it is of: postage, noshi, wrapping, card."},
    explanation=_WHY,
)  # fmt: skip
_RATE = an_object(tax_class=TEXT, tax_rate_bp=WHOLE, taxable=MONEY, tax=MONEY)
_GIFT = an_object(
    noshi=TEXT, noshi_name=TEXT, title=TEXT, knot=or_null(one_of(Knot)), placement=one_of(NoshiPlacement), names=many(TEXT), wrapping=TEXT,
    wrapping_name=TEXT, card=TEXT, card_name=TEXT, sender_name=TEXT, hides_prices={"type": "boolean"},
)  # fmt: skip
_PLACE = an_object(
    position=WHOLE, name=TEXT, kana=TEXT, organisation_name=TEXT, country=TEXT, postal_code=TEXT, prefecture=TEXT, city=TEXT, street=TEXT,
    building=TEXT, phone=TEXT, wished_on=or_null(DAY), time_band=TEXT, is_gift={"type": "boolean"}, gift_message=TEXT, gift=or_null(_GIFT),
    pickup_at={**or_null(TEXT), "description": "The code of the store where its buyer fetches it."}, pickup_name=or_null(TEXT),
    service={**TEXT, "description": "The code of the delivery service its buyer chose; empty where the house chooses."}, service_name=TEXT,
)  # fmt: skip
_PARCEL = an_object(
    id=an_id("shp"), number=TEXT, status=one_of(ShipmentStatus), location=TEXT, destination=WHOLE, planned_on=or_null(DAY),
    expected_on=or_null(DAY), service=TEXT, carrier=TEXT, tracking_number=TEXT, shipped_at=or_null(MOMENT), delivered_at=or_null(MOMENT), lines=many(an_object(position=WHOLE, quantity=WHOLE)),
)  # fmt: skip
_WORKFLOW = an_object(
    code={**TEXT, "description": "The workflow profile that asks most of the order’s goods."}, name=TEXT,
    gates={**many(one_of(Gate)), "description": "What must be there before it is placed, or before its parcels leave."},
    told=many(one_of(Gate)),
)  # fmt: skip
ORDER = an_object(
    id=an_id("ord"), customer=an_id("cus"), buyer=an_object(name=TEXT, email=TEXT, phone=TEXT), number=TEXT, outside_number=TEXT, channel=TEXT,
    **_STATES, placed_at=MOMENT, placed_on=DAY, language=TEXT, currency=TEXT, tax_basis={"type": "string", "enum": ["included", "excluded"]},
    payment_method=one_of(PaymentMethod), goods_total=MONEY, discount_total=MONEY, fee_total=MONEY, tax_total=MONEY, total=MONEY,
    paid_total=MONEY, remark=TEXT, cancelled_at=or_null(MOMENT), lines=many(_LINE), fees=many(_FEE), taxes=many(_RATE),
    destinations=many(_PLACE), shipments=many(_PARCEL), workflow=or_null(_WORKFLOW),
)  # fmt: skip
PICKUP = an_object(
    shipment=an_id("shp"), state=one_of(PickupState), order=or_null(an_id("ord")),
    repeated={"type": "boolean", "description": "It was so before, by another request."},
)  # fmt: skip
APPROVALS = an_object(
    data=many(
        an_object(
            state=one_of(ApprovalState), amount=MONEY, currency=TEXT, asked_at=MOMENT, decided_at=or_null(MOMENT), reference=TEXT, reason=TEXT,
            ended_at={**or_null(MOMENT), "description": "Over: the order is paid otherwise, is cancelled, or comes to more."},
        )
    )
)  # fmt: skip
HOLDS = an_object(
    data=many(
        an_object(
            id=an_id("hld"), kind=one_of(HoldKind), reason=TEXT,
            role={**TEXT, "description": "The role of staff that alone may release it; empty where everybody with the scope may."},
            raised_at=MOMENT, released_at=or_null(MOMENT),
        )
    )
)  # fmt: skip
SHIPMENT_ROW = an_object(
    id=an_id("shp"), number=TEXT, order=an_id("ord"), order_number=TEXT, status=one_of(ShipmentStatus), on_hold={"type": "boolean"}, location=TEXT,
    planned_on=or_null(DAY), carrier=TEXT, tracking_number=TEXT, shipped_at=or_null(MOMENT), delivered_at=or_null(MOMENT),
    box={**or_null(an_id("box")), "description": "Parcels with the same box travel together, under one label and number."},
)  # fmt: skip
_REASON = an_object(code=TEXT, pointer=TEXT, detail=TEXT)
_QUOTED_FEE: dict[str, Json] = {
    "kind": one_of(FeeKind), "label": TEXT, "amount": MONEY, "tax_class": TEXT, "destination": or_null(WHOLE), "explanation": _WHY,
}  # fmt: skip
_OFFER = an_object(
    destination=WHOLE, services=many(TEXT), ships_on=or_null(DAY),
    earliest_on={**or_null(DAY), "description": "Null where nobody knows how long the way is."},
    days=many(an_object(on=DAY, time_bands=many(TEXT))),
)  # fmt: skip
QUOTES = an_object(
    results=many(
        {
            "type": "object",
            "required": ["errors"],
            "properties": {
                "currency": TEXT, "tax_basis": {"type": "string", "enum": ["included", "excluded"]}, "goods_total": MONEY,
                "discount_total": MONEY, "fee_total": MONEY, "tax_total": MONEY, "total": MONEY, "fees": many(an_object(**_QUOTED_FEE)),
                "waived": many(an_object(**_QUOTED_FEE, by={**TEXT, "description": "The condition that it is waived by."})),
                "delivery": many(_OFFER),
                "errors": {**many(_REASON), "description": "What placing would refuse it for; empty where it can be ordered so."},
            },
        }
    )
)  # fmt: skip
BULK_RESULTS = an_object(
    results=many(
        {
            "type": "object",
            "required": ["outside_number"],
            "properties": {"outside_number": TEXT, "order": PLACED, "errors": many(_REASON)},
        }
    )
)
