"""Bringing a company's past in: files of customers, products, orders and campaigns. See docs/import.md."""

from config.imports.campaigns import CAMPAIGNS
from config.imports.customers import CUSTOMERS
from config.imports.orders import ORDERS
from config.imports.products import PRODUCTS
from config.imports.reading import UnreadableFile
from config.imports.running import Asked, Kind, Policy, Progress, Summary, import_file

KINDS = {kind.name: kind for kind in (CUSTOMERS, PRODUCTS, ORDERS, CAMPAIGNS)}

__all__ = ["KINDS", "Asked", "Kind", "Policy", "Progress", "Summary", "UnreadableFile", "import_file"]
