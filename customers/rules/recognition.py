"""What is asked when somebody buys, and how they were recognised."""

from dataclasses import dataclass
from enum import StrEnum

from core.words import gettext_noop as _
from customers.rules.people import Person, PlaceOfDelivery


class MatchedBy(StrEnum):
    """The proof by which somebody was recognised, strongest first."""

    GIVEN = "given"
    ACCOUNT = "account"
    IDENTITY = "identity"
    PHONE_AND_KANA = "phone_and_kana"
    NOTHING = "new"

    @classmethod
    def labels(cls) -> dict["MatchedBy", str]:
        return {
            cls.GIVEN: _("Chosen"),
            cls.ACCOUNT: _("Signed in"),
            cls.IDENTITY: _("Outside number"),
            cls.PHONE_AND_KANA: _("Phone and reading of the name"),
            cls.NOTHING: _("New customer"),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognise:
    """Who is buying? A known customer, a signed-in account, an outside number (provider, subject), or a person.

    ``brand_id`` chooses whose rank is answered; without one the company's own rank counts.
    """

    company_id: int
    channel_id: int | None = None
    customer_id: int | None = None
    account_id: int | None = None
    identity: tuple[str, str] | None = None
    person: Person | None = None
    address: PlaceOfDelivery | None = None
    brand_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """The customer an order belongs to; of a merged pair always the principal. ``rank_code`` is "" where none is held."""

    customer_id: int
    is_new: bool
    matched_by: MatchedBy
    rank_code: str = ""
    attention: bool = False
