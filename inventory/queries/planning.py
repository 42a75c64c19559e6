"""From which shelves orders would be served: by the house's routing, or by the strategy that is wired instead."""

from collections.abc import Mapping, Sequence

from inventory.ports import ROUTING_STRATEGY
from inventory.rules import Demand, Shortage, Supply, Take, route


def planned(demands: Sequence[Demand], supply: Supply) -> Mapping[int, tuple[Take, ...] | Shortage]:
    """The plan of every order by its key. Reads nothing and promises nothing: ``allocate`` decides."""
    strategies = ROUTING_STRATEGY.all()
    return strategies[0].route(demands, supply) if strategies else route(demands, supply)
