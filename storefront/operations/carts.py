"""Carts are filled, changed and follow their shopper through sign-in and from device to device.

What a checkout held of the stock is held no longer when its cart changes: the next page of the checkout holds what is in it then.
"""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from uuid import UUID

import orjson

from campaigns.rules import LONGEST_CODE
from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refused
from core.words import gettext_noop as _
from inventory.operations import end_reservations
from storefront.rules import MOST_LINES, MOST_OF_ONE, MOST_PLACES, CheckoutData, CheckoutPlaceSaid, Wanted


class CartFull(Refused):
    """The cart holds as many different things as it can."""

    code = "cart.full"
    message = _("A cart holds at most %(most)s different articles.")


class QuantityOutOfRange(Refused):
    """No cart holds so many of one thing."""

    code = "cart.quantity"
    message = _("Please choose a quantity from 1 to %(most)s.")


# The process that placed an order may have died before it closed the cart.
_FINISH = """
UPDATE storefront_cart c SET state = 'ordered', order_id = o.id FROM orders_order o
WHERE c.site_id = %s AND c.account_id = %s AND c.state = 'open' AND o.cart_ref = c.public_id
"""


@operation
def open_cart(*, site_id: int, account_id: int | None, actor: Actor, at: datetime) -> UUID:
    """A shopper has a cart: the account's open one if there is one, else a new one. Two devices at once get the same."""
    if account_id is not None:
        run(_FINISH, (site_id, account_id))
        rows(
            "INSERT INTO storefront_cart (site_id, account_id) VALUES (%s, %s) ON CONFLICT (site_id, account_id)"
            " WHERE state = 'open' AND account_id IS NOT NULL DO NOTHING RETURNING id",
            (site_id, account_id),
        )
        found = rows(
            "SELECT public_id FROM storefront_cart WHERE site_id = %s AND account_id = %s AND state = 'open'", (site_id, account_id)
        )
    else:
        found = rows("INSERT INTO storefront_cart (site_id) VALUES (%s) RETURNING public_id", (site_id,))
    return found[0].public_id  # type: ignore[no-any-return]


_PUT = """
INSERT INTO storefront_cartline AS l (cart_id, variant_id, purchase_type, quantity, plan_code, interval, ad_code)
VALUES (%(cart)s, %(variant)s, %(type)s, %(quantity)s, %(plan)s, %(interval)s, %(ad)s)
ON CONFLICT (cart_id, variant_id, purchase_type) DO UPDATE SET
    plan_code = EXCLUDED.plan_code, interval = EXCLUDED.interval,
    quantity = LEAST(CASE WHEN %(adds)s::boolean THEN l.quantity ELSE 0 END + EXCLUDED.quantity, %(most)s),
    ad_code = COALESCE(NULLIF(EXCLUDED.ad_code, ''), l.ad_code)
"""


# One row per key: a statement may touch a conflicting row once only.
_PUT_ALL = """
INSERT INTO storefront_cartline AS l (cart_id, variant_id, purchase_type, quantity, plan_code, interval, ad_code)
SELECT %(cart)s, w.variant_id, w.purchase_type, max(w.quantity), max(w.plan_code), max(w.interval), max(w.ad_code)
FROM unnest(%(variants)s::bigint[], %(types)s::text[], %(quantities)s::int[], %(plans)s::text[], %(intervals)s::text[], %(ads)s::text[])
    WITH ORDINALITY AS w (variant_id, purchase_type, quantity, plan_code, interval, ad_code, place)
GROUP BY w.variant_id, w.purchase_type ORDER BY min(w.place)
ON CONFLICT (cart_id, variant_id, purchase_type) DO UPDATE SET quantity = GREATEST(l.quantity, EXCLUDED.quantity),
    plan_code = EXCLUDED.plan_code, interval = EXCLUDED.interval
"""


def _columns(wanted: Sequence[Wanted]) -> dict[str, list[object]]:
    return {
        "variants": [w.variant_id for w in wanted],
        "types": [str(w.purchase_type) for w in wanted],
        "quantities": [w.quantity for w in wanted],
        "plans": [w.plan_code for w in wanted],
        "intervals": [w.interval for w in wanted],
        "ads": [w.ad_code[:60] for w in wanted],
    }


@operation
def put_in_cart(cart_ref: UUID, wanted: Wanted, *, actor: Actor, at: datetime, adds: bool = True) -> None:
    """So many more (or exactly so many) of a variant lie in the cart. Refuses "cart.full", "cart.quantity"."""
    if not 1 <= wanted.quantity <= MOST_OF_ONE:
        raise QuantityOutOfRange(params={"most": MOST_OF_ONE}, field="/quantity")
    cart_id = _locked(cart_ref)
    if cart_id is None:
        return
    others = rows("SELECT count(*) AS n FROM storefront_cartline WHERE cart_id = %s AND variant_id <> %s", (cart_id, wanted.variant_id))
    if others[0].n >= MOST_LINES:
        raise CartFull(params={"most": MOST_LINES})
    given = {"cart": cart_id, "variant": wanted.variant_id, "type": wanted.purchase_type, "quantity": wanted.quantity}
    chosen = {"plan": wanted.plan_code, "interval": wanted.interval, "ad": wanted.ad_code[:60]}
    run(_PUT, {**given, **chosen, "adds": adds, "most": MOST_OF_ONE})
    end_reservations([cart_ref], actor=actor, at=at)


