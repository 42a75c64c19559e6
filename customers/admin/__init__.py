from customers.admin import accounts, customers, duplicates, ledgers, masters, programmes, reaching

__all__ = ["accounts", "customers", "duplicates", "ledgers", "masters", "programmes", "reaching"]
