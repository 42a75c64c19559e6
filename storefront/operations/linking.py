"""Claiming a past order: its number and its phone, counted before anything is compared."""

from datetime import datetime

from core.actor import Actor
from core.db import operation
from core.errors import Refusal
from core.text import phone_key, search_key
from core.words import gettext_noop as _
from customers.operations import count_tries, forgive_tries, link_accounts
from customers.rules import Done, LinkAccount, LinkEvidence, TryAsk, TryKind
from orders.queries import order_by_proof


@operation
def claim_by_order(account_id: int, *, company_id: int, number: str, phone: str, actor: Actor, at: datetime) -> Done | Refusal:
    """Whoever knows an order's number and the phone given with it may act for its customer, unless somebody does already.

    A wrong guess is counted and committed. Refuses "customers.too_many_tries", "storefront.no_such_order" (the same for a wrong number and
    a wrong phone), and what ``link_accounts`` refuses: "customers.evidence_weak" where an account is linked already.
    """
    asked = number.strip()[:40]
    ask = TryAsk(account_id=account_id, company_id=company_id, kind=TryKind.ORDER, subject=search_key(asked))
    (judged,) = count_tries([ask], actor=actor, at=at)
    if isinstance(judged, Refusal):
        return judged
    key = phone_key(phone)
    order = order_by_proof(company_id, number=asked, phone=key, email="") if key else None
    if order is None:
        return Refusal("storefront.no_such_order", _("We found no order with this number and this phone number."), field="/number")
    link = LinkAccount(customer_id=order.customer_id, account_id=account_id, evidence=LinkEvidence.ORDER_AND_PHONE, note=asked)
    (answer,) = link_accounts([link], actor=actor, at=at)
    if isinstance(answer, Done):
        forgive_tries(account_id, company_id=company_id, kind=TryKind.ORDER, actor=actor, at=at)
    return answer
