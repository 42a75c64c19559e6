"""What contact announces: ids and codes, never what was said. Events of one case come in order."""

from dataclasses import dataclass
from uuid import UUID

from core.events import Event


@dataclass(frozen=True, kw_only=True)
class CaseEvent(Event):
    """What every event of a case tells."""

    case_id: int
    case_ref: UUID
    company_id: int
    customer_id: int | None

    @property
    def stream(self) -> str:
        return f"case:{self.case_id}"


@dataclass(frozen=True, kw_only=True)
class CaseOpened(CaseEvent):
    """A customer, or somebody unknown, wants something of us."""

    name = "contact.CaseOpened"
    number: str
    desk: str
    reason: str
    priority: str
    complaint: bool


@dataclass(frozen=True, kw_only=True)
class InteractionAdded(CaseEvent):
    """Another word was said in a case."""

    name = "contact.InteractionAdded"
    interaction_id: int
    direction: str
    state: str


@dataclass(frozen=True, kw_only=True)
class CaseHandedOver(CaseEvent):
    """Somebody else, or another desk, looks after the case."""

    name = "contact.CaseHandedOver"
    owner_id: int | None
    desk: str


@dataclass(frozen=True, kw_only=True)
class CaseSolved(CaseEvent):
    """The case is closed."""

    name = "contact.CaseSolved"
    cause_class: str


@dataclass(frozen=True, kw_only=True)
class CaseReopened(CaseEvent):
    """The case was not solved after all."""

    name = "contact.CaseReopened"


@dataclass(frozen=True, kw_only=True)
class CallerNamed(CaseEvent):
    """An unknown caller's case belongs to a customer from now on."""

    name = "contact.CallerNamed"
