"""Mails about returns, exchanges and claims: each step is told once."""

from datetime import datetime

from orders.events import ReturnApproved, ReturnReceived, ReturnRefused, ReturnRequested, ReturnSettled
from orders.handlers.mails import owe_order_mail
from orders.queries import CaseView, case_view, return_address
from orders.rules import PostageBearer, ReturnKind


def mail_return_requested(event: ReturnRequested, *, at: datetime) -> None:
    """The request is here, and what happens next."""
    _tell(event.case_id, "requested")


def mail_return_approved(event: ReturnApproved, *, at: datetime) -> None:
    """Where the goods are to be sent, and who pays."""
    _tell(event.case_id, "approved")


def mail_return_refused(event: ReturnRefused, *, at: datetime) -> None:
    """Why nothing can be taken back; a case that was withdrawn is told by whoever withdrew it."""
    if not event.withdrawn:
        _tell(event.case_id, "refused")


def mail_return_received(event: ReturnReceived, *, at: datetime) -> None:
    """All goods are here and will be looked at."""
    if event.complete:
        _tell(event.case_id, "received")


def mail_return_settled(event: ReturnSettled, *, at: datetime) -> None:
    """What was accepted, what goes back, and what is sent instead."""
    _tell(event.case_id, "settled")


def _tell(case_id: int, step: str) -> None:
    case = case_view(case_id)
    if case is None or case.kind == ReturnKind.UNDELIVERED:
        return
    owe_order_mail(case.order_key, kind=f"return_{step}", key=f"return:{case.key}:{step}", oldest=None, more={"case": case, **_words(case)})


def _words(case: CaseView) -> dict[str, object]:
    return {
        "goods_come_back": any(line.comes_back for line in case.lines),
        "we_pay": case.postage_by == PostageBearer.COMPANY,
        "send_to": return_address(case.key),
    }
