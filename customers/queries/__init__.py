from customers.queries.ranking import rank_codes

__all__ = ["rank_codes"]
