"""From which locations each order is served. Prose and worked tables: docs/algorithms/routing.md."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations, islice

from inventory.rules.choosing import FAR, choose, rules_for
from inventory.rules.supply import UNLIMITED, Demand, Part, Shelf, Shortage, Supply, Take

SETS_TRIED = 400
"""How many sets of locations are looked at, smallest first, before the fullest shelves decide."""
PLACINGS_TRIED = 2_000
"""How many ways of spreading kits over locations are looked at before an order counts as short."""

Left = dict[int, dict[int, int]]  # by stock item, then location, the preferred one first
Line = tuple[Demand, tuple[Part, ...]]
Units = dict[int, int]  # units of a line by location


def route(demands: Sequence[Demand], supply: Supply) -> dict[int, tuple[Take, ...] | Shortage]:
    """Every order gets all it wants or nothing; orders are served in the order their first line comes.

    Lines that share a stock item are summed first. One location for the whole order is preferred, in the order of the
    sources; else the fewest locations, again in that order. All parts of one kit unit come from one location.
    """
    left: Left = {item: {shelf.location_id: shelf.free for shelf in shelves} for item, shelves in supply.shelves.items()}
    stock_ids = {(shelf.stock_item_id, shelf.location_id): shelf.stock_id for shelves in supply.shelves.values() for shelf in shelves}
    orders: dict[int, list[Demand]] = {}
    for demand in demands:
        orders.setdefault(demand.order_key, []).append(demand)
    return {key: _serve_order(wanted, left, supply, stock_ids) for key, wanted in orders.items()}


def _serve_order(
    wanted: Sequence[Demand], left: Left, supply: Supply, stock_ids: Mapping[tuple[int, int], int]
) -> tuple[Take, ...] | Shortage:
    """Plan one order: what its checkout holds is there for it alone, and with rules its destinations are served one by one."""
    lines: list[Line] = []
    for demand in wanted:
        if parts := supply.parts[demand.variant_id]:
            if demand.variant_id in supply.excluded:
                return Shortage(variant_id=demand.variant_id, wanted=demand.quantity, available=0)
            lines.append((demand, parts))
    held = _held(wanted, supply)
    _add(held, left)
    barred = frozenset[int]().union(*(demand.not_from for demand in wanted))
    seen = _besides(barred, lines, left, stock_ids) if barred else left
    plan = _serve_by_rules(lines, seen, supply, stock_ids) if supply.rules else _serve(lines, seen, supply.locations, stock_ids)
    if isinstance(plan, Shortage):
        _add([(item, place, -quantity) for item, place, quantity in held], left)
    elif barred:
        _add([(take.stock_item_id, take.location_id, -take.quantity) for take in plan], left)
    return plan


def _besides(barred: Collection[int], lines: Sequence[Line], left: Left, stock_ids: Mapping[tuple[int, int], int]) -> Left:
    """What lies on the other shelves, of the items that the lines are made of."""
    items = {part.stock_item_id for _, parts in lines for part in parts}
    return {item: {place: free for place, free in left.get(item, {}).items() if stock_ids[item, place] not in barred} for item in items}


def _held(wanted: Sequence[Demand], supply: Supply) -> list[tuple[int, int, int]]:
    """What the checkouts behind the lines hold, by stock item and location."""
    if not supply.holds:
        return []
    shelves = {shelf.stock_id: shelf for row in supply.shelves.values() for shelf in row}
    return [
        (shelves[stock_id].stock_item_id, shelves[stock_id].location_id, quantity)
        for holder in dict.fromkeys(demand.holder_id for demand in wanted if demand.holder_id is not None)
        for stock_id, quantity in supply.holds.get(holder, {}).items()
    ]


def _add(amounts: Sequence[tuple[int, int, int]], left: Left) -> None:
    for item, place, quantity in amounts:
        left[item][place] += quantity


def _serve_by_rules(
    lines: Sequence[Line], left: Left, supply: Supply, stock_ids: Mapping[tuple[int, int], int]
) -> tuple[Take, ...] | Shortage:
    """Serve each destination of an order from the locations its rules choose; all of them or none."""
    parcels: dict[str, list[Line]] = {}
    for line in lines:
        parcels.setdefault(line[0].prefecture, []).append(line)
    takes: list[Take] = []
    for prefecture, own in parcels.items():
        rules = rules_for(supply.rules, prefecture)
        items = {part.stock_item_id for _, parts in own for part in parts}
        allowed, most = choose(
            rules,
            supply.locations,
            places=supply.places,
            oldest=_oldest(items, supply),
            prefecture=prefecture,
            places_needed=partial(_places_needed, own, left),
        )
        view = _view(left, items, allowed)
        plan = _serve(own, view, allowed, stock_ids)
        if not isinstance(plan, Shortage) and len({take.location_id for take in plan}) > most:
            plan = _shortage(own, {})
        if isinstance(plan, Shortage):
            _add([(take.stock_item_id, take.location_id, take.quantity) for take in takes], left)
            return plan
        _add([(take.stock_item_id, take.location_id, -take.quantity) for take in plan], left)
        takes += plan
    return tuple(takes)


def _view(left: Left, items: Collection[int], allowed: Sequence[int]) -> Left:
    """What lies at some locations only, in their order."""
    return {item: {place: left[item][place] for place in allowed if place in left.get(item, {})} for item in items}


def _oldest(items: Collection[int], supply: Supply) -> dict[int, int]:
    """The day of the oldest lot of any of the items at each location, as a rank."""
    days: dict[int, int] = {}
    for item in items:
        for shelf in supply.shelves.get(item, ()):
            if shelf.oldest_on is not None:
                days[shelf.location_id] = min(days.get(shelf.location_id, FAR), shelf.oldest_on.toordinal())
    return days


def _places_needed(lines: list[Line], left: Left, places: Sequence[int]) -> int | None:
    """From how many of the locations an order is served at the least; None where they can't."""
    view = _view(left, {part.stock_item_id for _, parts in lines for part in parts}, places)
    need = _need(lines)
    if any(sum(view[item].values()) < wanted for item, wanted in need.items()):
        return None
    if _one_place(need, view) is not None:
        return 1
    plan = _split(lines, need, view, places)
    return None if plan is None else len({place for units in plan for place in units})


