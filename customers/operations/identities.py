"""The ways into an account: added by its owner, ended by its owner, taken back by staff; and the account's end."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError

from core.actor import Actor
from core.db import constraint_of, operation, run
from core.errors import Refusal
from core.operations.erasing import erase_personal_history
from core.outbox import announce
from core.words import gettext_noop as _
from customers.events import AccountClosed, AccountUnlinked, FactorsReset, IdentityAdded, IdentityEnded
from customers.models import Account, AccountAct, CustomerAccount, Identity
from customers.operations.accounts import AccountExists
from customers.queries.accounts import ids_of_account
from customers.rules import AccountActKind, AccountKind, Done

_SESSIONS = """
WITH mine AS (DELETE FROM usersessions_usersession WHERE user_id = ANY(%s::bigint[]) RETURNING session_key)
DELETE FROM django_session s USING mine WHERE s.session_key = mine.session_key
"""


@operation
def add_identity(account_id: int, *, provider: str, subject: str, actor: Actor, at: datetime) -> Done:
    """The account can be signed in to with this proof too. A proof it has already is answered, not doubled.

    Announces IdentityAdded. Raises AccountExists when the proof is another account's.
    """
    Account.objects.select_for_update().get(pk=account_id)
    mine = Identity.objects.filter(account_id=account_id, provider=provider, subject=subject, ended_at=None).first()
    if mine is not None:
        return Done(id=mine.id, repeated=True)
    try:
        proof = Identity.objects.create(account_id=account_id, provider=provider, subject=subject, verified_at=at)
    except IntegrityError as error:
        if constraint_of(error) == "customers_identity_once":
            raise AccountExists from error
        raise
    _write_down([account_id], AccountActKind.ID_ADDED, detail=provider, reason="", actor=actor, at=at)
    announce(IdentityAdded(account_id=account_id, provider=provider))
    return Done(id=proof.id)


@operation
def end_identity(account_id: int, *, id: str, actor: Actor, at: datetime) -> Done | Refusal:
    """The account is signed in to no more by this way; ``id`` is an ``IdRow.id``. Again changes nothing.

    Locks the account, so that of two last ways only one can end. Announces IdentityEnded. Refuses "customers.id_not_found",
    "customers.address_is_changed" for the e-mail address and "customers.last_id" for the last usable way in.
    """
    Account.objects.select_for_update().get(pk=account_id)
    kind, _colon, word = id.partition(":")
    number = int(word) if word.isascii() and word.isdigit() and len(word) < 19 else 0
    row = next((row for row in ids_of_account(account_id) if row.id == id), None)
    if row is None:
        ended = kind == "identity" and Identity.objects.filter(pk=number, account_id=account_id).exclude(ended_at=None).exists()
        return Done(id=number, repeated=True) if ended else Refusal("customers.id_not_found", _("There is no such ID."), field="/id")
    if row.provider == "email":
        return Refusal("customers.address_is_changed", _("Your e-mail address can be changed, but not removed."), field="/id")
    if not row.can_end:
        message = _("This is the only way you can sign in. Add another one first.")
        return Refusal("customers.last_id", message, field="/id")
    if kind == "passkey":
        run("DELETE FROM mfa_authenticator WHERE id = %s AND user_id = %s", (number, account_id))
    else:
        proof = Identity.objects.get(pk=number)
        proof.ended_at = at
        proof.save(update_fields=["ended_at"])
        _forget_at_library([account_id], provider=proof.provider, subject=proof.subject)
    _write_down([account_id], AccountActKind.ID_ENDED, detail=row.provider, reason="", actor=actor, at=at)
    announce(IdentityEnded(account_id=account_id, provider=row.provider))
    return Done(id=number)


def _forget_at_library(account_ids: Sequence[int], *, provider: str = "", subject: str = "") -> None:
    """What the sign-in library remembers of outside IDs goes with ours."""
    only = " AND provider = %(provider)s AND uid = %(subject)s" if provider else ""
    given = {"ids": list(account_ids), **({"provider": provider, "subject": subject} if provider else {})}
    mine = f"SELECT id FROM socialaccount_socialaccount WHERE user_id = ANY(%(ids)s::bigint[]){only}"
    run(f"DELETE FROM socialaccount_socialtoken WHERE account_id IN ({mine})", given)
    run(f"DELETE FROM socialaccount_socialaccount WHERE id IN ({mine})", given)


@operation
def reset_factors(account_ids: Sequence[int], *, reason: str, actor: Actor, at: datetime) -> list[Done | Refusal]:
    """These accounts have neither second factor nor passkey any more and are signed out everywhere; who did it is written down.

    For somebody who lost the phone: make sure who is asking first. Announces FactorsReset. Refuses "customers.account_not_found".
    """
    known = set(Account.objects.filter(pk__in=account_ids).order_by("pk").select_for_update().values_list("id", flat=True))
    ids = sorted(known)
    run("DELETE FROM mfa_authenticator WHERE user_id = ANY(%s::bigint[])", (ids,))
    run(_SESSIONS, (ids,))
    _write_down(ids, AccountActKind.FACTORS_RESET, detail="", reason=reason, actor=actor, at=at)
    announce(*(FactorsReset(account_id=number) for number in ids))
    return [Done(id=number) if number in known else _no_account() for number in account_ids]


@operation
def end_sessions(account_ids: Sequence[int], *, reason: str, actor: Actor, at: datetime) -> list[Done | Refusal]:
    """These accounts are signed out on every device; who did it is written down. Refuses "customers.account_not_found"."""
    known = set(Account.objects.filter(pk__in=account_ids).order_by("pk").select_for_update().values_list("id", flat=True))
    run(_SESSIONS, (sorted(known),))
    _write_down(sorted(known), AccountActKind.SESSIONS_ENDED, detail="", reason=reason, actor=actor, at=at)
    return [Done(id=number) if number in known else _no_account() for number in account_ids]


@operation
def close_account(account_id: int, *, actor: Actor, at: datetime) -> Done | Refusal:
    """Nobody can sign in with this account any more, and what it held of the person is gone; the companies' ledgers stay.

    Ends its proofs and links, removes second factors, addresses and sessions. Announces AccountUnlinked and AccountClosed. Again changes
    nothing. Refuses "customers.account_not_found" for staff accounts, which are closed in the back office.
    """
    account = Account.objects.select_for_update().filter(pk=account_id, kind=AccountKind.PERSON).first()
    if account is None:
        return _no_account()
    if not account.is_active:
        return Done(id=account_id, repeated=True)
    proofs = list(Identity.objects.filter(account_id=account_id).order_by("pk").select_for_update())
    for proof in proofs:
        proof.subject, proof.ended_at = f"erased:{proof.id}", proof.ended_at or at
    Identity.objects.bulk_update(proofs, ["subject", "ended_at"])
    erase_personal_history({"customers_identity": [proof.id for proof in proofs]}, actor=actor)
    links = list(CustomerAccount.objects.filter(account_id=account_id, ended_at=None).order_by("pk").select_for_update())
    for link in links:
        link.ended_at = at
    CustomerAccount.objects.bulk_update(links, ["ended_at"])
    _forget_at_library([account_id])
    run("DELETE FROM mfa_authenticator WHERE user_id = %s", (account_id,))
    run(
        "DELETE FROM account_emailconfirmation WHERE email_address_id IN (SELECT id FROM account_emailaddress WHERE user_id = %s)",
        (account_id,),
    )
    run("DELETE FROM account_emailaddress WHERE user_id = %s", (account_id,))
    run("DELETE FROM customers_linkcode WHERE account_id = %s", (account_id,))
    run(_SESSIONS, ([account_id],))
    account.is_active, account.email, account.display_name, account.password = False, "", "", make_password(None)
    account.handle = f"closed:{account.public_id.hex[-16:]}"
    account.save(update_fields=["is_active", "email", "display_name", "password", "handle"])
    _write_down([account_id], AccountActKind.CLOSED, detail="", reason="", actor=actor, at=at)
    announce(
        *(AccountUnlinked(customer_id=link.customer_id, account_id=account_id) for link in links), AccountClosed(account_id=account_id)
    )
    return Done(id=account_id)


def _no_account() -> Refusal:
    return Refusal("customers.account_not_found", _("There is no such account."), field="/account_id")


def _write_down(account_ids: Sequence[int], kind: AccountActKind, *, detail: str, reason: str, actor: Actor, at: datetime) -> None:
    AccountAct.objects.bulk_create(
        AccountAct(
            account_id=number,
            kind=kind,
            detail=detail,
            reason=reason[:255],
            at=at,
            actor_kind=str(actor.kind),
            actor_id=actor.id,
            actor_label=actor.label[:128],
            on_behalf_of=actor.on_behalf_of,
        )
        for number in account_ids
    )
