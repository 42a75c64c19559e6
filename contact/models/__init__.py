"""What contact remembers."""

from contact.models.cases import Case, CaseOrder, CaseReason, Interaction

__all__ = ["Case", "CaseOrder", "CaseReason", "Interaction"]