@operation
def put_all_in_cart(cart_ref: UUID, wanted: Sequence[Wanted], *, actor: Actor, at: datetime) -> None:
    """All of these lie in the cart at least so often, as after an order that is to come once more; again changes nothing.

    Refuses "cart.full", "cart.quantity" as a whole.
    """
    for one in wanted:
        if not 1 <= one.quantity <= MOST_OF_ONE:
            raise QuantityOutOfRange(params={"most": MOST_OF_ONE}, field="/quantity")
    cart_id = _locked(cart_ref)
    if cart_id is None:
        return
    run(_PUT_ALL, {"cart": cart_id, **_columns(wanted)})
    end_reservations([cart_ref], actor=actor, at=at)
    if rows("SELECT count(*) AS n FROM storefront_cartline WHERE cart_id = %s", (cart_id,))[0].n > MOST_LINES:
        raise CartFull(params={"most": MOST_LINES})


@operation
def take_from_cart(cart_ref: UUID, *, variant_id: int, purchase_type: str, actor: Actor, at: datetime) -> None:
    """A line is gone from the cart; again changes nothing."""
    cart_id = _locked(cart_ref)
    run(
        "DELETE FROM storefront_cartline WHERE cart_id = %s AND variant_id = %s AND purchase_type = %s",
        (cart_id, variant_id, purchase_type),
    )
    end_reservations([cart_ref], actor=actor, at=at)


@operation
def keep_coupon(cart_ref: UUID, code: str, *, actor: Actor, at: datetime) -> None:
    """The cart carries this code, or none ("")."""
    run("UPDATE storefront_cart SET coupon_code = %s WHERE id = %s", (code[:LONGEST_CODE], _locked(cart_ref)))


_ADOPT_LINES = """
INSERT INTO storefront_cartline AS l (cart_id, variant_id, purchase_type, quantity, plan_code, interval, ad_code)
SELECT %(to)s, variant_id, purchase_type, quantity, plan_code, interval, ad_code FROM storefront_cartline WHERE cart_id = %(from)s ORDER BY id
ON CONFLICT (cart_id, variant_id, purchase_type) DO UPDATE SET quantity = GREATEST(l.quantity, EXCLUDED.quantity)
"""


# So does a coupon typed before signing in.
_ADOPT_COUPON = """
UPDATE storefront_cart SET coupon_code = g.coupon_code FROM storefront_cart g
WHERE storefront_cart.id = %(to)s AND storefront_cart.coupon_code = '' AND g.id = %(from)s
"""
# Addresses typed before signing in go along, unless the account's cart has its own: they were typed for these goods a moment ago.
_ADOPT_PLACES = """
UPDATE storefront_checkoutplace SET cart_id = %(to)s
WHERE cart_id = %(from)s AND NOT EXISTS (SELECT FROM storefront_checkoutplace WHERE cart_id = %(to)s)
"""
_FORGET = """
WITH gone AS (SELECT unnest(%s::bigint[]) AS id), k AS (DELETE FROM storefront_checkout WHERE cart_id IN (SELECT id FROM gone)),
s AS (DELETE FROM storefront_checkoutshare WHERE place_id IN (SELECT p.id FROM storefront_checkoutplace p JOIN gone ON gone.id = p.cart_id))
DELETE FROM storefront_checkoutplace WHERE cart_id IN (SELECT id FROM gone)
"""


@operation
def adopt_cart(guest_ref: UUID, *, site_id: int, account_id: int, actor: Actor, at: datetime) -> UUID:
    """What a guest had in the cart lies in the account's cart after sign-in; answers with that cart. Again changes nothing.

    Of a line in both carts the larger quantity counts, so that signing in twice doesn't double it.
    """
    own_ref = open_cart(site_id=site_id, account_id=account_id, actor=actor, at=at)
    found = rows(
        "SELECT id, public_id FROM storefront_cart WHERE public_id = ANY(%s::uuid[]) AND state = 'open' AND site_id = %s"
        " AND (account_id IS NULL OR account_id = %s) AND NOT EXISTS (SELECT 1 FROM orders_order o WHERE o.cart_ref = public_id)"
        " ORDER BY id FOR UPDATE",
        ([guest_ref, own_ref], site_id, account_id),
    )
    ids = {r.public_id: r.id for r in found}
    if guest_ref in ids and own_ref in ids and guest_ref != own_ref:
        run(_ADOPT_LINES, {"to": ids[own_ref], "from": ids[guest_ref]})
        run(_ADOPT_PLACES, {"to": ids[own_ref], "from": ids[guest_ref]})
        run(_ADOPT_COUPON, {"to": ids[own_ref], "from": ids[guest_ref]})
        run(_FORGET, ([ids[guest_ref]],))
        run("UPDATE storefront_cart SET state = 'merged' WHERE id = %s", (ids[guest_ref],))
        end_reservations([guest_ref, own_ref], actor=actor, at=at)
    return own_ref


