"""Kits: what they are made of in the end, what they cost, and what a part that comes back is worth."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.money import spread
from core.words import gettext_noop


class KitPrice(StrEnum):
    """How the price of a kit comes about."""

    OWN = "own"
    LESS_RATE = "less_rate"
    LESS_AMOUNT = "less_amount"

    @classmethod
    def labels(cls) -> dict[str, str]:
        """What a reader sees for each value."""
        return {
            cls.OWN: gettext_noop("A price of its own"),
            cls.LESS_RATE: gettext_noop("Sum of the parts, less a rate"),
            cls.LESS_AMOUNT: gettext_noop("Sum of the parts, less an amount"),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class KitPartAsk:
    """So many of a variant, or of a stock item that is not sold alone: one of the two is named."""

    quantity: int = 1
    variant_id: int | None = None
    stock_item_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KitAsk:
    """A variant is a set of these parts from now on, at a price by this rule."""

    variant_id: int
    parts: tuple[KitPartAsk, ...]
    price: KitPrice = KitPrice.OWN
    rate_bp: int = 0
    amount: int = 0


Tree = Mapping[int, Sequence[KitPartAsk]]
"""The parts of every kit, by its variant."""


def circle_through(variant_id: int, tree: Tree) -> tuple[int, ...]:
    """The way from a kit back to itself, if its parts lead there; nothing where they end somewhere."""
    way: list[int] = []
    done: set[int] = set()

    def leads_back(variant: int) -> bool:
        way.append(variant)
        for part in tree.get(variant, ()):
            if part.variant_id == variant_id:
                way.append(variant_id)
                return True
            if part.variant_id is not None and part.variant_id not in done and leads_back(part.variant_id):
                return True
        done.add(way.pop())
        return False

    return tuple(way) if leads_back(variant_id) else ()


def leaves(variant_id: int, tree: Tree, components: Mapping[int, Mapping[int, int]]) -> dict[int, int]:
    """How many of each stock item one unit of a variant takes in the end; parts that share an item are summed.

    ``components`` are the stock items of variants that are no kits. The tree has no circles.
    """
    found: dict[int, int] = {}
    if variant_id not in tree:
        return dict(components.get(variant_id, {}))
    for part in tree[variant_id]:
        own = {part.stock_item_id: 1} if part.stock_item_id is not None else leaves(part.variant_id or 0, tree, components)
        for item, quantity in own.items():
            found[item] = found.get(item, 0) + quantity * part.quantity
    return found


def kits_above(variant_ids: Iterable[int], tree: Tree) -> list[int]:
    """Every kit that has one of the variants in it, however deep; inner kits come before those that hold them."""
    inside = set(variant_ids)

    def kits_in(variant: int) -> list[int]:
        return [part.variant_id for part in tree[variant] if part.variant_id is not None and part.variant_id in tree]

    def holds(variant: int) -> bool:
        return any(part.variant_id in inside for part in tree[variant]) or any(holds(inner) for inner in kits_in(variant))

    def depth(variant: int) -> int:
        return 1 + max((depth(inner) for inner in kits_in(variant)), default=0)

    return sorted((kit for kit in tree if holds(kit)), key=lambda kit: (depth(kit), kit))


def kit_price(rule: KitPrice, parts: Sequence[tuple[int, int]], *, rate_bp: int = 0, amount: int = 0) -> int:
    """What a kit costs by its rule: ``parts`` are (unit price, quantity). Rounded down to the minor unit, never below nought."""
    total = sum(price * quantity for price, quantity in parts)
    if rule is KitPrice.LESS_RATE:
        return total * (10_000 - rate_bp) // 10_000
    return max(0, total - amount)


def kit_shares(total: int, parts: Sequence[tuple[int, int]]) -> list[int]:
    """What each part of a kit is worth of what was paid for it, to the last minor unit: by price alone × quantity.

    ``parts`` are (unit price alone, quantity). Largest remainder, so that all parts together are worth exactly what was paid;
    where no part has a price alone, the pieces count.
    """
    weights = [price * quantity for price, quantity in parts]
    return spread(total, weights if any(weights) else [quantity for _price, quantity in parts])


def share_of_pieces(share: int, *, quantity: int, before: int, now: int) -> int:
    """What so many pieces of a part are worth now, when so many came back before: all pieces together are worth the share."""
    return share * (before + now) // quantity - share * before // quantity
