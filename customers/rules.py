"""What is true about customers, accounts and consent: pure values and functions."""

from enum import StrEnum


class CustomerKind(StrEnum):
    PERSON = "person"
    ORGANISATION = "organisation"


class CustomerStatus(StrEnum):
    PROSPECT = "prospect"
    ACTIVE = "active"
    CLOSED = "closed"
    ERASED = "erased"


class AccountKind(StrEnum):
    PERSON = "person"
    STAFF = "staff"
    PARTNER = "partner"


class ContactKind(StrEnum):
    PHONE = "phone"
    EMAIL = "email"
    FAX = "fax"
    LINE = "line"


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


class ConsentPurpose(StrEnum):
    ADVERTISING = "advertising"
    SURVEY = "survey"
    PROFILING = "profiling"
    TERMS = "terms"


class ConsentStatus(StrEnum):
    GIVEN = "given"
    WITHDRAWN = "withdrawn"


class Visibility(StrEnum):
    CUSTOMER = "customer"
    STAFF = "staff"


class AuthorKind(StrEnum):
    CUSTOMER = "customer"
    STAFF = "staff"
    PARTNER = "partner"
    SYSTEM = "system"
    RULE = "rule"


class LinkEvidence(StrEnum):
    SIGNED_IN_PURCHASE = "signed_in_purchase"
    MAIL_CODE = "mail_code"
    ORDER_AND_PHONE = "order_and_phone"
    STAFF_CONFIRMED = "staff_confirmed"


class PointSource(StrEnum):
    FREE = "free"
    PAID = "paid"


class PointKind(StrEnum):
    GRANTED = "granted"
    SPENT = "spent"
    RETURNED = "returned"
    EXPIRED = "expired"
    CORRECTED = "corrected"


class CandidateStatus(StrEnum):
    OPEN = "open"
    MERGED = "merged"
    DISMISSED = "dismissed"
