"""What customers announce: ids, codes and amounts, never a personal value."""

from dataclasses import dataclass

from core.events import Event


@dataclass(frozen=True)
class _OfCustomer:
    """What all of them share: the events of one customer reach a handler in order."""

    customer_id: int

    @property
    def stream(self) -> str:
        return f"customer:{self.customer_id}"


@dataclass(frozen=True)
class CustomerRegistered(_OfCustomer, Event):
    """A ledger entry was opened, by an order or by hand."""

    name = "customers.CustomerRegistered"
    company_id: int


@dataclass(frozen=True)
class CustomerChanged(_OfCustomer, Event):
    """What we know of a customer changed; ``fields`` names what, without the values."""

    name = "customers.CustomerChanged"
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class CustomersMerged(_OfCustomer, Event):
    """Two entries are read as one from now on; ``customer_id`` is the principal."""

    name = "customers.CustomersMerged"
    merged_id: int


@dataclass(frozen=True)
class MergeUndone(_OfCustomer, Event):
    """Two entries are read apart again; ``customer_id`` is the former principal."""

    name = "customers.MergeUndone"
    merged_id: int


@dataclass(frozen=True)
class CustomerErased(_OfCustomer, Event):
    """The personal values of a customer and of all entries merged into it are gone."""

    name = "customers.CustomerErased"
    member_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class ConsentRecorded(_OfCustomer, Event):
    """A customer agreed to something or took it back."""

    name = "customers.ConsentRecorded"
    consent_id: int
    channel: str
    purpose: str
    status: str
    brand_id: int | None = None


@dataclass(frozen=True)
class RankChanged(_OfCustomer, Event):
    """A customer holds another rank, or none (""), with a brand or with the company."""

    name = "customers.RankChanged"
    rank_code: str
    brand_id: int | None = None


@dataclass(frozen=True)
class AccountLinked(_OfCustomer, Event):
    """An account may act for a customer."""

    name = "customers.AccountLinked"
    account_id: int
    evidence: str


@dataclass(frozen=True)
class AccountUnlinked(_OfCustomer, Event):
    """An account may no longer act for a customer."""

    name = "customers.AccountUnlinked"
    account_id: int


@dataclass(frozen=True)
class _OfAccount:
    """The events of one account reach a handler in order."""

    account_id: int

    @property
    def stream(self) -> str:
        return f"account:{self.account_id}"


@dataclass(frozen=True)
class AccountOpened(_OfAccount, Event):
    """Somebody opened an account; no customer comes of it."""

    name = "customers.AccountOpened"


@dataclass(frozen=True)
class AccountClosed(_OfAccount, Event):
    """Somebody closed their account; the companies' ledgers stay."""

    name = "customers.AccountClosed"


@dataclass(frozen=True)
class IdentityAdded(_OfAccount, Event):
    """An account can be signed in to by another way too."""

    name = "customers.IdentityAdded"
    provider: str


@dataclass(frozen=True)
class IdentityEnded(_OfAccount, Event):
    """An account is signed in to no more by this way."""

    name = "customers.IdentityEnded"
    provider: str


@dataclass(frozen=True)
class FactorsReset(_OfAccount, Event):
    """Staff removed an account's second factors and passkeys, and signed it out everywhere."""

    name = "customers.FactorsReset"


@dataclass(frozen=True)
class PointsGranted(_OfCustomer, Event):
    """A lot of points was granted."""

    name = "customers.PointsGranted"
    lot_id: int
    points: int
    brand_id: int | None = None


@dataclass(frozen=True)
class PointsSpent(_OfCustomer, Event):
    """Points were spent, soonest to expire first."""

    name = "customers.PointsSpent"
    points: int
    reference: str
    brand_id: int | None = None


@dataclass(frozen=True)
class PointsReturned(_OfCustomer, Event):
    """Spent points came back to the lots they were taken from."""

    name = "customers.PointsReturned"
    points: int
    reference: str


@dataclass(frozen=True)
class PointsCorrected(_OfCustomer, Event):
    """Granted points were taken back, since what gave them was undone; ``points`` is below zero."""

    name = "customers.PointsCorrected"
    lot_id: int
    points: int
    reference: str


@dataclass(frozen=True)
class PointsExpired(_OfCustomer, Event):
    """Points that nobody spent in time are gone."""

    name = "customers.PointsExpired"
    lot_id: int
    points: int
