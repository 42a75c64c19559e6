"""The call screen, and the form that logs a contact: looked up by phone in any form, opened at once where one fits."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from contact.models import Case
from contact.operations import open_cases
from contact.queries import callers, form_offer, reasons_of
from contact.rules import LIMITS, CauseClass, OpenCase, Priority, Solution
from core import clock
from core.admin_site import actor_of
from core.errors import HouseError, Refusal
from core.operations import record_personal_read
from core.queries import companies
from core.text import clean_text, format_phone
from customers.queries import CustomerRow, customer_rows, groups_of, search_customers, visible_to
from customers.rules import ContactChannel, masked_name, masked_phone
from orders.queries import Sight, order_rows

MOST = 30
SCREEN = "admin call screen"
READ = ("name", "kana", "phone", "place", "last_order")
TYPED = (
    "caller_name",
    "caller_contact",
    "reason",
    "channel",
    "order",
    "theme",
    "body",
    "resolution",
    "cause",
    "complaint",
    "urgent",
    "mine",
)


@dataclass(frozen=True, slots=True)
class Hit:
    """Somebody it may be."""

    link: str
    number: str
    name: str
    kana: str
    phone: str
    place: str
    rank: str
    last_order_at: datetime | None
    unsolved: int
    attention: bool


def call_screen(request: HttpRequest, *, counter: Any) -> HttpResponse:
    """Nobody, one or several: one opens at once, several are told apart, nobody can still be helped.

    ``tel`` comes from the telephone (CTI), ``q`` from the box. Whoever is shown by name leaves a trace.
    """
    account: Any = request.user
    if not (account.has_perm("customers.view_customer") and account.has_perm("contact.view_case")):
        raise PermissionDenied
    tel = clean_text(request.GET.get("tel", ""))[:64]
    asked = tel or clean_text(request.GET.get("q", ""))[:200]
    full = bool(account.has_perm("customers.view_personal"))
    found = _found(request, asked) if asked else []
    if len(found) == 1:
        page = reverse("admin:customers_customer_change", args=[found[0].customer_id])
        return HttpResponseRedirect(f"{page}#log" if account.has_perm("contact.add_case") else page)
    if full and found:
        record_personal_read([f"customer:{row.public_id}" for row in found], actor=actor_of(request), screen=SCREEN, fields=READ)
    more = callers([row.customer_id for row in found])
    words = {
        **counter.admin_site.each_context(request),
        "title": _("Look up a customer"),
        "media": counter.media,
        "asked": asked,
        "tel": tel,
        "hits": [_hit(row, more[row.customer_id], full=full) for row in found],
        "full": full,
        "most": MOST if len(found) == MOST else 0,
        "unknown": f"{reverse('admin:contact_case_log_unknown')}?{urlencode({'tel': tel})}" if account.has_perm("contact.add_case") else "",
        "order": f"{reverse('admin:orders_order_entry')}?{urlencode({'customer_q': asked})}"
        if account.has_perm("orders.place_order")
        else "",
        "new": reverse("admin:customers_customer_add") if account.has_perm("customers.add_customer") else "",
    }
    return TemplateResponse(request, "contact/admin/call.html", words)


def _found(request: HttpRequest, asked: str) -> list[CustomerRow]:
    """Those the text means and the reader may see; merged entries are shown as the one they are read with."""
    company_id = getattr(request.user, "company_id", None)
    owners = [company_id] if company_id else [company.id for company in companies()]
    ids = search_customers(owners, asked, limit=MOST)
    groups = groups_of(ids)
    heads = list(dict.fromkeys(groups[number][0] for number in ids if number in groups))
    seen = set(visible_to(actor_of(request)).filter(pk__in=heads).values_list("id", flat=True))
    return customer_rows([number for number in heads if number in seen])


def _hit(row: CustomerRow, more: Any, *, full: bool) -> Hit:
    name = row.organisation_name or row.name
    return Hit(
        link=reverse("admin:customers_customer_change", args=[row.customer_id]),
        number=row.number,
        name=name if full else masked_name(name),
        kana=row.kana if full else "",
        phone=format_phone(row.phone) if full else masked_phone(row.phone),
        place=more.place,
        rank=row.rank_name,
        last_order_at=more.last_order_at,
        unsolved=more.unsolved,
        attention=row.attention,
    )


def log_contact(request: HttpRequest, customer_id: int | None, *, counter: Any) -> HttpResponse:
    """The contact is a case, solved where an answer was written; else the same form again with what is wrong, nothing lost."""
    account: Any = request.user
    if not account.has_perm("contact.add_case"):
        raise PermissionDenied
    customer = _customer(request, customer_id) if customer_id is not None else None
    company_id = customer.company_id if customer else getattr(account, "company_id", None) or companies()[0].id
    wrong: list[str] = []
    if request.method == "POST":
        try:
            ask = _ask(request, customer=customer, company_id=company_id)
            (answer,) = open_cases([ask], actor=actor_of(request), at=clock.now())
        except HouseError as error:
            answer = error.refusal
        if not isinstance(answer, Refusal):
            return _logged(request, answer, customer_id)
        wrong = [_words(answer)]
    words = _form_words(request, customer=customer, company_id=company_id, wrong=wrong)
    title = _("Log a contact of %(number)s") % {"number": customer.number} if customer else _("Log a contact of somebody unknown")
    page = {
        **counter.admin_site.each_context(request),
        "title": title,
        "media": counter.media,
        "words": words,
        "customer": customer,
        "opts": Case._meta,
    }
    return TemplateResponse(request, "contact/admin/log.html", page, status=422 if wrong else 200)


def _customer(request: HttpRequest, customer_id: int) -> CustomerRow:
    if not 0 < customer_id < 2**63 or not visible_to(actor_of(request)).filter(pk=customer_id).exists():
        raise Http404
    return customer_rows([customer_id])[0]


def _ask(request: HttpRequest, *, customer: CustomerRow | None, company_id: int) -> OpenCase:
    said, account = request.POST, request.user
    resolution, cause = said.get("resolution", ""), said.get("cause", "")
    channel = said.get("channel", "")
    return OpenCase(
        company_id=company_id,
        customer_id=customer.customer_id if customer else None,
        theme=said.get("theme", ""),
        body=said.get("body", ""),
        reason=said.get("reason", "") or "other",
        channel=ContactChannel(channel) if channel in set(ContactChannel) else ContactChannel.CALL,
        priority=Priority.URGENT if said.get("urgent") else Priority.NORMAL,
        complaint=True if said.get("complaint") else None,
        owner_id=account.pk if said.get("mine") else None,
        order_refs=_order_refs(said.get("order", ""), customer=customer),
        caller_name=said.get("caller_name", ""),
        caller_contact=said.get("caller_contact", ""),
        solution=Solution(resolution=resolution, cause_class=CauseClass(cause) if cause in set(CauseClass) else None)
        if resolution.strip()
        else None,
        once_key=_once(said.get("once", "")),
    )


def _once(typed: str) -> str:
    """The page's own key, so that the same page sent twice makes one case; none where it was tampered with."""
    try:
        return f"desk:{UUID(typed)}"
    except ValueError:
        return ""


