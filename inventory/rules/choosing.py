"""Which locations may serve an order, and in what order they are asked. Prose and worked tables: docs/algorithms/routing.md."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from math import asin, cos, radians, sin, sqrt

from core.text import prefecture_of
from inventory.rules.kinds import LocationKind, RoutingKind
from inventory.rules.supply import Place, Rule

FAR = 1_000_000
"""The rank of a location of which the rule knows nothing: after all others."""

Ranks = Mapping[int, int]

# Latitude and longitude of the prefectural offices, in hundredths of a degree.
_OFFICES = {
    "北海道": (4306, 14135), "青森県": (4082, 14074), "岩手県": (3970, 14115), "宮城県": (3827, 14087), "秋田県": (3972, 14010),
    "山形県": (3824, 14036), "福島県": (3775, 14047), "茨城県": (3634, 14045), "栃木県": (3657, 13988), "群馬県": (3639, 13906),
    "埼玉県": (3586, 13965), "千葉県": (3560, 14012), "東京都": (3569, 13969), "神奈川県": (3545, 13964), "新潟県": (3790, 13902),
    "富山県": (3670, 13721), "石川県": (3659, 13663), "福井県": (3607, 13622), "山梨県": (3566, 13857), "長野県": (3665, 13818),
    "岐阜県": (3539, 13672), "静岡県": (3498, 13838), "愛知県": (3518, 13691), "三重県": (3473, 13651), "滋賀県": (3500, 13587),
    "京都府": (3502, 13576), "大阪府": (3469, 13552), "兵庫県": (3469, 13518), "奈良県": (3469, 13583), "和歌山県": (3423, 13517),
    "鳥取県": (3550, 13424), "島根県": (3547, 13305), "岡山県": (3466, 13393), "広島県": (3440, 13246), "山口県": (3419, 13147),
    "徳島県": (3407, 13456), "香川県": (3434, 13404), "愛媛県": (3384, 13277), "高知県": (3356, 13353), "福岡県": (3361, 13042),
    "佐賀県": (3325, 13030), "長崎県": (3275, 12987), "熊本県": (3279, 13074), "大分県": (3324, 13161), "宮崎県": (3191, 13142),
    "鹿児島県": (3156, 13056), "沖縄県": (2621, 12768),
}  # fmt: skip


@cache
def distance(one: str, other: str) -> int | None:
    """Kilometres between the offices of two prefectures; None where either is not one of the 47."""
    here, there = _OFFICES.get(prefecture_of(one)), _OFFICES.get(prefecture_of(other))
    if here is None or there is None:
        return None
    (north, east), (north_there, east_there) = ((radians(a / 100), radians(b / 100)) for a, b in (here, there))
    half = sin((north_there - north) / 2) ** 2 + cos(north) * cos(north_there) * sin((east_there - east) / 2) ** 2
    return round(2 * 6371 * asin(sqrt(half)))


def rules_for(rules: Sequence[Rule], prefecture: str) -> list[Rule]:
    """The rules that speak of an order that goes there."""
    to = prefecture_of(prefecture) or prefecture
    return [rule for rule in rules if not rule.prefecture or (prefecture_of(rule.prefecture) or rule.prefecture) == to]


def choose(
    rules: Sequence[Rule],
    candidates: Sequence[int],
    *,
    places: Mapping[int, Place],
    oldest: Ranks,
    prefecture: str,
    places_needed: Callable[[Sequence[int]], int | None],
) -> tuple[list[int], int]:
    """The locations an order may be served from, the preferred one first, and how many of them at most.

    Rules are asked in turn. A rule that ranks locations keeps those up to the first rank with which the order can still be served;
    "as few as possible" fixes their number. So the first rule that tells two ways of serving apart decides between them.
    ``places_needed`` tells how many of some locations an order needs, None where they don't suffice. ``oldest`` ranks by lot.
    """
    allowed = [place for place in candidates if not any(_leaves_out(rule, place, places) for rule in rules)]
    most = min((rule.most for rule in rules if rule.kind is RoutingKind.MOST_PLACES and rule.most), default=len(candidates))
    ranking: list[Ranks] = []
    if (needed := places_needed(allowed)) is None or needed > most:
        return allowed, most
    for rule in rules:
        if rule.kind is RoutingKind.FEWEST:
            most = min(most, places_needed(allowed) or most)
        elif ranks := _ranks(rule, allowed, places=places, oldest=oldest, prefecture=prefecture):
            allowed = _best(allowed, ranks, most, places_needed)
            ranking.append(ranks)
    asked = {place: number for number, place in enumerate(candidates)}
    return sorted(allowed, key=lambda place: (*(ranks[place] for ranks in ranking), asked[place])), most


def _leaves_out(rule: Rule, place: int, places: Mapping[int, Place]) -> bool:
    if rule.kind is RoutingKind.EXCLUDE:
        return place == rule.location_id
    return rule.kind is RoutingKind.STORES_PICK_UP and places[place].kind == LocationKind.STORE


def _ranks(rule: Rule, allowed: Sequence[int], *, places: Mapping[int, Place], oldest: Ranks, prefecture: str) -> Ranks | None:
    """How a rule ranks the locations, the best with the lowest number; None where it has nothing to say."""
    match rule.kind:
        case RoutingKind.PREFER:
            return {place: int(place != rule.location_id) for place in allowed}
        case RoutingKind.NEAREST if prefecture_of(prefecture):
            far = {place: distance(places[place].prefecture, prefecture) for place in allowed}
            return {place: FAR if kilometres is None else kilometres for place, kilometres in far.items()}
        case RoutingKind.OLDEST_LOT:
            return {place: oldest.get(place, FAR) for place in allowed}
    return None


def _best(allowed: list[int], ranks: Ranks, most: int, places_needed: Callable[[Sequence[int]], int | None]) -> list[int]:
    """The locations up to the first rank with which the order can be served from at most so many."""
    for worst in sorted({ranks[place] for place in allowed}):
        few = [place for place in allowed if ranks[place] <= worst]
        needed = places_needed(few)
        if needed is not None and needed <= most:
            return few
    return allowed
