"""Kits come into being, change, and follow their parts: what they are made of in the end, and what they cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.operations import set_prices
from catalog.rules.drafts import PriceAt
from core.actor import Actor
from core.db import LockSpace, lock_advisory, operation, rows, run
from core.errors import Refusal
from core.words import gettext_noop as _
from inventory.operations.masters import ComponentAsk, compose_variants
from inventory.queries import KitRow, components_of, kits_of, part_prices
from inventory.rules import KitAsk, KitPartAsk, KitPrice, circle_through, kit_price, kits_above, leaves

MOST_IN_A_KIT = 10_000

# Two who compose at once could close a circle between them, so a company's trees are changed one at a time.
_KIT = """
INSERT INTO inventory_kit (variant_id, price, rate_bp, amount)
SELECT * FROM unnest(%(variants)s::bigint[], %(prices)s::text[], %(rates)s::int[], %(amounts)s::bigint[])
ON CONFLICT (variant_id) DO UPDATE SET price = excluded.price, rate_bp = excluded.rate_bp, amount = excluded.amount,
    version = inventory_kit.version + 1
WHERE (inventory_kit.price, inventory_kit.rate_bp, inventory_kit.amount) IS DISTINCT FROM (excluded.price, excluded.rate_bp, excluded.amount)
"""
_FORGET_PARTS = """
DELETE FROM inventory_kitpart p USING inventory_kit k
WHERE k.id = p.kit_id AND k.variant_id = ANY(%(kits)s::bigint[]) AND NOT EXISTS (
    SELECT FROM unnest(%(kits)s::bigint[], %(variants)s::bigint[], %(items)s::bigint[]) AS q (kit, variant_id, stock_item_id)
    WHERE q.kit = k.variant_id AND (q.variant_id, q.stock_item_id) IS NOT DISTINCT FROM (p.variant_id, p.stock_item_id)
)
"""
_PARTS = """
INSERT INTO inventory_kitpart (kit_id, variant_id, stock_item_id, quantity)
SELECT k.id, q.variant_id, q.stock_item_id, q.quantity
FROM unnest(%(kits)s::bigint[], %(variants)s::bigint[], %(items)s::bigint[], %(quantities)s::int[])
    WITH ORDINALITY AS q (kit, variant_id, stock_item_id, quantity, place)
