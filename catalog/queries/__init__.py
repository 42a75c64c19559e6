from catalog.queries.offers import offers

__all__ = ["offers"]
