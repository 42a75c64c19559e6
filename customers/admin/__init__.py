from customers.admin import accounts, customers, duplicates, ledgers, masters, reaching

__all__ = ["accounts", "customers", "duplicates", "ledgers", "masters", "reaching"]