JOIN inventory_kit k ON k.variant_id = q.kit ORDER BY q.place
ON CONFLICT (kit_id, variant_id, stock_item_id) DO UPDATE SET quantity = excluded.quantity
WHERE inventory_kitpart.quantity <> excluded.quantity
"""
_NAMES = """
SELECT 'variant' AS what, id, sku AS code FROM catalog_variant WHERE company_id = %(company)s AND id = ANY(%(variants)s::bigint[])
UNION ALL
SELECT 'item', id, code FROM inventory_stockitem WHERE company_id = %(company)s AND id = ANY(%(items)s::bigint[])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A kit as it is now: how many pieces of how many stock items it takes."""

    variant_id: int
    items: int
    pieces: int


@operation
def compose_kits(asks: Sequence[KitAsk], *, company_id: int, actor: Actor, at: datetime) -> list[Composed | Refusal]:
    """Each variant is a set of exactly these parts from now on; its components are the leaves, multiplied out, and so are those
    of every kit that holds it. Its price follows its rule. One result per kit; a dozen statements whatever their number.

    Stock that was allocated before stays what it is. Refuses "inventory.kit_is_empty", "inventory.kit_bad_quantity",
    "inventory.kit_unknown_part", "inventory.kit_part_twice", "inventory.kit_in_itself" (with the way round).
    """
    if not asks:
        return []
    lock_advisory(LockSpace.KITS, company_id)
    known = kits_of(company_id)
    names = _names(asks, company_id=company_id)
    tree: dict[int, Sequence[KitPartAsk]] = {variant: kit.parts for variant, kit in known.items()}
    refused: dict[int, Refusal] = {}
    going: list[KitAsk] = []
    for place, ask in enumerate(asks):
        before = tree.get(ask.variant_id)
        tree[ask.variant_id] = ask.parts
        refusal = _wrong(ask, names) or _goes_round(ask, tree, names)
        if refusal is None:
            going.append(ask)
            continue
        refused[place] = refusal.at(f"/{place}/parts")
        if before is None:
            del tree[ask.variant_id]
        else:
            tree[ask.variant_id] = before
    if going:
        _write(going)
        flat = _expand([ask.variant_id for ask in going], tree, company_id=company_id, actor=actor, at=at)
        _price([ask.variant_id for ask in going], company_id=company_id, at=at, until_at=None, actor=actor)
    return [
        refused[place]
        if place in refused
        else Composed(variant_id=ask.variant_id, items=len(flat[ask.variant_id]), pieces=sum(flat[ask.variant_id].values()))
        for place, ask in enumerate(asks)
    ]


@operation
def expand_kits(*, company_id: int, actor: Actor, at: datetime) -> int:
    """Every kit of the company is made of what its tree comes to, after the components of its parts were changed; also the
    repair. Answers with the number of kits."""
    lock_advisory(LockSpace.KITS, company_id)
    tree = {variant: kit.parts for variant, kit in kits_of(company_id).items()}
    return len(_expand(list(tree), tree, company_id=company_id, actor=actor, at=at)) if tree else 0


@operation
def reprice_kits(
    variant_ids: Sequence[int], *, company_id: int, from_at: datetime, until_at: datetime | None, actor: Actor, at: datetime
) -> int:
    """Kits that hold one of these variants and are priced by their parts cost what their rule says, from that moment on.

    Answers with how many prices changed. A kit has a price by every list that prices all its parts.
    """
    return _price(variant_ids, company_id=company_id, at=at, from_at=from_at, until_at=until_at, actor=actor)


def _names(asks: Sequence[KitAsk], *, company_id: int) -> dict[tuple[str, int], str]:
    variants = {ask.variant_id for ask in asks} | {part.variant_id for ask in asks for part in ask.parts if part.variant_id is not None}
    items = {part.stock_item_id for ask in asks for part in ask.parts if part.stock_item_id is not None}
    found = rows(_NAMES, {"company": company_id, "variants": sorted(variants), "items": sorted(items)})
    return {(row.what, row.id): row.code for row in found}


def _wrong(ask: KitAsk, names: Mapping[tuple[str, int], str]) -> Refusal | None:
    sku = names.get(("variant", ask.variant_id))
    if sku is None:
        return Refusal("inventory.kit_unknown_part", _("There is no such article in this company."))
    if not ask.parts:
        return Refusal("inventory.kit_is_empty", _("%(sku)s needs at least one part. Name what is in the set."), {"sku": sku})
    keys = [(part.variant_id, part.stock_item_id) for part in ask.parts]
    if any((variant is None) == (item is None) for variant, item in keys):
        return Refusal("inventory.kit_unknown_part", _("Every part names an article or a stock item, and not both."))
    if any(
        (variant is not None and ("variant", variant) not in names) or (item is not None and ("item", item) not in names)
        for variant, item in keys
    ):
        return Refusal("inventory.kit_unknown_part", _("%(sku)s names a part that this company does not have."), {"sku": sku})
    if len(set(keys)) < len(keys):
        return Refusal("inventory.kit_part_twice", _("%(sku)s names a part twice. Add the quantities up."), {"sku": sku})
    if not all(1 <= part.quantity <= MOST_IN_A_KIT for part in ask.parts) or ask.amount < 0 or not 0 <= ask.rate_bp <= 10_000:
        return Refusal(
            "inventory.kit_bad_quantity", _("Quantities go from 1 to %(most)s, rates from 0 to 100 %%."), {"most": MOST_IN_A_KIT}
        )
    return None


def _goes_round(ask: KitAsk, tree: Mapping[int, Sequence[KitPartAsk]], names: Mapping[tuple[str, int], str]) -> Refusal | None:
    way = circle_through(ask.variant_id, tree)
    if not way:
        return None
    unnamed = [variant for variant in way if ("variant", variant) not in names]
    more = (
        {row.id: row.sku for row in rows("SELECT id, sku FROM catalog_variant WHERE id = ANY(%s::bigint[])", (unnamed,))} if unnamed else {}
    )
    told = " → ".join(names.get(("variant", variant)) or more[variant] for variant in way)
    return Refusal("inventory.kit_in_itself", _("A set cannot hold itself: %(way)s."), {"way": told})


def _write(asks: Sequence[KitAsk]) -> None:
    run(
        _KIT,
        {
            "variants": [ask.variant_id for ask in asks],
            "prices": [str(ask.price) for ask in asks],
            "rates": [ask.rate_bp for ask in asks],
            "amounts": [ask.amount for ask in asks],
        },
    )
    flat = [(ask.variant_id, part) for ask in asks for part in ask.parts]
    told = {
        "kits": [kit for kit, _part in flat],
        "variants": [part.variant_id for _kit, part in flat],
        "items": [part.stock_item_id for _kit, part in flat],
    }
    run(_FORGET_PARTS, told)
    run(_PARTS, {**told, "quantities": [part.quantity for _kit, part in flat]})


def _expand(
    changed: Sequence[int], tree: Mapping[int, Sequence[KitPartAsk]], *, company_id: int, actor: Actor, at: datetime
) -> dict[int, dict[int, int]]:
    """The kits named and all that hold them get the components that their trees come to; answers with them."""
    kits = list(dict.fromkeys([*changed, *kits_above(changed, tree)]))
    single = {part.variant_id for parts in tree.values() for part in parts if part.variant_id is not None and part.variant_id not in tree}
    components = components_of(sorted(single), company_id=company_id)
    flat = {kit: leaves(kit, tree, components) for kit in kits}
    asks = [
        ComponentAsk(variant_id=kit, stock_item_id=item, quantity=quantity)
        for kit, items in flat.items()
        for item, quantity in items.items()
    ]
    compose_variants(asks, company_id=company_id, actor=actor, at=at)
    return flat


def _price(
    variant_ids: Sequence[int],
    *,
    company_id: int,
    at: datetime,
    until_at: datetime | None,
    actor: Actor,
    from_at: datetime | None = None,
) -> int:
    kits = kits_of(company_id)
    tree = {variant: kit.parts for variant, kit in kits.items()}
    named = [variant for variant in variant_ids if variant in kits]
    due = [kits[v] for v in dict.fromkeys([*named, *kits_above(variant_ids, tree)]) if kits[v].price is not KitPrice.OWN]
    changed = 0
    for kit in due:  # one by one: an inner kit's new price is a part of the outer one's
        changed += _price_one(kit, company_id=company_id, from_at=max(from_at or at, at), until_at=until_at, actor=actor, at=at)
    return changed


def _price_one(kit: KitRow, *, company_id: int, from_at: datetime, until_at: datetime | None, actor: Actor, at: datetime) -> int:
    quantities = {part.variant_id: part.quantity for part in kit.parts if part.variant_id is not None}
    by_list: dict[str, dict[int, int]] = {}
    for price in part_prices(list(quantities), company_id=company_id, at=from_at):
        by_list.setdefault(price.list_code, {})[price.variant_id] = price.amount
    asks = [
        PriceAt(
            list_code=code,
            variant_id=kit.variant_id,
            amount=kit_price(
                kit.price, [(prices[variant], quantity) for variant, quantity in quantities.items()], rate_bp=kit.rate_bp, amount=kit.amount
            ),
            from_at=from_at,
            until_at=until_at,
        )
        for code, prices in by_list.items()
        if len(prices) == len(quantities)
    ]
    done = set_prices(asks, company_id=company_id, actor=actor, at=at, reason="kit") if asks else []
    return sum(not isinstance(result, Refusal) and result.changed for result in done)
