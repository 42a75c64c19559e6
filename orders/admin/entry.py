"""The order desk: an order taken by phone, from a paper form or in the store, on one page and by keyboard.

Every button sends the whole page and gets it back, so that it works without scripts and nothing typed is lost; with
scripts the same answers are put in place of the part they change.
"""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from billing.rules import PaymentMethod
from core import clock
from core.admin_site import actor_of, company_of
from core.operations import record_personal_read
from core.queries import open_channels
from core.text import clean_line, whole_number
from orders.admin.entry_buttons import BUTTONS, find
from orders.admin.entry_desk import Desk
from orders.admin.entry_paper import paper_at_desk, with_paper
from orders.admin.entry_places import band_choices, places_on_page
from orders.admin.entry_placing import estimated, placed, quote_of
from orders.admin.entry_sale import MAY, as_sold, stores_of, tenders
from orders.admin.entry_shown import subject_of
from orders.admin.entry_typed import CARD, Typed
from orders.admin.gift_fields import desk_boxes, offered_gifts, warnings_of
from orders.operations import Quote, Sold
from orders.rules import (
    DESK_KINDS,
    DESK_METHODS,
    TIME_BANDS,
    TOLD_GATES,
    DeliveryOffer,
    Estimated,
    Gate,
    GiftMasters,
    Placed,
)

SCREEN = "admin order desk"
READ = ("name", "kana", "phone", "email", "addresses", "notes", "orders")


def entry_page(request: HttpRequest, *, counter: Any) -> HttpResponse:
    """The desk's page. Placing is one call of one operation; the same page sent twice makes one order."""
    account: Any = request.user
    if not account.has_perm("orders.place_order"):
        raise PermissionDenied
    desk = _open(request)
    if desk is None:
        messages.error(request, _("No sales channel is open for orders taken by staff."))
        return HttpResponseRedirect(reverse("admin:orders_order_changelist"))
    live = request.method == "POST" and request.htmx.target == "entry-side"  # type: ignore[attr-defined]
    if (customer_id := whole_number(desk.typed.customer)) is not None:
        desk.take(customer_id, fill=request.method == "GET")
    elif desk.typed.customer_q and request.method == "GET":
        find(desk)
    button, _sep, what = clean_line(request.POST.get("do", "")).partition(":")
    if button == "place":
        if (result := placed(desk)) is not None:
            return _done(request, result)
    elif button == "estimate":
        if (issued := estimated(desk)) is not None:
            return _issued(request, issued)
    elif button in BUTTONS:
        BUTTONS[button](desk, what)
    quote = quote_of(desk)
    if not live:
        _record(desk)
    return _shown(desk, quote, counter=counter, live=live)


def _open(request: HttpRequest) -> Desk | None:
    account: Any = request.user
    channels = [ch for ch in open_channels(company_of(request)) if ch.kind in DESK_KINDS]
    channels.sort(key=lambda ch: (ch.company.id, DESK_KINDS.index(ch.kind), ch.id))
    if not channels:
        return None
    sent = request.method == "POST"
    typed = Typed.of(request.POST) if sent else Typed.fresh(request.GET.dict(), channel=str(channels[0].id))
    paper = paper_at_desk(request, typed, channels)
    typed = typed if sent else with_paper(typed, paper)
    channel = next((ch for ch in channels if str(ch.id) == typed.channel), channels[0])
    stores = stores_of(account, channel)
    typed = as_sold(typed.changed(channel=str(channel.id)), stores, may_hand_over=account.has_perm(MAY))
    desk = Desk(request=request, channels=channels, channel=channel, typed=typed, at=clock.now(), stores=stores, paper=paper)
    if paper.fault is not None:
        desk.notices.append(paper.fault.text(_))
    return desk


def _done(request: HttpRequest, order: Placed | Sold) -> HttpResponse:
    """The order; of what was handed over, the receipt."""
    words = _("Order %(number)s had been placed already.") if order.repeated else _("Order %(number)s was placed.")
    messages.success(request, words % {"number": order.number})
    is_sold = isinstance(order, Sold) and bool(order.invoice_numbers)
    return _leave(request, reverse("admin:orders_order_receipt" if is_sold else "admin:orders_order_change", args=[order.order_id]))


