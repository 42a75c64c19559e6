"""What partners may say about orders, and how orders are shown to them."""

from typing import Any

from billing.rules import PaymentMethod
from catalog.rules import PurchaseType
from core.api.shapes import Choice, Code, Day, Flag, Many, Moment, PublicId, Record, Text, Whole
from core.ids import public
from customers.rules import Person, PlaceOfDelivery
from orders.queries import HoldView, OrderRow, OrderView, ShipmentRow
from orders.rules import (
    LONGEST_SENDER,
    LONGEST_SLIP,
    LONGEST_TITLE,
    MAX_LINES,
    MAX_QUANTITY,
    MOST_NAMES,
    ApprovalWord,
    Attribution,
    DraftDestination,
    DraftLine,
    GiftWish,
    Knot,
    NoshiPlacement,
    Tender,
    ToldGate,
)

PERSON = Record(
    Person,
    family_name=Text(max=120).optional(""),
    given_name=Text(max=120).optional(""),
    family_kana=Text(max=120, blank=True).optional(""),
    given_kana=Text(max=120, blank=True).optional(""),
    organisation_name=Text(max=160, blank=True).optional(""),
    email=Text(max=254, blank=True).optional(""),
    phone=Text(max=64, blank=True).optional(""),
    birth_on=Day().optional(None),
    language=Code(max=8).optional("ja"),
)
PLACE = {
    "family_name": Text(max=120).optional(""),
    "given_name": Text(max=120).optional(""),
    "family_kana": Text(max=120, blank=True).optional(""),
    "given_kana": Text(max=120, blank=True).optional(""),
    "organisation_name": Text(max=160, blank=True).optional(""),
    "country": Code(max=2, pattern="[A-Z]{2}").optional("JP"),
    "postal_code": Text(max=16, blank=True).optional(""),
    "prefecture": Text(max=60, blank=True).optional(""),
    "city": Text(max=120, blank=True).optional(""),
    "street": Text(max=200),
    "building": Text(max=200, blank=True).optional(""),
    "phone": Text(max=64, blank=True).optional(""),
}
GIFT = Record(
    GiftWish,
    noshi=Code(max=40).optional("").described("The code of a noshi the company offers."),
    title=Text(max=LONGEST_TITLE, blank=True).optional("").described("The words above, where that noshi takes words of one’s own."),
    knot=Choice(Knot).optional(None).described("Another knot than the noshi’s usual one."),
    placement=Choice(NoshiPlacement).optional(NoshiPlacement.INSIDE),
    names=Many(Text(max=40), max=MOST_NAMES, min=0).optional(()).described("The names on the noshi, the first to the right."),
    wrapping=Code(max=40).optional("").described("The code of a wrapping the company offers."),
    card=Code(max=40).optional("").described("The code of a message card the company offers; the message is gift_message."),
    sender_name=Text(max=LONGEST_SENDER, blank=True).optional("").described("Whose name the recipient reads; empty: the buyer’s."),
    hides_prices=Flag().optional(None).described("Left out: hidden where it goes to somebody else than the buyer."),
)
DESTINATION = Record(
    DraftDestination,
    place=Record(PlaceOfDelivery, **PLACE),
    wished_on=Day().optional(None),
    time_band=Text(max=20, blank=True).optional(""),
    service=Code(max=40).optional("").described("The code of a delivery service; left out, the house chooses."),
    gift_message=Text(max=400, lines=True, blank=True).optional(""),
    pickup_at=Code(max=40)
    .optional("")
    .described("The code of a store where the buyer fetches it; it is then allocated there alone, and the address is the store’s."),
    gift=GIFT.optional(None).described("Noshi, wrapping, card, and what the recipient sees. Their fees are added by the company’s rules."),
)
ATTRIBUTION = Record(
    Attribution,
    campaign_ref=Text(max=80, blank=True).optional(""),
    campaign_name=Text(max=200, blank=True).optional(""),
    route_medium=Text(max=60, blank=True).optional(""),
    outbound_at=Moment().optional(None),
    offer_from_at=Moment().optional(None),
    offer_until_at=Moment().optional(None),
    ad_code=Text(max=60, blank=True).optional(""),
    referral_code=Text(max=60, blank=True).optional(""),
    recommendation_ref=Text(max=80, blank=True).optional(""),
)
LINE = Record(
    DraftLine,
    sku=Code(max=64),
    quantity=Whole(min=1, max=MAX_QUANTITY),
    purchase_type=Choice(PurchaseType).optional(PurchaseType.NORMAL),
    destination=Whole(min=1, max=99).optional(1),
    outside_line=Text(max=80, blank=True).optional(""),
    attribution=ATTRIBUTION.optional(Attribution()),
    waits_until=Day()
    .optional(None)
    .described("The latest day the buyer agreed to, should the goods not be here; without one the order is refused as out of stock."),
)
CODES = (
    Many(Text(max=40), min=0, max=5)
    .optional(())
    .described("Coupons as the buyer typed them. One that takes nothing off refuses the order, pointing at it.")
)
ORDER = Record(
    channel=Code(max=40),
    outside_number=Text(max=80, blank=True).optional(""),
    customer=PublicId("cus")
    .optional(None)
    .described("A known customer; leave it out and give a person to have them recognised or registered."),
    person=PERSON.optional(None),
    lines=Many(LINE, max=MAX_LINES),
    destinations=Many(DESTINATION, max=99),
    payment_method=Choice(PaymentMethod),
    coupon_codes=CODES,
    language=Code(max=8).optional("ja"),
    remark=Text(max=1000, lines=True, blank=True).optional(""),
    expected_total=Whole(max=10**12).optional(None).described("Refuses the order when the total with tax is another."),
    told=Many(Choice(ToldGate), min=0, max=2)
    .optional(())
    .described("What the buyer was shown or asked, where workflow profiles of the goods want it before the order is placed."),
)
SALE = Record(
    channel=Code(max=40),
    store=Code(max=40).described("The store at whose counter it is sold, by its code."),
    handed=Flag().optional(True).described("Taken along at once, from this store's shelf; else it is sent to the destination."),
    tender=Choice(Tender).optional(Tender.CASH),
    slip=Text(max=LONGEST_SLIP, blank=True).optional("").described("The number that the card terminal printed."),
    outside_number=Text(max=80, blank=True).optional(""),
    customer=PublicId("cus").optional(None),
    person=PERSON.optional(None).described("Left out with the customer, it is one of the store's unnamed buyers."),
    lines=Many(LINE, max=MAX_LINES),
    destinations=Many(DESTINATION, min=0, max=1).optional(()).described("Where it is sent, if it is."),
    coupon_codes=CODES,
    language=Code(max=8).optional("ja"),
    remark=Text(max=1000, lines=True, blank=True).optional(""),
    expected_total=Whole(max=10**12).optional(None).described("Refuses the sale when the total with tax is another."),
)
BULK = Record(orders=Many(ORDER, max=500))
CANCELLATION = Record(reason=Text(max=200))
READY = Record()
HAND_OVER = Record(
    code=Code(max=12).described("What the buyer shows at the counter."),
    identity_note=Text(max=120, blank=True).optional(""),
    paid=Whole(max=10**12).optional(0).described("What was paid at the counter, in minor units: all that is owed, or nothing."),
    tender=Choice(Tender).optional(Tender.CASH).described("How it was paid."),
    slip=Text(max=LONGEST_SLIP, blank=True).optional("").described("The number that the card terminal printed."),
)
DEPARTURE = Record(carrier=Code(max=40).optional(""), tracking_number=Code(max=40).optional(""))

