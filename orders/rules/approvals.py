"""Approvals of paying after delivery (後払い): asked when an order is held for one, decided by a person or the provider. Pure."""

from enum import StrEnum

from core.words import gettext_noop as _


class ApprovalState(StrEnum):
    """How far an approval has come."""

    REQUESTED = "requested"
    APPROVED = "approved"
    DECLINED = "declined"

    @classmethod
    def labels(cls) -> dict["ApprovalState", str]:
        return {cls.REQUESTED: _("Waits for approval"), cls.APPROVED: _("Approved"), cls.DECLINED: _("Declined")}


class ApprovalWord(StrEnum):
    """What a guarantor says of a payment."""

    APPROVED = "approved"
    DECLINED = "declined"


def approval_due(*, total: int, approved: int | None) -> bool:
    """Whether an approval is to be asked (anew): none stands, or it covers less than the order comes to."""
    return approved is None or total > approved
