"""Opening companies, brands, sites and sales channels."""

from dataclasses import dataclass

from core.actor import Actor
from core.db import operation, rows
from core.queries import (
    ChannelContext,
    ChannelKind,
    CompanyContext,
    channel_context,
    company_context,
    forget_kept,
)
from core.tax import Rounding, TaxBasis


@dataclass(frozen=True, slots=True)
class NewCompany:
    """A company as it is opened."""

    code: str
    name: str
    legal_name: str = ""
    registration_number: str = ""
    country: str = "JP"
    currency: str = "JPY"
    language: str = "ja"
    timezone: str = "Asia/Tokyo"
    tax_basis: TaxBasis = TaxBasis.INCLUDED
    tax_rounding: Rounding = Rounding.FLOOR
    postal_code: str = ""
    prefecture: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""
    representative: str = ""


@operation
def open_company(company: NewCompany, *, actor: Actor) -> CompanyContext:
    """The company exists; one that already has this code is left as it is and answered."""
    names = list(NewCompany.__dataclass_fields__)
    rows(
        f"INSERT INTO core_company ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))}) ON CONFLICT (code) DO NOTHING RETURNING id",
        [str(getattr(company, name)) for name in names],
    )
    forget_kept()
    return company_context(rows("SELECT id FROM core_company WHERE code = %s", (company.code,))[0].id)


@operation
def open_brand(company_id: int, *, code: str, name: str, actor: Actor) -> int:
    """The brand exists; its id. One that already has this code is left as it is."""
    rows(
        "INSERT INTO core_brand (company_id, code, name) VALUES (%s, %s, %s) ON CONFLICT (company_id, code) DO NOTHING RETURNING id",
        (company_id, code, name),
    )
    return int(rows("SELECT id FROM core_brand WHERE company_id = %s AND code = %s", (company_id, code))[0].id)


@operation
def open_site(
    company_id: int,
    *,
    code: str,
    domain: str,
    name: str,
    actor: Actor,
    brand_id: int | None = None,
    language: str = "ja",
    theme: str = "default",
) -> int:
    """The site exists; its id. One that already has this code is left as it is, so that a domain moves only on purpose."""
    rows(
        "INSERT INTO core_site (company_id, brand_id, code, domain, name, language, theme) VALUES (%s, %s::bigint, %s, %s, %s, %s, %s)"
        " ON CONFLICT (company_id, code) DO NOTHING RETURNING id",
        (company_id, brand_id, code, domain.lower(), name, language, theme),
    )
    forget_kept()
    return int(rows("SELECT id FROM core_site WHERE company_id = %s AND code = %s", (company_id, code))[0].id)


@operation
def open_channel(
    company_id: int, *, code: str, name: str, kind: ChannelKind, actor: Actor, site_id: int | None = None, brand_id: int | None = None
) -> ChannelContext:
    """The sales channel exists; one that already has this code is left as it is and answered."""
    rows(
        "INSERT INTO core_saleschannel (company_id, code, name, kind, site_id, brand_id) VALUES (%s, %s, %s, %s, %s::bigint, %s::bigint)"
        " ON CONFLICT (company_id, code) DO NOTHING RETURNING id",
        (company_id, code, name, str(kind), site_id, brand_id),
    )
    forget_kept()
    return channel_context(code, company_id=company_id)
