"""Who trades and where things are bought, as small frozen rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from core.clock import business_date
from core.db import rows
from core.errors import Conflict, NotFound
from core.models import ChannelKind, LegalText, LegalTextKind
from core.queries.kept import kept
from core.tax import Rounding, TaxBasis
from core.words import gettext_noop as _


class UnknownCompany(NotFound):
    """No company has this id or code."""

    code = "company.not_found"
    message = _("There is no company “%(company)s”.")


class UnknownChannel(NotFound):
    """No sales channel has this id or code."""

    code = "channel.not_found"
    message = _("There is no sales channel “%(channel)s”.")


class AmbiguousChannel(Conflict):
    """Several companies have a channel of this code, and none was named."""

    code = "channel.ambiguous"
    message = _("Several companies have a sales channel “%(channel)s”; name the company.")


class UnknownSite(NotFound):
    """No open site answers at this domain."""

    code = "site.not_found"
    message = _("No shop answers at “%(domain)s”.")


@dataclass(frozen=True, slots=True)
class CompanyContext:
    """What a document needs to know of the company it belongs to."""

    id: int
    public_id: UUID
    code: str
    name: str
    legal_name: str
    registration_number: str
    country: str
    currency: str
    language: str
    timezone: str
    tax_basis: TaxBasis
    tax_rounding: Rounding
    postal_code: str
    prefecture: str
    address: str
    phone: str
    email: str
    ended_at: datetime | None

    def business_date(self, at: datetime) -> date:
        """The company's day at a moment."""
        return business_date(at, self.timezone)


@dataclass(frozen=True, slots=True)
class ChannelContext:
    """A sales channel with its company."""

    id: int
    code: str
    name: str
    kind: ChannelKind
    company: CompanyContext
    site_id: int | None
    brand_id: int | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class SiteContext:
    """A shop front with its company and the web channel that its orders go to, if it has one."""

    id: int
    code: str
    domain: str
    name: str
    language: str
    theme: str
    brand_id: int | None
    company: CompanyContext
    channel: ChannelContext | None
    holds_at_most_minutes: int = 120


_COMPANY = (
    "c.id, c.public_id, c.code, c.name, c.legal_name, c.registration_number, c.country, c.currency, c.language, c.timezone,"
    " c.tax_basis, c.tax_rounding, c.postal_code, c.prefecture, c.address, c.phone, c.email, c.ended_at"
)
_CHANNEL = f"{_COMPANY}, h.id AS channel_id, h.code AS channel_code, h.name AS channel_name, h.kind, h.site_id, h.brand_id, h.ended_at AS channel_ended_at"


def _company(row: Any) -> CompanyContext:
    values = list(row[:18])
    values[10], values[11] = TaxBasis(row.tax_basis), Rounding(row.tax_rounding)
    return CompanyContext(*values)


def _channel(row: Any) -> ChannelContext:
    return ChannelContext(
        row.channel_id,
        row.channel_code,
        row.channel_name,
        ChannelKind(row.kind),
        _company(row),
        row.site_id,
        row.brand_id,
        row.channel_ended_at,
    )


def company_context(company_id: int) -> CompanyContext:
    """The company with this id, kept for up to five seconds. Raises "company.not_found"."""

    def load() -> CompanyContext:
        found = rows(f"SELECT {_COMPANY} FROM core_company c WHERE c.id = %s", (company_id,))
        if not found:
            raise UnknownCompany(params={"company": company_id})
        return _company(found[0])

    return kept(("company", company_id), load=load)


def company_coded(code: str) -> CompanyContext:
    """The company with this code, kept for up to five seconds. Raises "company.not_found"."""

    def load() -> CompanyContext:
        found = rows(f"SELECT {_COMPANY} FROM core_company c WHERE c.code = %s", (code,))
        if not found:
            raise UnknownCompany(params={"company": code})
        return _company(found[0])

    return kept(("company code", code), load=load)


def companies() -> list[CompanyContext]:
    """Every company that has not ended, oldest first."""
    return [_company(row) for row in rows(f"SELECT {_COMPANY} FROM core_company c WHERE c.ended_at IS NULL ORDER BY c.id")]


