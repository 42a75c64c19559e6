from customers.admin import accounts, customers, duplicates, ledgers, masters

__all__ = ["accounts", "customers", "duplicates", "ledgers", "masters"]