def _issued(request: HttpRequest, issued: Estimated) -> HttpResponse:
    words = _("Estimate %(number)s had been issued already.") if issued.repeated else _("Estimate %(number)s was issued.")
    messages.success(request, words % {"number": issued.number})
    return _leave(request, reverse("admin:orders_estimate_change", args=[issued.estimate_id]))


def _leave(request: HttpRequest, url: str) -> HttpResponse:
    return HttpResponseClientRedirect(url) if request.htmx else HttpResponseRedirect(url)  # type: ignore[attr-defined]


# Showing


def _record(desk: Desk) -> None:
    """Whose personal data this page showed."""
    seen = [subject_of(row) for row in desk.found.get("customers", ())]
    if desk.customer:
        seen.append(subject_of(desk.customer.row))
    record_personal_read(seen, actor=actor_of(desk.request), screen=SCREEN, fields=READ)


def _methods(desk: Desk) -> list[tuple[str, str]]:
    """The ways to pay, the customer's own cards first: chosen by their last digits, never by a number."""
    cards = [(f"{CARD}{card.means_id}", card.masked) for card in (desk.customer.cards if desk.customer else ())]
    return [*cards, *((m.value, _(PaymentMethod.labels()[m])) for m in DESK_METHODS)]


def _told(desk: Desk, quote: Quote | None) -> list[dict[str, Any]]:
    """What the goods want the buyer told or asked: a box each, with whether it was, and what is wrong with it."""
    if quote is None or quote.gated is None:
        return []
    labels = Gate.labels()
    return [
        {
            "name": f"told_{gate}", "label": _(labels[gate]), "on": bool(getattr(desk.typed, f"told_{gate}")),
            "faults": desk.faults.get(f"told_{gate}", ()),
        }
        for gate in TOLD_GATES
        if gate in quote.gated.needs.gates
    ]  # fmt: skip


def _bands(desk: Desk, offer: DeliveryOffer | None) -> list[tuple[str, str]]:
    """What can be wished on the chosen day, else at all; without delivery services what is usual."""
    try:
        day = date.fromisoformat(desk.typed.wished_on)
    except ValueError:
        day = None
    offered = (offer.bands_on(day) or offer.bands_on(None)) if offer is not None and offer.days else TIME_BANDS
    return band_choices(offered, desk.typed.time_band)


def _shown(desk: Desk, quote: Quote | None, *, counter: Any, live: bool) -> HttpResponse:
    lines = desk.lines(quote, live=live)
    company = desk.channel.company
    # What is beside the form alone is asked for at every key: what is offered stands there already.
    masters, offered = (GiftMasters(), {}) if live else offered_gifts(company.id, timezone=company.timezone, at=desk.at)
    offers = quote.delivery if quote is not None else {}
    offer = offers.get(1)
    places = places_on_page(desk.typed.places, desk.faults, offers=offers) if not desk.typed.handed else []
    words = {
        "places": places, "numbers": [str(n) for n in range(1, len(places) + 2)], "gift": desk_boxes(desk.typed, desk.faults), "offered": offered, "offers_gifts": not masters.is_empty,
        "warnings": warnings_of(desk.typed.gift, masters), "gives": any(desk.typed.gift.values()),
        "typed": desk.typed, "channels": desk.channels, "channel": desk.channel, "several": len({c.company.id for c in desk.channels}) > 1,
        "customer": desk.customer, "found": desk.found, "faults": desk.faults, "notices": desk.notices, "focus": desk.focus, "lines": lines,
        "quote": quote, "currency": company.currency, "today": desk.today, "wrong": desk.is_wrong,
        "scripts": sorted(quote.gated.needs.scripts) if quote and quote.gated else (), "told": _told(desk, quote),
        "methods": _methods(desk), "bands": _bands(desk, offer), "offer": offer, "live": live, "talk": desk.talk(quote, lines),
        **desk.paper.words,
        "url": reverse("admin:orders_order_entry"), "stores": desk.stores, "tenders": tenders(), "asks_who": not desk.typed.handed,
        "may_hand_over": desk.request.user.has_perm(MAY),  # type: ignore[union-attr]
    }  # fmt: skip
    request = desk.request
    if live:
        return render(request, "orders/admin/_entry_live.html", words)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "orders/admin/_entry.html", words)
    shared = {**counter.admin_site.each_context(request), "opts": counter.opts, "title": _("Take an order")}
    refused = request.POST.get("do", "").startswith("place") and desk.is_wrong
    return render(request, "orders/admin/entry.html", {**shared, **words}, status=422 if refused else 200)
