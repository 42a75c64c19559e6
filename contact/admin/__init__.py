"""The staff counter of contact."""

from contact.admin.cases import CaseAdmin, CaseReasonAdmin

__all__ = ["CaseAdmin", "CaseReasonAdmin"]