def promisable(variant_id: int, *, supply: Supply) -> int:
    """How many units of a variant the sources can give now, whole kits from one location each."""
    parts = supply.parts[variant_id]
    if not parts:
        return UNLIMITED
    if variant_id in supply.excluded:
        return 0
    left = {part.stock_item_id: {s.location_id: s.free for s in supply.shelves.get(part.stock_item_id, ())} for part in parts}
    return _whole_units(parts, left)


def shelves_to_lock(takes: Sequence[Take], *, supply: Supply, plenty: int, most: int) -> list[Shelf]:
    """The shelves to lock for a plan: those it takes from, and where they might run short also the alternatives.

    A shelf that holds ``plenty`` more than is planned hardly runs short between plan and lock; at most ``most``
    alternatives per stock item, the preferred ones first.
    """
    planned: dict[tuple[int, int], int] = {}
    for take in takes:
        key = take.stock_item_id, take.location_id
        planned[key] = planned.get(key, 0) + take.quantity
    chosen: list[Shelf] = []
    for item in dict.fromkeys(item for item, _ in planned):
        shelves = supply.shelves[item]
        taken = [shelf for shelf in shelves if (item, shelf.location_id) in planned]
        chosen += taken
        if any(shelf.free < planned[item, shelf.location_id] + plenty for shelf in taken):
            others = (shelf for shelf in shelves if shelf.free > 0 and (item, shelf.location_id) not in planned)
            chosen += islice(others, most)
    return chosen


def _serve(
    lines: list[Line], left: Left, locations: Sequence[int], stock_ids: Mapping[tuple[int, int], int]
) -> tuple[Take, ...] | Shortage:
    """Plan one order and take what it needs from what is left; a short order leaves everything as it was."""
    if not lines:
        return ()
    need = _need(lines)
    if any(sum(left.get(item, {}).values()) < wanted for item, wanted in need.items()):
        return _shortage(lines, left)
    place = _one_place(need, left)
    plan = [{place: demand.quantity} for demand, _ in lines] if place is not None else _split(lines, need, left, locations)
    if plan is None:
        return _shortage([line for line in lines if not _is_plain(line)], left)
    takes: list[Take] = []
    for (demand, parts), units in zip(lines, plan, strict=True):
        for location, count in units.items():
            for part in parts:
                left[part.stock_item_id][location] -= count * part.quantity
                takes.append(
                    Take(
                        demand_id=demand.demand_id,
                        variant_id=demand.variant_id,
                        stock_id=stock_ids[part.stock_item_id, location],
                        stock_item_id=part.stock_item_id,
                        location_id=location,
                        quantity=count * part.quantity,
                        line_quantity=count,
                    )
                )
    return tuple(takes)


def _need(lines: Sequence[Line]) -> dict[int, int]:
    """What an order wants of every stock item in all."""
    need: dict[int, int] = {}
    for demand, parts in lines:
        for part in parts:
            need[part.stock_item_id] = need.get(part.stock_item_id, 0) + demand.quantity * part.quantity
    return need


def _one_place(need: Mapping[int, int], left: Left) -> int | None:
    """The preferred location that can serve the whole order alone."""
    first, *others = need
    wanted = need[first]
    for location, free in left[first].items():
        if free >= wanted and all(left[item].get(location, 0) >= need[item] for item in others):
            return location
    return None


def _split(lines: list[Line], need: Mapping[int, int], left: Left, locations: Sequence[int]) -> list[Units] | None:
    """Units of every line by location, from as few locations as will do."""
    places = [place for place in locations if any(left[item].get(place, 0) > 0 for item in need)]
    widest = _assign(lines, places, left)
    if widest is None:
        return None
    for few in islice(_sets_that_hold(places, need, left), SETS_TRIED):
        plan = _assign(lines, few, left)
        if plan is not None:
            return plan
    return widest


