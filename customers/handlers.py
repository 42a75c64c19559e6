"""What follows when the ledger has changed: alike entries are put before a person."""

from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from core.actor import SYSTEM
from core.clock import business_date
from core.db import current_actor
from core.operations import NewMail, owe_mails
from core.queries import company_context
from customers.events import AccountLinked, CustomerChanged, CustomerRegistered
from customers.operations import find_duplicates
from customers.queries import link_news
from customers.rules import LinkEvidence

COMPARED = frozenset({"family_name", "given_name", "family_kana", "given_kana", "birth_on", "contact_points", "addresses"})


def look_for_duplicates(event: CustomerRegistered, *, at: datetime) -> None:
    """A new entry is compared with the company's ledger. Again changes nothing."""
    find_duplicates([event.customer_id], actor=current_actor() or SYSTEM, at=at)


def look_again_for_duplicates(event: CustomerChanged, *, at: datetime) -> None:
    """An entry is compared anew when something changed that is compared."""
    if not COMPARED.isdisjoint(event.fields):
        find_duplicates([event.customer_id], actor=current_actor() or SYSTEM, at=at)


def tell_of_link(event: AccountLinked, *, at: datetime) -> None:
    """The address on the ledger is told that somebody may see its orders now, once a day at most; a link by one's own purchase is no news."""
    news = link_news(event.customer_id)
    if event.evidence == LinkEvidence.SIGNED_IN_PURCHASE or news is None or not news.to_address:
        return
    company = company_context(news.company_id)
    language = news.language or company.language
    with translation.override(language):
        evidence = _(LinkEvidence.labels()[LinkEvidence(event.evidence)])
        words = {"company": company, "evidence": evidence, "at": at, "url": f"{settings.PUBLIC_URL}{reverse('shop-link')}"}
        subject = _("Your past purchases were linked to an account")
        body = render_to_string("customers/mail/linked.txt", words)
    mail = NewMail(
        company_id=news.company_id,
        kind="customers.linked",
        about=f"customer:{event.customer_id}",
        once_key=f"customer:{event.customer_id}:linked:{event.account_id}:{business_date(at, company.timezone):%Y%m%d}",
        to_address=news.to_address,
        subject=subject,
        body=body,
        from_address=f"{company.name} <{company.email}>" if company.email else "",
        language=language,
        customer_ref=event.customer_id,
    )
    owe_mails([mail], actor=SYSTEM)