def _order_refs(typed: str, *, customer: CustomerRow | None) -> tuple[UUID, ...]:
    """The order it is about, if it is one of the customer's group."""
    if customer is None or not (typed.isascii() and typed.isdigit() and len(typed) < 19):
        return ()
    group = groups_of([customer.customer_id])[customer.customer_id]
    return tuple(row.id for row in order_rows(Sight.of_customers(group), limit=100) if row.key == int(typed))


def _logged(request: HttpRequest, opened: Any, customer_id: int | None) -> HttpResponse:
    messages.success(request, _("%(number)s is logged.") % {"number": opened.number})
    if customer_id is not None:
        return HttpResponseRedirect(f"{reverse('admin:customers_customer_change', args=[customer_id])}#story")
    return HttpResponseRedirect(reverse("admin:contact_case_change", args=[opened.case_id]))


def _form_words(request: HttpRequest, *, customer: CustomerRow | None, company_id: int, wrong: list[str]) -> dict[str, object]:
    said = {name: request.POST.get(name, "") for name in TYPED} if request.method == "POST" else {}
    if not said and (tel := clean_text(request.GET.get("tel", ""))[: LIMITS["caller_contact"]]):
        said = {"caller_contact": tel, "mine": "1"}
    shown: dict[str, object] = {
        "offer": form_offer(list(reasons_of([company_id]).values())),
        "action": request.path,
        "said": said,
        "wrong": wrong,
        "caller": customer is None,
    }
    if request.method == "POST" and _once(request.POST.get("once", "")):
        shown["once"] = request.POST["once"]
    return shown


def _words(refusal: Refusal) -> str:
    field = {"/theme": _("What it is about"), "/body": _("What they said"), "/resolution": _("What we answered, if that settled it")}.get(
        refusal.field, ""
    )
    return f"{field}: {refusal.text(_)}" if field else refusal.text(_)