def channel_context(code: str, *, company_id: int | None = None) -> ChannelContext:
    """The sales channel with this code, with its company, in one statement; kept for up to five seconds.

    The company may be left out where only one company has such a channel, else "channel.ambiguous" is raised; for an
    unknown code "channel.not_found". A channel that has ended is answered too: whether it may still sell is a rule.
    """

    def load() -> ChannelContext:
        found = rows(
            f"SELECT {_CHANNEL} FROM core_saleschannel h JOIN core_company c ON c.id = h.company_id"
            " WHERE h.code = %s AND (%s::bigint IS NULL OR h.company_id = %s::bigint) ORDER BY h.id LIMIT 2",
            (code, company_id, company_id),
        )
        if not found:
            raise UnknownChannel(params={"channel": code})
        if len(found) > 1:
            raise AmbiguousChannel(params={"channel": code})
        return _channel(found[0])

    return kept(("channel code", code, company_id), load=load)


def channel_context_by_id(channel_id: int) -> ChannelContext:
    """The sales channel with this id, with its company; kept for up to five seconds. Raises "channel.not_found"."""

    def load() -> ChannelContext:
        found = rows(
            f"SELECT {_CHANNEL} FROM core_saleschannel h JOIN core_company c ON c.id = h.company_id WHERE h.id = %s", (channel_id,)
        )
        if not found:
            raise UnknownChannel(params={"channel": channel_id})
        return _channel(found[0])

    return kept(("channel", channel_id), load=load)


def open_channels(company_id: int | None = None) -> list[ChannelContext]:
    """The channels that have not ended, of a company or of every one that has not ended itself; the oldest company and channel first."""
    own = "h.company_id = %s" if company_id is not None else "c.ended_at IS NULL"
    return [
        _channel(row)
        for row in rows(
            f"SELECT {_CHANNEL} FROM core_saleschannel h JOIN core_company c ON c.id = h.company_id WHERE {own} AND h.ended_at IS NULL ORDER BY c.id, h.id",
            () if company_id is None else (company_id,),
        )
    ]


def site_context(domain: str) -> SiteContext:
    """The open site at a domain (without port, any case), with its company and web channel; kept for up to five seconds.

    Raises "site.not_found".
    """
    name = domain.rsplit(":", 1)[0].lower().rstrip(".")

    def load() -> SiteContext:
        found = rows(
            f"SELECT {_CHANNEL}, s.id AS the_site, s.code AS site_code, s.domain, s.name AS site_name, s.language AS site_language, s.theme,"
            " s.holds_at_most_minutes, s.brand_id AS site_brand FROM core_site s JOIN core_company c ON c.id = s.company_id"
            " LEFT JOIN LATERAL (SELECT * FROM core_saleschannel x WHERE x.site_id = s.id AND x.kind = 'web' AND x.ended_at IS NULL ORDER BY x.id LIMIT 1) h ON true"
            " WHERE s.domain = %s AND s.ended_at IS NULL",
            (name,),
        )
        if not found:
            raise UnknownSite(params={"domain": name})
        row = found[0]
        channel = _channel(row) if row.channel_id is not None else None
        return SiteContext(
            row.the_site, row.site_code, row.domain, row.site_name, row.site_language, row.theme, row.site_brand, _company(row), channel,
            row.holds_at_most_minutes,
        )  # fmt: skip

    return kept(("site", name), load=load)


def sites() -> list[SiteContext]:
    """Every open site, oldest first."""
    return [site_context(row.domain) for row in rows("SELECT domain FROM core_site WHERE ended_at IS NULL ORDER BY id")]


def legal_texts(
    company_id: int, *, on: date, language: str = "ja", kinds: Sequence[LegalTextKind] = tuple(LegalTextKind)
) -> dict[LegalTextKind, LegalText]:
    """The version of each legal text in force on a day, in one language; kinds without a text are missing. Read only."""
    found = (
        LegalText.objects.filter(company_id=company_id, language=language, kind__in=list(kinds), valid_from_on__lte=on)
        .order_by("kind", "-valid_from_on")
        .distinct("kind")
    )
    return {LegalTextKind(text.kind): text for text in found}
