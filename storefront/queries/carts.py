"""Carts as shoppers see them."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.rules import PurchaseType
from core.db import rows
from storefront.rules import CheckoutData, CheckoutPlaceSaid


@dataclass(frozen=True, slots=True, kw_only=True)
class CartLineView:
    """A line of a cart with the words of its product, in the language asked or the company's."""

    variant_id: int
    sku: str
    product_code: str
    name: str
    option: str
    image: str
    image_alt: str
    quantity: int
    purchase_type: PurchaseType
    plan_code: str
    interval: str
    ad_code: str

    @property
    def is_subscription(self) -> bool:
        return self.purchase_type is PurchaseType.SUBSCRIPTION


@dataclass(frozen=True, slots=True, kw_only=True)
class CartView:
    """A cart with its lines and what was typed at its checkout."""

    id: int
    public_id: UUID
    site_id: int
    account_id: int | None
    state: str
    order_id: int | None
    lines: tuple[CartLineView, ...]
    checkout: CheckoutData | None
    coupon_code: str = ""
    places: tuple[CheckoutPlaceSaid, ...] = ()
    """Where it goes, if to several addresses."""

    @property
    def wanted(self) -> dict[int, int]:
        """How many of each variant lie in it."""
        found: dict[int, int] = {}
        for line in self.lines:
            found[line.variant_id] = found.get(line.variant_id, 0) + line.quantity
        return found

    @property
    def subscribes(self) -> bool:
        return any(line.is_subscription for line in self.lines)

    @property
    def pieces(self) -> int:
        return sum(line.quantity for line in self.lines)


# A cart is ordered as soon as its order is there, even if the process died before it had closed the cart.
_CART = """
SELECT c.id, c.public_id, c.site_id, c.account_id, c.coupon_code, CASE WHEN o.id IS NULL THEN c.state ELSE 'ordered' END AS state,
    COALESCE(c.order_id, o.id) AS order_id, to_jsonb(k) AS checkout,
    (SELECT jsonb_agg(jsonb_build_object('variant_id', v.id, 'sku', v.sku, 'product_code', p.code, 'name', t.name,
            'option', CASE WHEN %(language)s = 'en' AND v.option_en <> '' THEN v.option_en ELSE v.option END,
            'image', COALESCE(i.file, ''), 'image_alt', COALESCE(i.alt, ''), 'quantity', l.quantity, 'purchase_type', l.purchase_type,
            'plan_code', l.plan_code, 'interval', l.interval, 'ad_code', l.ad_code) ORDER BY l.id)
        FROM storefront_cartline l JOIN catalog_variant v ON v.id = l.variant_id JOIN catalog_product p ON p.id = v.product_id
        LEFT JOIN LATERAL (SELECT x.name FROM catalog_producttext x WHERE x.product_id = p.id
            ORDER BY x.language = %(language)s DESC, x.id LIMIT 1) t ON true
        LEFT JOIN LATERAL (SELECT x.file, x.alt FROM catalog_productimage x WHERE x.product_id = p.id ORDER BY x.position, x.id LIMIT 1) i ON true
        WHERE l.cart_id = c.id) AS lines,
    (SELECT jsonb_agg(to_jsonb(p) || jsonb_build_object('shares', (
            SELECT coalesce(jsonb_object_agg(x.variant_id, x.quantity), '{{}}') FROM storefront_checkoutshare x WHERE x.place_id = p.id))
            ORDER BY p.position)
        FROM storefront_checkoutplace p WHERE p.cart_id = c.id) AS places
FROM storefront_cart c LEFT JOIN storefront_checkout k ON k.cart_id = c.id LEFT JOIN orders_order o ON o.cart_ref = c.public_id
WHERE {which} ORDER BY c.id DESC LIMIT 1
"""


def cart_by_ref(ref: UUID, *, site_id: int, account_id: int | None, language: str) -> CartView | None:
    """A guest's cart by its id, or the account's own; a cart of somebody else is not there."""
    which = "c.public_id = %(ref)s AND c.site_id = %(site)s AND (c.account_id IS NULL OR c.account_id = %(account)s::bigint)"
    return _one(rows(_CART.format(which=which), {"ref": ref, "site": site_id, "account": account_id, "language": language}))


def open_cart_of(account_id: int, *, site_id: int, language: str) -> CartView | None:
    """The account's open cart on a site."""
    which = "c.account_id = %(account)s AND c.site_id = %(site)s AND c.state = 'open'"
    found = _one(rows(_CART.format(which=which), {"account": account_id, "site": site_id, "language": language}))
    return found if found is not None and found.state == "open" else None


def cart_of_order(order_id: int) -> UUID | None:
    """The cart that an order came from, if it came from one that is kept here."""
    found = rows("SELECT c.public_id FROM orders_order o JOIN storefront_cart c ON c.public_id = o.cart_ref WHERE o.id = %s", (order_id,))
    return found[0].public_id if found else None


def cart_pieces(ref: UUID | None, *, account_id: int | None, site_id: int) -> int:
    """How many pieces lie in the shopper's cart, for the page head."""
    found = rows(
        "SELECT COALESCE(sum(l.quantity), 0)::int AS pieces FROM storefront_cart c JOIN storefront_cartline l ON l.cart_id = c.id"
        " WHERE c.site_id = %(site)s AND c.state = 'open' AND ((%(account)s::bigint IS NOT NULL AND c.account_id = %(account)s)"
        " OR (%(account)s::bigint IS NULL AND c.account_id IS NULL AND c.public_id = %(ref)s::uuid))"
        " AND NOT EXISTS (SELECT 1 FROM orders_order o WHERE o.cart_ref = c.public_id)",
        {"site": site_id, "account": account_id, "ref": ref},
    )
    return int(found[0].pieces)


def _one(found: Sequence[Any]) -> CartView | None:
    if not found:
        return None
    r = found[0]
    said = r.checkout and {f.name: r.checkout[f.name] for f in fields(CheckoutData)}
    if said and said["wished_on"]:
        said["wished_on"] = datetime.fromisoformat(said["wished_on"]).date()
    return CartView(
        id=r.id,
        public_id=r.public_id,
        site_id=r.site_id,
        account_id=r.account_id,
        state=r.state,
        order_id=r.order_id,
        lines=tuple(
            CartLineView(**{**n, "name": n["name"] or n["sku"], "purchase_type": PurchaseType(n["purchase_type"])}) for n in r.lines or ()
        ),
        checkout=CheckoutData(**said) if said else None,
        coupon_code=r.coupon_code,
        places=tuple(_place(told) for told in r.places or ()),
    )


def _place(told: dict[str, Any]) -> CheckoutPlaceSaid:
    day = told["wished_on"]
    values = {f.name: told[f.name] for f in fields(CheckoutPlaceSaid)}
    shares = {int(variant): quantity for variant, quantity in told["shares"].items()}
    return CheckoutPlaceSaid(**{**values, "wished_on": datetime.fromisoformat(day).date() if day else None, "shares": shares})
