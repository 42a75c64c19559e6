"""Companies, sites and channels for tests: every argument has a default, the ones given are the point."""

from itertools import count
from typing import Any

from core.models import Brand, BusinessCalendar, ChannelKind, Company, SalesChannel, Site

_numbers = count(1)


def a_company(**given: Any) -> Company:
    """A Japanese company that sells with tax included, rounding down."""
    n = next(_numbers)
    company = Company.objects.create(**{"code": f"company-{n}", "name": f"大福商店{n}", **given})
    company.refresh_from_db()
    return company


def a_brand(company: Company | None = None, **given: Any) -> Brand:
    """A brand of the company."""
    n = next(_numbers)
    return Brand.objects.create(**{"company": company or a_company(), "code": f"brand-{n}", "name": f"ブランド{n}", **given})


def a_site(company: Company | None = None, **given: Any) -> Site:
    """A shop front of the company."""
    n = next(_numbers)
    return Site.objects.create(
        **{"company": company or a_company(), "code": f"site-{n}", "domain": f"shop{n}.example.com", "name": f"サイト{n}", **given}
    )


def a_channel(company: Company | None = None, **given: Any) -> SalesChannel:
    """A sales channel of the company; a web shop unless told otherwise."""
    n = next(_numbers)
    return SalesChannel.objects.create(
        **{"company": company or a_company(), "code": f"channel-{n}", "name": f"チャネル{n}", "kind": ChannelKind.WEB, **given}
    )


def a_calendar(company: Company | None = None, **given: Any) -> BusinessCalendar:
    """A calendar closed at weekends and on national holidays."""
    n = next(_numbers)
    return BusinessCalendar.objects.create(**{"company": company, "code": f"calendar-{n}", "name": f"営業日{n}", **given})