_NAMES = tuple(f.name for f in fields(CheckoutData))
_SAVE = f"""
INSERT INTO storefront_checkout (cart_id, {", ".join(_NAMES)}) VALUES (%(cart)s, {", ".join(f"%({n})s" for n in _NAMES)})
ON CONFLICT (cart_id) DO UPDATE SET {", ".join(f"{n} = EXCLUDED.{n}" for n in _NAMES)}
"""


@operation
def save_checkout(cart_ref: UUID, said: CheckoutData, *, actor: Actor, at: datetime) -> None:
    """What the shopper typed is kept with the cart, right or wrong, so that nothing is typed twice."""
    cart_id = _locked(cart_ref)
    if cart_id is not None:
        run(_SAVE, {"cart": cart_id, **{name: getattr(said, name) for name in _NAMES}})


_PLACE_NAMES = tuple(f.name for f in fields(CheckoutPlaceSaid) if f.name != "shares")
_SAVE_PLACES = f"""
WITH said AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(places)s::jsonb) AS r (position int, shares jsonb, wished_on date,
        {", ".join(f"{name} text" for name in _PLACE_NAMES if name != "wished_on")})
), made AS (
    INSERT INTO storefront_checkoutplace (cart_id, position, {", ".join(_PLACE_NAMES)})
    SELECT %(cart)s, position, {", ".join(_PLACE_NAMES)} FROM said RETURNING id, position
)
INSERT INTO storefront_checkoutshare (place_id, variant_id, quantity)
SELECT made.id, s.key::bigint, s.value::int FROM made JOIN said USING (position) CROSS JOIN LATERAL jsonb_each_text(said.shares) s
WHERE s.value::int > 0
"""


@operation
def save_places(cart_ref: UUID, places: Sequence[CheckoutPlaceSaid], *, actor: Actor, at: datetime) -> None:
    """The goods of the cart go to these addresses, as typed; to none of them: to the one of the checkout."""
    cart_id = _locked(cart_ref)
    if cart_id is None:
        return
    run("DELETE FROM storefront_checkoutshare WHERE place_id IN (SELECT id FROM storefront_checkoutplace WHERE cart_id = %s)", (cart_id,))
    run("DELETE FROM storefront_checkoutplace WHERE cart_id = %s", (cart_id,))
    if places:
        told = [
            {
                "position": position,
                **{name: getattr(place, name) for name in _PLACE_NAMES},
                "shares": {str(variant): quantity for variant, quantity in place.shares.items()},
            }
            for position, place in enumerate(places[:MOST_PLACES], 1)
        ]
        run(_SAVE_PLACES, {"cart": cart_id, "places": orjson.dumps(told).decode()})


@operation
def close_cart(cart_ref: UUID, *, order_id: int, actor: Actor, at: datetime) -> None:
    """The cart became an order; what was typed at its checkout is forgotten here. Again changes nothing."""
    closed = rows(
        "UPDATE storefront_cart SET state = 'ordered', order_id = %s WHERE public_id = %s AND state = 'open' RETURNING id",
        (order_id, cart_ref),
    )
    if closed:
        run(_FORGET, ([row.id for row in closed],))


@operation
def renew_cart(cart_ref: UUID, *, order_id: int, actor: Actor, at: datetime) -> UUID | None:
    """The payment failed: a new cart holds what the ordered one held, with everything typed but the card.

    Answers with the new cart; None where that was done before, or the cart is not open any more.
    """
    found = rows(
        "SELECT id, site_id, account_id, held_since, coupon_code FROM storefront_cart WHERE public_id = %s AND state = 'open' FOR UPDATE",
        (cart_ref,),
    )
    if not found:
        return None
    old = found[0]
    run("UPDATE storefront_cart SET state = 'ordered', order_id = %s WHERE id = %s", (order_id, old.id))
    (new,) = rows(
        "INSERT INTO storefront_cart (site_id, account_id, held_since, coupon_code) VALUES (%s, %s, %s, %s) RETURNING id, public_id",
        (old.site_id, old.account_id, old.held_since, old.coupon_code),
    )
    run(_ADOPT_LINES, {"to": new.id, "from": old.id})
    kept = ", ".join(name for name in _NAMES if name != "means_id")
    run(
        f"INSERT INTO storefront_checkout (cart_id, {kept}) SELECT %s, {kept} FROM storefront_checkout WHERE cart_id = %s", (new.id, old.id)
    )
    run("DELETE FROM storefront_checkout WHERE cart_id = %s", (old.id,))
    run("UPDATE storefront_checkoutplace SET cart_id = %s WHERE cart_id = %s", (new.id, old.id))
    return new.public_id  # type: ignore[no-any-return]


def _locked(cart_ref: UUID) -> int | None:
    """The key of an open cart, locked and marked as used."""
    found = rows(
        "UPDATE storefront_cart SET touched_at = clock_timestamp() WHERE public_id = %s AND state = 'open' RETURNING id", (cart_ref,)
    )
    return found[0].id if found else None
