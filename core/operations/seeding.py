"""Facts every installation has. Put in by an operation, never by a migration: emptying the tables must not lose them for good."""

from datetime import date
from typing import Final

from core.actor import SYSTEM, Actor
from core.db import operation, run
from core.queries import forget_kept

# code, name, mark on documents
TAX_CLASSES: Final = (
    ("standard", "標準税率", ""),
    ("reduced", "軽減税率", "※"),
    ("zero", "免税", ""),
    ("exempt", "非課税", ""),
    ("out_of_scope", "不課税", ""),
)

_ALWAYS: Final = date(1900, 1, 1)

# class, basis points, from, until (exclusive). The consumption tax act and its amendments; docs/algorithms/tax.md.
JAPANESE_RATES: Final = (
    ("standard", 300, date(1989, 4, 1), date(1997, 4, 1)),
    ("standard", 500, date(1997, 4, 1), date(2014, 4, 1)),
    ("standard", 800, date(2014, 4, 1), date(2019, 10, 1)),
    ("standard", 1000, date(2019, 10, 1), None),
    ("reduced", 800, date(2019, 10, 1), None),
    ("zero", 0, _ALWAYS, None),
    ("exempt", 0, _ALWAYS, None),
    ("out_of_scope", 0, _ALWAYS, None),
)

# Sales taxes elsewhere depend on the buyer's county and aren't kept here: prices abroad are without tax.
UNTAXED_COUNTRIES: Final = ("US",)
UNTAXED_RATES: Final = tuple((code, 0, _ALWAYS, None) for code, _name, _mark in TAX_CLASSES)


@operation
def seed_reference(*, actor: Actor = SYSTEM) -> None:
    """Tax classes and the dated Japanese rates exist. Repeating it changes nothing; what people changed stays."""
    for position, (code, name, mark) in enumerate(TAX_CLASSES, start=1):
        run(
            "INSERT INTO core_taxclass (code, name, mark, position) VALUES (%s, %s, %s, %s) ON CONFLICT (code) DO NOTHING",
            (code, name, mark, position),
        )
    for country, rates in (("JP", JAPANESE_RATES), *((country, UNTAXED_RATES) for country in UNTAXED_COUNTRIES)):
        columns = list(zip(*rates, strict=True))
        run(
            "INSERT INTO core_taxrate (country, tax_class_id, rate_bp, valid_from_on, valid_until_on)"
            " SELECT %s, t.* FROM unnest(%s::text[], %s::int[], %s::date[], %s::date[]) t ON CONFLICT DO NOTHING",
            (country, *(list(column) for column in columns)),
        )
    forget_kept()
