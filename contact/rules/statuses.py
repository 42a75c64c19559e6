"""The desks, states and words of a case, with what stands on screen."""

from enum import StrEnum

from core.words import gettext_noop as _


class Desk(StrEnum):
    """Who answers: the help desk, or those who see to it that the customer gets what they hoped for."""

    SUPPORT = "support"
    SUCCESS = "success"

    @classmethod
    def labels(cls) -> dict["Desk", str]:
        return {cls.SUPPORT: _("Customer support"), cls.SUCCESS: _("Customer success")}


class CaseState(StrEnum):
    """Whose turn it is: ours, the other side's, or nobody's any more."""

    OPEN = "open"
    WAITING = "waiting"
    SOLVED = "solved"

    @classmethod
    def labels(cls) -> dict["CaseState", str]:
        return {cls.OPEN: _("In progress"), cls.WAITING: _("Waiting for an answer"), cls.SOLVED: _("Solved")}


class Priority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"

    @classmethod
    def labels(cls) -> dict["Priority", str]:
        return {cls.LOW: _("Low priority"), cls.NORMAL: _("Normal priority"), cls.HIGH: _("High priority"), cls.URGENT: _("Urgent")}


class CauseClass(StrEnum):
    """Where the cause lay, as found when the case was solved."""

    PRODUCT = "product"
    DELIVERY = "delivery"
    BILLING = "billing"
    SITE = "site"
    ORDERING = "ordering"
    STAFF = "staff"
    CUSTOMER = "customer"
    OTHER = "other"

    @classmethod
    def labels(cls) -> dict["CauseClass", str]:
        return {
            cls.PRODUCT: _("Product"),
            cls.DELIVERY: _("The delivery"),
            cls.BILLING: _("Invoice or payment"),
            cls.SITE: _("Shop pages"),
            cls.ORDERING: _("Taking the order"),
            cls.STAFF: _("Our answer"),
            cls.CUSTOMER: _("The customer's circumstances"),
            cls.OTHER: _("Something else"),
        }


class Direction(StrEnum):
    """Who spoke to whom; among staff the customer doesn't hear it."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"

    @classmethod
    def labels(cls) -> dict["Direction", str]:
        return {cls.INBOUND: _("From the customer"), cls.OUTBOUND: _("To the customer"), cls.INTERNAL: _("Among staff")}


class Deed(StrEnum):
    """What an interaction did to its case."""

    TALK = "talk"
    HANDOVER = "handover"
    SOLUTION = "solution"
    REOPENING = "reopening"
    IDENTIFIED = "identified"

    @classmethod
    def labels(cls) -> dict["Deed", str]:
        return {
            cls.TALK: _("Interaction"),
            cls.HANDOVER: _("Handed over"),
            cls.SOLUTION: _("Solved"),
            cls.REOPENING: _("Reopened"),
            cls.IDENTIFIED: _("Caller identified"),
        }
