from inventory.queries.supply import atp, supply_for

__all__ = ["atp", "supply_for"]