def _sets_that_hold(places: Sequence[int], need: Mapping[int, int], left: Left) -> Iterator[Sequence[int]]:
    """Sets of locations whose sums suffice: the smallest first, among equals the preferred; past a bound the fullest."""
    for few in islice((few for size in range(2, len(places)) for few in combinations(places, size)), SETS_TRIED):
        if all(sum(left[item].get(place, 0) for place in few) >= wanted for item, wanted in need.items()):
            yield few
    missing = dict(need)
    fullest: list[int] = []
    while any(missing.values()):
        best = max(
            (place for place in places if place not in fullest),
            key=lambda place: (sum(min(missing[item], left[item].get(place, 0)) for item in need), -places.index(place)),
        )
        fullest.append(best)
        missing = {item: max(0, wanted - left[item].get(best, 0)) for item, wanted in missing.items()}
    yield [place for place in places if place in fullest]


def _assign(lines: list[Line], places: Sequence[int], left: Left) -> list[Units] | None:
    """Spread the lines over the places: kits first, which need their parts together, then the rest where it lies."""
    free: Left = {part.stock_item_id: {} for _, parts in lines for part in parts}
    for item, by_place in free.items():
        by_place.update((place, left[item].get(place, 0)) for place in places)
    plan: list[Units] = [{} for _ in lines]
    kits = [index for index, line in enumerate(lines) if not _is_plain(line)]
    if kits and not _place_kits(kits, lines, plan, free, [PLACINGS_TRIED]):
        return None
    for index, line in enumerate(lines):
        if index in kits:
            continue
        by_place, rest = free[line[1][0].stock_item_id], line[0].quantity
        whole = next((place for place, amount in by_place.items() if amount >= rest), None)
        for place in by_place if whole is None else (whole,):
            taken = min(rest, by_place[place])
            if taken:
                plan[index][place] = taken
                by_place[place] -= taken
                rest -= taken
        if rest:
            return None
    return plan


def _place_kits(kits: Sequence[int], lines: list[Line], plan: list[Units], free: Left, budget: list[int]) -> bool:
    """Find places for the units of all kits, trying the preferred ones first and turning back from dead ends."""
    if not kits:
        return True
    index, *others = kits
    demand, parts = lines[index]
    for units in _spreads(demand.quantity, _caps(parts, free)):
        budget[0] -= 1
        if budget[0] < 0:
            return False
        _move(units, parts, free, -1)
        if _place_kits(others, lines, plan, free, budget):
            plan[index] = units
            return True
        _move(units, parts, free, +1)
    return False


def _move(units: Units, parts: Sequence[Part], free: Left, sign: int) -> None:
    for place, count in units.items():
        for part in parts:
            free[part.stock_item_id][place] += sign * count * part.quantity


def _caps(parts: Sequence[Part], free: Left) -> Units:
    """How many whole units each place could give."""
    return {place: min(free[part.stock_item_id].get(place, 0) // part.quantity for part in parts) for place in free[parts[0].stock_item_id]}


def _spreads(units: int, caps: Units) -> Iterator[Units]:
    """All ways to spread units over places: whole at one first, then as much as possible at the preferred ones."""
    for place, cap in caps.items():
        if cap >= units:
            yield {place: units}
    for spread in _compositions(units, list(caps.items())):
        if len(spread) > 1:
            yield spread


def _compositions(units: int, caps: list[tuple[int, int]]) -> Iterator[Units]:
    if not units:
        yield {}
    elif caps and sum(cap for _, cap in caps) >= units:
        (place, cap), *others = caps
        for count in range(min(cap, units), -1, -1):
            for rest in _compositions(units - count, others):
                yield {place: count, **rest} if count else rest


def _is_plain(line: Line) -> bool:
    """Whether a unit of the line is one piece of one stock item, so that it may lie anywhere."""
    return len(line[1]) == 1 and line[1][0].quantity == 1


def _whole_units(parts: Sequence[Part], left: Left) -> int:
    return sum(max(0, count) for count in _caps(parts, {part.stock_item_id: left.get(part.stock_item_id, {}) for part in parts}).values())


def _shortage(lines: list[Line], left: Left) -> Shortage:
    """The first line that the lines before it leave too little for."""
    used: dict[int, int] = {}
    for demand, parts in lines:
        totals = [(sum(left.get(p.stock_item_id, {}).values()) - used.get(p.stock_item_id, 0)) // p.quantity for p in parts]
        available = max(0, min(*totals, _whole_units(parts, left)))
        if available < demand.quantity:
            return Shortage(variant_id=demand.variant_id, wanted=demand.quantity, available=available)
        for part in parts:
            used[part.stock_item_id] = used.get(part.stock_item_id, 0) + demand.quantity * part.quantity
    demand, _ = lines[-1]
    return Shortage(variant_id=demand.variant_id, wanted=demand.quantity, available=demand.quantity - 1)
