"""Mails about repairs, collections and purchases: each step the customer cares about is told once."""

from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from core.actor import SYSTEM
from core.operations import NewMail, owe_mails
from core.queries import company_context
from customers.queries import buyer_details
from orders.events import ServiceAccepted, ServiceEnded, ServiceEstimated, ServiceReceived, ServiceRefused, ServiceRequested
from orders.queries import ServiceView, service_address, service_path, service_view
from orders.rules import ServiceKind, ServiceStatus


def mail_service_requested(event: ServiceRequested, *, at: datetime) -> None:
    """The request is here, and what happens next."""
    _tell(event.service_id, "requested")


def mail_service_accepted(event: ServiceAccepted, *, at: datetime) -> None:
    """Where the goods are to be sent, and who pays."""
    _tell(event.service_id, "accepted")


def mail_service_refused(event: ServiceRefused, *, at: datetime) -> None:
    """Why we do not do it; who withdrew it knows."""
    if not event.withdrawn:
        _tell(event.service_id, "refused")


def mail_service_received(event: ServiceReceived, *, at: datetime) -> None:
    """The goods are here and will be looked at."""
    _tell(event.service_id, "received")


def mail_service_estimated(event: ServiceEstimated, *, at: datetime) -> None:
    """What it comes to, and where to agree; an estimate that was changed is told again, once as it stands now."""
    _tell(event.service_id, "estimated")


def mail_service_ended(event: ServiceEnded, *, at: datetime) -> None:
    """What became of it, and of the money."""
    _tell(event.service_id, "ended")


def _tell(service_id: int, step: str) -> None:
    service = service_view(service_id)
    person = buyer_details(service.customer_key) if service else None
    if service is None or not person or not person["email"]:
        return
    company = company_context(service.company_id)
    again = f":{service.estimated_at:%Y%m%dT%H%M%S.%f}" if step == "estimated" else ""
    with translation.override(service.language):
        words = {
            "service": service,
            "step": step,
            "name": f"{person['family_name']} {person['given_name']}".strip(),
            "kind": _(ServiceKind.labels()[ServiceKind(service.kind)]),
            "status": _(ServiceStatus.labels()[ServiceStatus(service.status)]),
            "we_pay_in": service.postage_in_by == "company",
            "send_to": service_address(service.company_id) if step == "accepted" else "",
            "url": f"{settings.PUBLIC_URL}{service_path(service.id)}",
            "signature": f"{company.name}\n{company.phone}\n{company.email}".strip(),
        }
        subject = _subject(service, step) % {"shop": company.name, "number": service.number}
        body = render_to_string("orders/mail/service.txt", words)
    owe_mails(
        [
            NewMail(
                company_id=service.company_id,
                kind=f"service.{step}",
                about=f"service:{service.key}",
                once_key=f"service:{service.key}:{step}{again}",
                to_address=person["email"],
                subject=subject,
                body=body,
                from_address=f"{company.name} <{company.email}>" if company.email else "",
                language=service.language,
                customer_ref=service.customer_key,
            )
        ],
        actor=SYSTEM,
    )


def _subject(service: ServiceView, step: str) -> str:
    return {
        "requested": _("[%(shop)s] We have your request (%(number)s)"),
        "accepted": _("[%(shop)s] Please send us your goods (%(number)s)"),
        "refused": _("[%(shop)s] About your request (%(number)s)"),
        "received": _("[%(shop)s] Your goods are here (%(number)s)"),
        "estimated": _("[%(shop)s] Your estimate (%(number)s)"),
        "ended": _("[%(shop)s] Your request is done (%(number)s)"),
    }[step]
