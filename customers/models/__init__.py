from customers.models.access import Account, AccountManager, CustomerAccount, Identity, PartnerApplication
from customers.models.ledger import Address, ContactPoint, Customer, Household, HouseholdMember
from customers.models.relation import (
    Attribute,
    AttributeValue,
    Consent,
    ContactPreference,
    CustomerRank,
    CustomerTag,
    DuplicateCandidate,
    Merge,
    Note,
    PointEntry,
    PointLot,
    RankAssignment,
    Tag,
)

__all__ = [
    "Account", "AccountManager", "Address", "Attribute", "AttributeValue", "Consent", "ContactPoint", "ContactPreference", "Customer",
    "CustomerAccount", "CustomerRank", "CustomerTag", "DuplicateCandidate", "Household", "HouseholdMember", "Identity", "Merge", "Note",
    "PartnerApplication", "PointEntry", "PointLot", "RankAssignment", "Tag",
]
