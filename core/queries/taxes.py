"""The tax rates in force on a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from core.db import rows
from core.errors import Refused
from core.queries.kept import kept
from core.words import gettext_noop as _


class NoTaxRate(Refused):
    """No rate is on record for a tax class, country and day."""

    code = "tax.rate_missing"
    message = _("No tax rate is on record for “%(tax_class)s” in %(country)s on %(on)s.")


@dataclass(frozen=True, slots=True)
class TaxClassView:
    """A tax class as documents show it."""

    code: str
    name: str
    mark: str


def tax_rates_on(on: date, country: str = "JP") -> Mapping[str, int]:
    """The rate in basis points of every tax class in a country on a day of supply; kept for up to five seconds."""

    def load() -> Mapping[str, int]:
        found = rows(
            "SELECT tax_class_id, rate_bp FROM core_taxrate WHERE country = %s AND valid_from_on <= %s AND (valid_until_on IS NULL OR valid_until_on > %s)",
            (country, on, on),
        )
        return MappingProxyType({row.tax_class_id: row.rate_bp for row in found})

    return kept(("tax rates", country, on), load=load)


def tax_rate_bp(tax_class: str, *, on: date, country: str = "JP") -> int:
    """The rate of one class in basis points. Refuses with "tax.rate_missing" rather than guessing zero."""
    rate = tax_rates_on(on, country).get(tax_class)
    if rate is None:
        raise NoTaxRate(params={"tax_class": tax_class, "country": country, "on": on.isoformat()})
    return rate


def tax_classes() -> Mapping[str, TaxClassView]:
    """Every tax class by its code, in the order documents list them; kept for up to five seconds."""

    def load() -> Mapping[str, TaxClassView]:
        found = rows("SELECT code, name, mark FROM core_taxclass ORDER BY position, code")
        return MappingProxyType({row.code: TaxClassView(row.code, row.name, row.mark) for row in found})

    return kept("tax classes", load=load)
