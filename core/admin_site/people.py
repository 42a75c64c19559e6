"""Who uses the back office, and whose personal data they are shown."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.http import HttpRequest

from core.actor import Actor, ActorKind
from core.operations import record_personal_read


def actor_of(request: HttpRequest) -> Actor:
    """The signed-in member of staff as the actor of operations."""
    account: Any = request.user
    return Actor(ActorKind.STAFF, str(account.pk), account.get_full_name() or account.get_username())


def company_of(request: HttpRequest) -> int | None:
    """The key of the one company that this member of staff works for; None for those of the whole house."""
    found: int | None = getattr(request.user, "company_id", None)
    return found


def _customer(row: Any) -> str:
    return f"customer:{row.public_id}"


@dataclass(frozen=True, slots=True)
class PersonalData:
    """Which columns of a page are somebody's personal data, and whose: each showing of them is written down.

    ``subject`` names the person of a row ("customer:<uuid>"), or is empty where a row shows nobody.
    """

    fields: tuple[str, ...]
    subject: Callable[[Any], str] = _customer

    def record(self, shown: Iterable[models.Model], *, request: HttpRequest, screen: str, reason: str = "") -> None:
        """One row per person shown, in one statement."""
        subjects = [name for row in shown if (name := self.subject(row))]
        if subjects:
            record_personal_read(subjects, actor=actor_of(request), screen=screen, fields=self.fields, reason=reason)
