"""The kinds and statuses of customers, accounts and what belongs to them, with their words on screen."""

from enum import StrEnum

from core.words import gettext_noop as _


class CustomerKind(StrEnum):
    PERSON = "person"
    ORGANISATION = "organisation"

    @classmethod
    def labels(cls) -> dict["CustomerKind", str]:
        return {cls.PERSON: _("Person"), cls.ORGANISATION: _("Organisation")}


class CustomerStatus(StrEnum):
    PROSPECT = "prospect"
    ACTIVE = "active"
    CLOSED = "closed"
    ERASED = "erased"

    @classmethod
    def labels(cls) -> dict["CustomerStatus", str]:
        return {cls.PROSPECT: _("Prospect"), cls.ACTIVE: _("Active"), cls.CLOSED: _("Closed"), cls.ERASED: _("Erased")}


class AccountKind(StrEnum):
    PERSON = "person"
    STAFF = "staff"
    PARTNER = "partner"

    @classmethod
    def labels(cls) -> dict["AccountKind", str]:
        return {cls.PERSON: _("Person's account"), cls.STAFF: _("Staff account"), cls.PARTNER: _("Partner's account")}


class ContactKind(StrEnum):
    PHONE = "phone"
    EMAIL = "email"
    FAX = "fax"
    LINE = "line"

    @classmethod
    def labels(cls) -> dict["ContactKind", str]:
        return {cls.PHONE: _("Phone number"), cls.EMAIL: _("E-mail"), cls.FAX: _("Fax"), cls.LINE: _("LINE")}


class ContactChannel(StrEnum):
    WEB = "web"
    APP = "app"
    CHAT = "chat"
    MAIL = "mail"
    SNS = "sns"
    CALL = "call"
    SMS = "sms"
    STORE = "store"
    PAPER = "paper"

    @classmethod
    def labels(cls) -> dict["ContactChannel", str]:
        return {
            cls.WEB: _("Web"),
            cls.APP: _("App"),
            cls.CHAT: _("Chat"),
            cls.MAIL: _("E-mail"),
            cls.SNS: _("Social media message"),
            cls.CALL: _("Phone call"),
            cls.SMS: _("SMS"),
            cls.STORE: _("Store"),
            cls.PAPER: _("Post"),
        }


class ConsentPurpose(StrEnum):
    ADVERTISING = "advertising"
    SURVEY = "survey"
    PROFILING = "profiling"
    TERMS = "terms"

    @classmethod
    def labels(cls) -> dict["ConsentPurpose", str]:
        return {
            cls.ADVERTISING: _("Advertising"),
            cls.SURVEY: _("Surveys"),
            cls.PROFILING: _("Use of data for recommendations"),
            cls.TERMS: _("Terms of use"),
        }


class ConsentStatus(StrEnum):
    GIVEN = "given"
    WITHDRAWN = "withdrawn"

    @classmethod
    def labels(cls) -> dict["ConsentStatus", str]:
        return {cls.GIVEN: _("Consent given"), cls.WITHDRAWN: _("Consent withdrawn")}


class Visibility(StrEnum):
    CUSTOMER = "customer"
    STAFF = "staff"

    @classmethod
    def labels(cls) -> dict["Visibility", str]:
        return {cls.CUSTOMER: _("Shown to the customer"), cls.STAFF: _("Staff only")}


class AuthorKind(StrEnum):
    CUSTOMER = "customer"
    STAFF = "staff"
    PARTNER = "partner"
    SYSTEM = "system"
    RULE = "rule"

    @classmethod
    def labels(cls) -> dict["AuthorKind", str]:
        return {
            cls.CUSTOMER: _("Customer"),
            cls.STAFF: _("Staff"),
            cls.PARTNER: _("Partner"),
            cls.SYSTEM: _("System"),
            cls.RULE: _("Automatic rule"),
        }


class LinkEvidence(StrEnum):
    """Why we believe that an account's owner is this customer."""

    SIGNED_IN_PURCHASE = "signed_in_purchase"
    MAIL_CODE = "mail_code"
    ORDER_AND_PHONE = "order_and_phone"
    STAFF_CONFIRMED = "staff_confirmed"

    @classmethod
    def labels(cls) -> dict["LinkEvidence", str]:
        return {
            cls.SIGNED_IN_PURCHASE: _("Bought while signed in"),
            cls.MAIL_CODE: _("Code sent by e-mail"),
            cls.ORDER_AND_PHONE: _("Order number and phone number"),
            cls.STAFF_CONFIRMED: _("Confirmed by staff"),
        }


class AccountActKind(StrEnum):
    """What can be done to an account's way in."""

    ID_ADDED = "id_added"
    ID_ENDED = "id_ended"
    FACTORS_RESET = "factors_reset"
    SESSIONS_ENDED = "sessions_ended"
    CLOSED = "closed"

    @classmethod
    def labels(cls) -> dict["AccountActKind", str]:
        return {
            cls.ID_ADDED: _("ID added"),
            cls.ID_ENDED: _("ID ended"),
            cls.FACTORS_RESET: _("Second factors reset"),
            cls.SESSIONS_ENDED: _("Signed out everywhere"),
            cls.CLOSED: _("Account closed"),
        }


class PointSource(StrEnum):
    FREE = "free"
    PAID = "paid"

    @classmethod
    def labels(cls) -> dict["PointSource", str]:
        return {cls.FREE: _("Given free"), cls.PAID: _("Bought")}


class PointKind(StrEnum):
    GRANTED = "granted"
    SPENT = "spent"
    RETURNED = "returned"
    EXPIRED = "expired"
    CORRECTED = "corrected"

    @classmethod
    def labels(cls) -> dict["PointKind", str]:
        return {
            cls.GRANTED: _("Points granted"),
            cls.SPENT: _("Points spent"),
            cls.RETURNED: _("Points returned"),
            cls.EXPIRED: _("Points expired"),
            cls.CORRECTED: _("Points corrected"),
        }


class CandidateStatus(StrEnum):
    OPEN = "open"
    MERGED = "merged"
    DISMISSED = "dismissed"

    @classmethod
    def labels(cls) -> dict["CandidateStatus", str]:
        return {cls.OPEN: _("To be decided"), cls.MERGED: _("Merged"), cls.DISMISSED: _("Different people")}
