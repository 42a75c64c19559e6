"""What the catalogue asks of the apps above it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from core.hooks import Hook


@dataclass(frozen=True, slots=True)
class NamedProfile:
    """A workflow profile as it is offered to whoever describes goods."""

    code: str
    name: str


class WorkflowSource(Protocol):
    """Knows which workflow profiles there are: products only name one."""

    def workflow_profiles(self, company_ids: Sequence[int]) -> Sequence[NamedProfile]:
        """The profiles in force in these companies, by code."""
        ...


WORKFLOW_SOURCE: Hook[WorkflowSource] = Hook("catalog.WorkflowSource", WorkflowSource)
