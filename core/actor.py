"""Who acts: a value that every write carries and that is stored as four text columns."""

from dataclasses import dataclass
from enum import StrEnum


class ActorKind(StrEnum):
    """What sort of hand moved."""

    CUSTOMER = "customer"
    STAFF = "staff"
    PARTNER = "partner"
    SYSTEM = "system"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, stored as ``actor_kind, actor_id, actor_label, on_behalf_of``.

    ``id`` is the actor's own public or account id as text, never a foreign key: core cannot point at customers.
    ``label`` is what a person reads in a history. ``on_behalf_of`` names the one served ("customer:cus_…") or,
    for an event handler, the actor whose deed it follows up ("staff:12").
    """

    kind: ActorKind
    id: str
    label: str = ""
    on_behalf_of: str = ""

    @property
    def ref(self) -> str:
        """The actor in one word, for ``on_behalf_of`` and logs: "staff:12"."""
        return f"{self.kind}:{self.id}"


SYSTEM = Actor(ActorKind.SYSTEM, "system", "Daifuku")
