"""The states and kinds of the app, with their words."""

from enum import StrEnum
from typing import Final

from core.words import gettext_noop as _


class PlanKind(StrEnum):
    """What a course is for."""

    REPLENISHMENT = "replenishment"
    CURATION = "curation"
    ACCESS = "access"

    @classmethod
    def labels(cls) -> dict["PlanKind", str]:
        return {cls.REPLENISHMENT: _("Replenishment"), cls.CURATION: _("Selected for you"), cls.ACCESS: _("Service")}


class ContractStatus(StrEnum):
    """Where a contract stands. Cancelled and completed are for good."""

    ACTIVE = "active"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    COMPLETED = "completed"

    @classmethod
    def labels(cls) -> dict["ContractStatus", str]:
        return {
            cls.ACTIVE: _("Running"),
            cls.PAUSED: _("Paused"),
            cls.CANCELLED: _("Ended by cancellation"),
            cls.COMPLETED: _("Ended as agreed"),
        }


OPEN_CONTRACTS: Final = (ContractStatus.ACTIVE, ContractStatus.PAUSED)


class CycleStatus(StrEnum):
    """What became of one delivery of a contract."""

    PLANNED = "planned"
    SKIPPED = "skipped"
    GENERATED = "generated"
    FAILED = "failed"

    @classmethod
    def labels(cls) -> dict["CycleStatus", str]:
        return {
            cls.PLANNED: _("To come"),
            cls.SKIPPED: _("Skipped"),
            cls.GENERATED: _("Ordered"),
            cls.FAILED: _("Failed"),
        }


class ChangeKind(StrEnum):
    """What was done to a contract."""

    STARTED = "started"
    SKIPPED = "skipped"
    UNSKIPPED = "unskipped"
    PAUSED = "paused"
    RESUMED = "resumed"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    NEXT_DATE = "next_date"
    INTERVAL = "interval"
    ITEMS = "items"
    ADDRESS = "address"
    PAYMENT = "payment"
    FAILED = "failed"
    RETRIED = "retried"

    @classmethod
    def labels(cls) -> dict["ChangeKind", str]:
        return {
            cls.STARTED: _("Contract opened"),
            cls.SKIPPED: _("Delivery skipped"),
            cls.UNSKIPPED: _("Skipped delivery wanted again"),
            cls.PAUSED: _("Contract paused"),
            cls.RESUMED: _("Contract resumed"),
            cls.CANCELLED: _("Contract cancelled"),
            cls.COMPLETED: _("Contract completed"),
            cls.NEXT_DATE: _("Delivery date changed"),
            cls.INTERVAL: _("Interval changed"),
            cls.ITEMS: _("Articles changed"),
            cls.ADDRESS: _("Delivery address changed"),
            cls.PAYMENT: _("Payment changed"),
            cls.FAILED: _("Delivery failed"),
            cls.RETRIED: _("Failed delivery tried again"),
        }
