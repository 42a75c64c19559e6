"""Accounts are opened by people, linked to customers on evidence, and unlinked again."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError

from core.actor import Actor
from core.db import constraint_of, operation
from core.errors import Conflict, Refusal
from core.outbox import announce
from core.text import email_key
from core.words import gettext_noop as _
from customers.events import AccountLinked, AccountOpened, AccountUnlinked
from customers.models import Account, CustomerAccount, Identity
from customers.operations.rows import locked_customers
from customers.rules import AccountKind, CustomerStatus, Done, LinkAccount, LinkEvidence, erased, not_found

WEAK_EVIDENCE = frozenset({LinkEvidence.SIGNED_IN_PURCHASE, LinkEvidence.ORDER_AND_PHONE})
EMAIL_PROVIDER = "email"
"""The provider of the ID that an e-mail address with a password is."""


class AccountExists(Conflict):
    """The proof already belongs to another account."""

    code = "customers.account_exists"
    message = _("There is already an account with this proof of identity.")


@operation
def open_account(account: Account, *, provider: str, subject: str, verified: bool, actor: Actor, at: datetime) -> int:
    """The account and the one proof it was opened with are written together; answers with the account's id.

    Takes a row of this app that isn't written yet, with its password already hashed. Announces AccountOpened; no customer
    comes of it. Raises AccountExists when the handle or the proof is taken, and then writes nothing.
    """
    try:
        account.save(force_insert=True)
        Identity.objects.create(account=account, provider=provider, subject=subject, verified_at=at if verified else None)
    except IntegrityError as error:
        if constraint_of(error) in ("customers_identity_once", "customers_account_handle_key"):
            raise AccountExists from error
        raise
    announce(AccountOpened(account_id=account.pk))
    return int(account.pk)


@operation
def prove_email(account_id: int, *, email: str, actor: Actor, at: datetime) -> None:
    """The account is signed in to with this proven address: the former e-mail proof ends, the new one is verified. Again changes nothing.

    Raises AccountExists when the address already proves another account.
    """
    account = Account.objects.select_for_update().get(pk=account_id)
    subject = email_key(email)
    mine = list(Identity.objects.filter(account=account, provider=EMAIL_PROVIDER, ended_at=None).select_for_update())
    for proof in mine:
        if proof.subject != subject:
            proof.ended_at = at
            proof.save(update_fields=["ended_at"])
        elif proof.verified_at is None:
            proof.verified_at = at
            proof.save(update_fields=["verified_at"])
    if all(proof.subject != subject for proof in mine):
        try:
            Identity.objects.create(account=account, provider=EMAIL_PROVIDER, subject=subject, verified_at=at)
        except IntegrityError as error:
            raise AccountExists from error
    if account.email != email:
        account.email = email
        account.save(update_fields=["email"])


@operation
def link_accounts(asks: Sequence[LinkAccount], *, actor: Actor, at: datetime) -> list[Done | Refusal]:
    """The accounts may act for the customers, on the evidence told. A link that is open already is answered, not doubled.

    Locks the customers; constant statements. Announces AccountLinked. Refuses "customers.not_found", "customers.erased",
    "customers.account_not_found" (also for staff and closed accounts), "customers.evidence_missing". A purchase while signed in proves
    only an entry of one's own: link the one that was opened for it, never one that was recognised by name and phone. Where somebody
    else is linked already, that and an order's number with its phone, which stand on every parcel, are refused with
    "customers.evidence_weak"; a mailed code and staff are not.
    """
    locked = locked_customers([ask.customer_id for ask in asks])
    accounts = set(
        Account.objects.filter(pk__in={ask.account_id for ask in asks}, kind=AccountKind.PERSON, is_active=True).values_list(
            "id", flat=True
        )
    )
    known = {(link.customer_id, link.account_id): link.id for link in CustomerAccount.objects.filter(customer_id__in=locked, ended_at=None)}
    answers: list[Done | Refusal | None] = []
    new: dict[tuple[int, int], CustomerAccount] = {}
    for ask in asks:
        key, customer = (ask.customer_id, ask.account_id), locked.get(ask.customer_id)
        if customer is None or customer.status == CustomerStatus.ERASED:
            answers.append(erased() if customer else not_found())
        elif ask.account_id not in accounts:
            answers.append(_no_account())
        elif key in known:
            answers.append(Done(id=known[key], repeated=True))
        elif ask.evidence == "staff_confirmed" and not ask.note.strip():
            answers.append(
                Refusal("customers.evidence_missing", _("Write down how you made sure that this is the customer."), field="/note")
            )
        elif ask.evidence in WEAK_EVIDENCE and ask.customer_id in {customer_id for customer_id, _account in (*known, *new)}:
            message = _("Another account is linked to this customer; more proof is needed.")
            answers.append(Refusal("customers.evidence_weak", message, field="/evidence"))
        else:
            answers.append(None)
            new[key] = _link_row(ask, actor, at)
    CustomerAccount.objects.bulk_create(new.values())
    events = [AccountLinked(customer_id=n.customer_id, account_id=n.account_id, evidence=str(n.evidence)) for n in new.values()]
    announce(*events)
    return [answer or Done(id=new[ask.customer_id, ask.account_id].id) for ask, answer in zip(asks, answers, strict=True)]


def _link_row(ask: LinkAccount, actor: Actor, at: datetime) -> CustomerAccount:
    return CustomerAccount(
        customer_id=ask.customer_id,
        account_id=ask.account_id,
        evidence=ask.evidence,
        evidence_note=ask.note[:255],
        linked_at=at,
        actor_kind=str(actor.kind),
        actor_id=actor.id,
        actor_label=actor.label,
        on_behalf_of=actor.on_behalf_of,
    )


def _no_account() -> Refusal:
    return Refusal("customers.account_not_found", _("There is no such account."), field="/account_id")


@operation
def unlink_accounts(link_ids: Sequence[int], *, reason: str, actor: Actor, at: datetime) -> list[Done | Refusal]:
    """The accounts may no longer act for the customers; the rows tell that they once could. Again changes nothing."""
    links = {link.id: link for link in CustomerAccount.objects.filter(pk__in=link_ids).order_by("pk").select_for_update()}
    ending = [link for link in links.values() if link.ended_at is None]
    for link in ending:
        link.ended_at = at
    CustomerAccount.objects.bulk_update(ending, ["ended_at"])
    announce(*(AccountUnlinked(customer_id=link.customer_id, account_id=link.account_id) for link in ending))
    fresh = {link.id for link in ending}
    missing = Refusal("customers.link_not_found", _("There is no such link."), field="/link_id")
    return [Done(id=number, repeated=number not in fresh) if number in links else missing for number in link_ids]
