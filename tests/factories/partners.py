"""Partner applications and their access tokens, for the tests of the machine counter."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from oauth2_provider.models import AccessToken

from core.models import Company
from customers.models import PartnerApplication
from tests.factories.core import a_company

_numbers = count(1)


def a_partner(company: Company | None = None, *, scopes: str = "orders:read orders:write", **given: Any) -> PartnerApplication:
    """An application that may call the API for one company."""
    n = next(_numbers)
    return PartnerApplication.objects.create(
        **{
            "name": f"Partner {n}",
            "company": company or a_company(),
            "allowed_scopes": scopes,
            "client_type": PartnerApplication.CLIENT_CONFIDENTIAL,
            "authorization_grant_type": PartnerApplication.GRANT_CLIENT_CREDENTIALS,
            **given,
        }
    )


def a_token(partner: PartnerApplication | None = None, *, scopes: str = "orders:read orders:write", seconds: float = 600) -> str:
    """A token of the partner that lives for so many seconds."""
    word = f"token-{next(_numbers)}"
    AccessToken.objects.create(
        application=partner or a_partner(), token=word, scope=scopes, expires=datetime.now(UTC) + timedelta(seconds=seconds)
    )
    return word


def as_partner(token: str | None = None) -> dict[str, str]:
    """The headers of a call with a token; ``client.get(url, headers=as_partner())``."""
    return {"authorization": f"Bearer {token or a_token()}"}