HOLD = Record(reason=Text(max=200))
APPROVAL = Record(
    state=Choice(ApprovalWord),
    amount=Whole(max=10**12)
    .optional(None)
    .described(
        "The sum you answer for, in minor units. Refused where the order comes to more by now; left out, it is whatever is asked now."
    ),
    reference=Text(max=80, blank=True).optional("").described("The guarantor’s own number."),
    reason=Text(max=200, blank=True).optional(""),
)

SHORT_PICK = Record(
    reason=Text(max=200),
    found=Many(Record(item=Code(max=64).described("Code of the stock item."), quantity=Whole(min=0, max=99_999)), max=200),
)


def row_shown(row: OrderRow) -> dict[str, Any]:
    """An order in a list."""
    return {
        "id": public("ord", row.id),
        "number": row.number,
        "outside_number": row.outside_number,
        "channel": row.channel,
        "status": row.status,
        "payment_status": row.payment_status,
        "fulfilment_status": row.fulfilment_status,
        "open_holds": row.open_holds,
        "placed_at": row.placed_at,
        "currency": row.currency,
        "total": row.total,
    }


def hold_shown(hold: HoldView) -> dict[str, Any]:
    """A hold of an order."""
    return {
        "id": public("hld", hold.id),
        "kind": hold.kind,
        "reason": hold.reason,
        "role": hold.role,
        "raised_at": hold.raised_at,
        "released_at": hold.released_at,
    }


