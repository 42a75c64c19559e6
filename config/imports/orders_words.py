"""Why a row of an orders file is left out, and how its tax is worked out in SQL."""

from typing import Final

from config.imports.cells import Fault
from core.tax import Rounding, TaxBasis
from core.words import gettext_noop as _

FAULTS: Final = {
    "channel": ("channel", Fault("import.unknown_channel", _("The company has no sales channel with this code."))),
    "customer": ("customer", Fault("import.unknown_customer", _("There is no customer with this number; bring the customers in first."))),
    "store": ("store", Fault("import.unknown_location", _("The company has no location with this code."))),
    "header": ("order_number", Fault("import.order_columns_differ", _("The order's columns differ from those of its first row."))),
    "sku": ("sku", Fault("import.unknown_product", _("There is no product with this SKU; bring the products in first."))),
    "price": ("amount", Fault("import.no_amount", _("A row needs its amount or its unit price."))),
    "sum": ("amount", Fault("import.amount_does_not_add_up", _("Unit price × quantity less the discounts is not the amount."))),
    "negative": ("amount", Fault("import.discount_too_large", _("The discounts are larger than what the goods cost."))),
    "large": ("amount", Fault("import.number_too_large", _("The amount is too large."))),
    "lines": ("order_number", Fault("import.too_many_lines", _("An order has at most 5,000 rows."))),
    "rate": ("sku", Fault("import.no_tax_rate", _("No tax rate is known for this product on the day of the order."))),
    "twice": ("line_no", Fault("import.duplicate_in_file", _("This number stands twice in the file; only its first row counts."))),
    "differs": ("order_number", Fault("import.order_differs", _("This order is here already and says something else. What was agreed is not rewritten."))),
    "taken": ("order_number", Fault("import.order_taken", _("This order is here already without this row. Rows of an order must stand together; none is added later."))),
}  # fmt: skip


def tax_sql(basis: TaxBasis, rounding: Rounding) -> tuple[str, str]:
    """The SQL of the taxable amount and the tax of a rate's total `p.amount`, rounded as ``core.tax`` does."""
    base = "(10000 + p.rate)" if basis is TaxBasis.INCLUDED else "10000"
    exact = "p.amount::numeric * p.rate"
    tax = {
        Rounding.FLOOR: f"div({exact}, {base})::bigint",
        Rounding.HALF_UP: f"div(2 * {exact} + {base}, 2 * {base})::bigint",
        Rounding.CEIL: f"div({exact} + {base} - 1, {base})::bigint",
    }[rounding]
    return ("p.amount" if basis is TaxBasis.EXCLUDED else f"p.amount - {tax}"), tax
