"""How much is bought when: the year, the week, the hour, and what people want in which month."""

from collections.abc import Sequence
from datetime import date

from config.simulation.chance import Chance
from config.simulation.scene import Channel, Scene, Ware

MONTHS = (0.86, 0.84, 0.98, 0.98, 1.10, 0.98, 1.14, 0.90, 0.94, 1.00, 1.06, 1.22)
"""January is quiet, new tea comes in May, gifts go out in July and December."""
WEEKDAYS = (1.04, 0.96, 0.94, 1.12, 0.96, 0.98, 1.00)
"""Monday first; Thursday is the day of the weekly mail."""

SHARES = {"web": 0.63, "phone": 0.13, "paper": 0.05, "store": 0.08, "chat": 0.04, "marketplace": 0.06, "b2b": 0.01}
"""Of a hundred orders, how many come by which kind of channel."""

HOURS = {
    "web": (2, 1, 0, 0, 0, 1, 2, 4, 4, 4, 5, 5, 8, 5, 4, 4, 4, 4, 5, 7, 9, 11, 9, 5),
    "phone": (0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 13, 12, 7, 10, 11, 11, 9, 6, 0, 0, 0, 0, 0, 0),
    "paper": (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 5, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    "store": (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 6, 8, 8, 8, 9, 9, 9, 7, 0, 0, 0, 0, 0),
    "chat": (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 5, 7, 5, 5, 5, 5, 6, 7, 9, 9, 6, 0, 0),
    "marketplace": (2, 1, 0, 0, 0, 1, 2, 4, 4, 4, 5, 5, 7, 5, 4, 4, 4, 4, 6, 8, 10, 10, 8, 4),
    "b2b": (0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 12, 9, 0, 9, 9, 7, 5, 0, 0, 0, 0, 0, 0, 0),
}

TASTES: dict[str, tuple[float, float, float]] = {
    "hojicha": (1.5, 1.0, 0.6),
    "wakocha": (1.3, 1.0, 0.8),
    "sencha": (0.9, 1.3, 1.0),
    "matcha": (1.0, 1.1, 1.0),
    "teabag": (0.9, 1.0, 1.4),
    "caffeine-free": (1.0, 1.0, 1.4),
    "drink": (1.3, 1.0, 1.1),
    "sweets": (1.2, 1.0, 0.8),
    "moisture": (1.3, 1.0, 0.9),
    "body": (1.5, 1.0, 0.8),
    "sun": (0.3, 1.1, 1.8),
}
_TEMPERATURE = (0, 0, 0, 1, 1, 2, 2, 2, 2, 1, 0, 0)


def growth(scene: Scene, day: date) -> float:
    """A young house grows: from three quarters of the usual figure to five quarters, over the time simulated."""
    days = max(1, (scene.until_on - scene.since_on).days)
    return 0.75 + 0.5 * (day - scene.since_on).days / days


def orders_of(scene: Scene, day: date) -> int:
    """How many orders come on a day, over all channels."""
    expected = scene.orders_per_day * MONTHS[day.month - 1] * WEEKDAYS[day.weekday()] * growth(scene, day)
    swing = 0.85 + 0.3 * scene.chance.share("swing", day)
    return scene.chance.count(expected * swing, "orders", day)


def channel_weights(channels: Sequence[Channel]) -> list[float]:
    """Each channel's part; of several of one kind the first gets twice what a later one gets."""
    weights = []
    for channel in channels:
        alike = [other for other in channels if other.kind == channel.kind]
        parts = [2.0] + [1.0] * (len(alike) - 1)
        weights.append(SHARES.get(channel.kind, 0.01) * parts[alike.index(channel)] / sum(parts))
    return weights


def hour_of(chance: Chance, kind: str, *words: object) -> int:
    """The hour somebody orders in a kind of channel."""
    return chance.weighted(range(24), HOURS.get(kind, HOURS["web"]), *words)


def wanted(scene: Scene, channel: Channel, day: date) -> list[float]:
    """How much each ware of the channel is wanted in this month; some things are simply liked better than others."""
    return [_liking(scene.chance, ware, day) for ware in scene.wares[channel.id]]


def _liking(chance: Chance, ware: Ware, day: date) -> float:
    season = TASTES.get(ware.category, (1.0, 1.0, 1.0))[_TEMPERATURE[day.month - 1]]
    if "SUN" in ware.sku:
        season = TASTES["sun"][_TEMPERATURE[day.month - 1]]
    if ware.category == "gift":
        season = {5: 1.5, 6: 2.0, 7: 3.0, 11: 2.2, 12: 3.6}.get(day.month, 0.7)
    if ware.category == "lesson":
        season = 0.3
    dear = min(1.0, 2_200 / max(ware.price, 500))
    return (0.35 + 1.3 * chance.share("liked", ware.sku)) * season * (0.4 + 0.6 * dear)