def shipment_shown(row: ShipmentRow) -> dict[str, Any]:
    """A parcel in a list."""
    return {
        "id": public("shp", row.id),
        "number": row.number,
        "order": public("ord", row.order_id),
        "order_number": row.order_number,
        "status": row.status,
        "on_hold": row.open_holds > 0,
        "location": row.location,
        "planned_on": row.planned_on,
        "carrier": row.carrier,
        "tracking_number": row.tracking_number,
        "shipped_at": row.shipped_at,
        "delivered_at": row.delivered_at,
        "box": public("box", row.box) if row.box else None,
    }


def order_shown(order: OrderView, *, customer: str) -> dict[str, Any]:
    """An order with everything on it; amounts in minor units of its currency. `customer` is the customer's public id."""
    return {
        "id": public("ord", order.id),
        "customer": customer,
        "buyer": {"name": order.buyer_name, "email": order.buyer_email, "phone": order.buyer_phone},
        "number": order.number,
        "outside_number": order.outside_number,
        "channel": order.channel_code,
        "status": order.status,
        "payment_status": order.payment_status,
        "fulfilment_status": order.fulfilment_status,
        "open_holds": order.open_holds,
        "workflow": order.workflow,
        "placed_at": order.placed_at,
        "placed_on": order.placed_on,
        "language": order.language,
        "currency": order.currency,
        "tax_basis": order.tax_basis,
        "payment_method": order.payment_method,
        "goods_total": order.goods_total,
        "discount_total": order.discount_total,
        "fee_total": order.fee_total,
        "tax_total": order.tax_total,
        "total": order.total,
        "paid_total": order.paid_total,
        "remark": order.remark,
        "cancelled_at": order.cancelled_at,
        "lines": [
            {
                "id": public("orl", n.id), "position": n.position, "sku": n.sku, "name": n.name, "purchase_type": n.purchase_type,
                "quantity": n.quantity, "cancelled_quantity": n.cancelled_quantity, "shipped_quantity": n.shipped_quantity,
                "list_price": n.list_price, "unit_price": n.unit_price, "discount": n.discount, "amount": n.amount, "total": n.total,
                "tax_class": n.tax_class, "tax_rate_bp": n.tax_rate_bp, "destination": n.destination, "waiting_quantity": n.waiting, "promised_on": n.promised_on,
            }
            for n in order.lines
        ],
        "fees": order.fees,
        "taxes": order.taxes,
        "destinations": order.destinations,
        "shipments": [
            {
                "id": public("shp", p.id), "number": p.number, "status": p.status, "location": p.location, "destination": p.destination,
                "planned_on": p.planned_on, "expected_on": p.expected_on, "service": p.service,
                "carrier": p.carrier, "tracking_number": p.tracking_number, "shipped_at": p.shipped_at, "delivered_at": p.delivered_at,
                "lines": [{"position": position, "quantity": quantity} for position, quantity in p.lines],
            }
            for p in order.parcels
        ],
    }  # fmt: skip
