"""The order desk: an order taken by phone, from a paper form or in the store, on one page and by keyboard.

Every button sends the whole page and gets it back, so that it works without scripts and nothing typed is lost; with
scripts the same answers are put in place of the part they change.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from billing.rules import Outcome, PaymentMethod
from core import clock
from core.admin_site import actor_of
from core.errors import HouseError, Refusal
from core.operations import record_personal_read
from core.queries import channels_of, companies, postal_lookup
from core.text import whole_number
from core.words import gettext_noop
from customers.queries import group_of
from orders.admin.entry_desk import Desk
from orders.admin.entry_paper import form_of_code, paper_at_desk, with_paper
from orders.admin.entry_places import one_less, one_more, places_on_page
from orders.admin.entry_sale import MAY, as_sold, drafted, sale_of, stores_of, tenders
from orders.admin.entry_shown import (
    ShownLine,
    articles_found,
    customers_found,
    known_values,
    shown_lines,
    subject_of,
)
from orders.admin.entry_talk import Talk, has_scripts, talk_for
from orders.admin.entry_typed import CARD, PERSON, PLACE, Typed, TypedLine, read
from orders.admin.gift_fields import desk_boxes, offered_gifts, warnings_of
from orders.models import Order
from orders.operations import (
    Quote,
    Sold,
    StockWentMeanwhile,
    StoreSale,
    issue_estimates,
    place_orders,
    quote_orders,
    sell_in_store,
    take_payments,
)
from orders.queries import FormMeant, Sight, order_view, visible
from orders.rules import (
    DESK_KINDS,
    DESK_METHODS,
    MAX_LINES,
    MOST_DAYS,
    TIME_BANDS,
    TOLD_GATES,
    DeliveryOffer,
    EstimateAsk,
    Estimated,
    Gate,
    GiftMasters,
    OrderDraft,
    Placed,
    Refused,
    band_words,
    desk_faults,
    on_this_shelf,
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
    if desk.typed.customer.isdigit():
        desk.take(int(desk.typed.customer), fill=request.method == "GET")
    elif desk.typed.customer_q and request.method == "GET":
        _find(desk, "")
    button, _sep, what = request.POST.get("do", "").partition(":")
    if button == "place":
        placed = _place(desk)
        if placed is not None:
            return _done(request, placed)
    elif button == "estimate":
        issued = _estimate(desk)
        if issued is not None:
            return _issued(request, issued)
    elif button in _DEEDS:
        _DEEDS[button](desk, what)
    quote = _quote(desk)
    if not live:
        _record(desk)
    return _shown(desk, quote, counter=counter, live=live)


def _open(request: HttpRequest) -> Desk | None:
    account: Any = request.user
    owners = [account.company_id] if getattr(account, "company_id", None) else [c.id for c in companies()]
    channels = [ch for owner in owners for ch in channels_of(owner) if ch.kind in DESK_KINDS]
    channels.sort(key=lambda ch: (owners.index(ch.company.id), DESK_KINDS.index(ch.kind), ch.id))
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


# What the buttons do


def _find(desk: Desk, _what: str) -> None:
    form = form_of_code(desk.typed.customer_q, company_id=desk.channel.company.id)
    if form is not None:
        _from_form(desk, form)
        return
    found = customers_found(desk.typed.customer_q, company_id=desk.channel.company.id)
    if len(found) == 1:
        desk.take(found[0].customer_id, fill=True)
        desk.focus = "article_q"
        return
    desk.found["customers"] = found
    desk.focus = "customers" if found else "family_name"
    if not found:
        word = desk.typed.customer_q
        desk.found["nobody"] = word
        kind = "email" if "@" in word else "phone" if sum(c.isdigit() for c in word) >= 9 else ""
        if kind and not getattr(desk.typed, kind):
            desk.typed = desk.typed.changed(**{kind: word})


def _from_form(desk: Desk, form: FormMeant | Refusal) -> None:
    """A form that came back says what it came of, and whose it is."""
    if isinstance(form, Refusal):
        desk.blame([form])
        return
    desk.typed = desk.typed.changed(ad_code=form.ad_code or desk.typed.ad_code, route_medium=form.medium or desk.typed.route_medium)
    channel = next((ch for ch in desk.channels if ch.id == form.channel_id), desk.channel)
    desk.channel, desk.typed = channel, desk.typed.changed(channel=str(channel.id))
    desk.focus = "article_q"
    if form.customer_id is not None:
        desk.take(form.customer_id, fill=True)
    else:
        desk.notices.append(_("The form names no customer. The medium is filled in; find the customer by name or phone."))
        desk.typed, desk.focus = desk.typed.changed(customer_q=""), "customer_q"


def _choose(desk: Desk, what: str) -> None:
    if what.isdigit() and len(what) < 19:
        desk.take(int(what), fill=True)
        desk.focus = "article_q"


def _forget(desk: Desk, _what: str) -> None:
    desk.customer = None
    desk.typed = desk.typed.changed(customer="", customer_q="", **dict.fromkeys((*PERSON, *PLACE), ""))
    desk.focus = "customer_q"


def _address(desk: Desk, what: str) -> None:
    if desk.customer and what.isdigit() and len(what) < 4:
        said = known_values(desk.customer.view, address=int(what))
        desk.typed = desk.typed.changed(**{name: value for name, value in said.items() if name in PLACE or name.startswith("to_")})


def _copy(desk: Desk, what: str) -> None:
    """The lines, the payment and the address of an earlier order, at today's prices."""
    if desk.customer is None or not what.isdigit() or len(what) > 18:
        return
    theirs = visible(Sight.of_customers(group_of(desk.customer.row.customer_id)))
    order = order_view(int(what)) if theirs.filter(pk=int(what)).exists() else None
    if order is None:
        return
    lines = tuple(TypedLine(sku=n.sku, quantity=str(n.quantity)) for n in order.lines)
    place = order.destinations[0] if order.destinations else None
    said = {name: getattr(place, name) for name in PLACE} if place else {}
    method = {"payment_method": order.payment_method} if order.payment_method in DESK_METHODS else {}
    desk.typed = desk.typed.changed(lines=lines[:MAX_LINES], **said, **method)


def _postal(desk: Desk, what: str) -> None:
    """The address behind the postal code; where several share one, a person chooses."""
    places = [p for p in postal_lookup(desk.typed.postal_code) if not p.is_office] or postal_lookup(desk.typed.postal_code)
    if what.isdigit() and len(what) < 3 and int(what) < len(places):
        places = [places[int(what)]]
    if len(places) == 1:
        (place,) = places
        desk.typed = desk.typed.changed(prefecture=place.prefecture, city=place.city, street=f"{place.town}{place.street}")
        desk.focus = "street"
    elif places:
        desk.found["places"] = places
        desk.focus = "places"
    else:
        desk.faults.setdefault("postal_code", []).append(_("No place has this postal code. Please ask again, or type the address."))


def _article(desk: Desk, _what: str) -> None:
    word = desk.typed.article_q
    found = articles_found(word, channel=desk.channel, rank_code=desk.rank_code, at=desk.at, store=desk.sells_from)
    exact = [a for a in found if word.upper() in (a.sku.upper(), a.jan)]
    if len(exact) == 1 or (len(found) == 1 and found[0].offer):
        _add(desk, (exact or found)[0].sku)
        return
    desk.found["articles"] = found
    desk.focus = "articles" if found else "article_q"
    if not found and word:
        desk.faults.setdefault("article_q", []).append(_("No article fits “%(word)s”.") % {"word": word[:40]})


def _add(desk: Desk, what: str) -> None:
    """One more line, or one piece more of the line that is there."""
    lines = list(desk.typed.lines)
    to = str(len(desk.typed.places) + 1)  # what is told after an address was added goes there
    same = next((n for n, line in enumerate(lines) if line.sku == what and line.to == to), None)
    if same is not None and lines[same].quantity.isascii() and lines[same].quantity.isdigit():
        lines[same] = TypedLine(
            **{**{w: getattr(lines[same], w) for w in TypedLine.__slots__}, "quantity": str(int(lines[same].quantity) + 1)}
        )
    elif what and len(lines) < MAX_LINES:
        lines.append(TypedLine(sku=what[:64], to=to))
    desk.typed = desk.typed.changed(lines=tuple(lines), article_q="")
    desk.focus = "article_q"


def _remove(desk: Desk, what: str) -> None:
    desk.typed = desk.typed.changed(lines=tuple(line for n, line in enumerate(desk.typed.lines) if str(n) != what))
    desk.focus = "article_q"


def _more(desk: Desk, _what: str) -> None:
    desk.typed = desk.typed.changed(places=one_more(desk.typed.places))
    desk.focus = f"p{len(desk.typed.places) + 1}-family_name"


def _less(desk: Desk, what: str) -> None:
    number = int(what) if what.isascii() and what.isdigit() and len(what) < 3 else 0
    places, lines = one_less(desk.typed.places, desk.typed.lines, number=number)
    desk.typed = desk.typed.changed(places=places, lines=lines)


_DEEDS: dict[str, Callable[[Desk, str], None]] = {
    "find": _find, "choose": _choose, "forget": _forget, "address": _address, "copy": _copy, "postal": _postal, "article": _article,
    "add": _add, "remove": _remove, "more": _more, "less": _less,
}  # fmt: skip


# Pricing and placing


def _read(desk: Desk) -> Any:
    staff: Any = desk.request.user
    customer_id = desk.customer.row.customer_id if desk.customer else None
    return read(desk.typed, channel=desk.channel, customer_id=customer_id, staff_id=staff.pk)


def _quote(desk: Desk) -> Quote | None:
    """What it costs so far; what stands in the way is put beside its field."""
    if not desk.typed.lines:
        return None
    reading = _read(desk)
    desk.blame(reading.faults)
    draft = drafted(sale_of(desk.typed, reading.draft, desk.stores), reading.draft, desk.typed)
    willing = draft.lines if draft.handed_over else tuple(replace(line, waits_until=date.max) for line in draft.lines)
    (answer,) = quote_orders([replace(draft, lines=willing, expected_total=None)], at=desk.at)
    if isinstance(answer, Refused):
        desk.blame(answer.reasons)
        return None
    short = (answer.short,) if answer.short is not None else ()
    store = next((one.name for one in desk.stores if one.id == desk.sells_from), "")
    desk.blame([*(on_this_shelf(short, store=store) if store else short), *answer.faults])
    return answer


def _place(desk: Desk) -> Placed | Sold | None:
    """The order or the sale, or every reason why not beside its field."""
    reading = _read(desk)
    today = desk.channel.company.business_date(desk.at)
    sale = sale_of(desk.typed, reading.draft, desk.stores)
    draft = drafted(sale, reading.draft, desk.typed)
    faults = [*reading.faults, *desk_faults(draft, channel_kind=desk.channel.kind, today=today)]
    if isinstance(sale, Refusal):
        faults.append(sale)
    if faults:
        desk.blame(faults)
        desk.focus = next(iter(desk.faults), "")
        desk.notices.append(_("Not placed yet: please see the marked fields."))
        return None
    if reading.draft.expected_total is None:
        desk.notices.append(_("Please check the total, then place the order."))
        return None
    kept = _along(desk, reading.draft)
    if kept is None:
        return None
    try:
        result = _placed(desk, sale, kept)
    except (HouseError, StockWentMeanwhile) as error:
        desk.blame([error.refusal] if isinstance(error, HouseError) else list(error.refusals.values()))
        return None
    if isinstance(result, Placed) and reading.draft.means_id is not None:
        _charge(desk, result)
    if not isinstance(result, Refused):
        return result
    desk.blame(result.reasons)
    desk.notices.append(_("Not placed yet: please see the marked fields."))
    return None


def _placed(desk: Desk, sale: StoreSale | Refusal | None, draft: OrderDraft) -> Placed | Sold | Refused:
    actor = actor_of(desk.request)
    if isinstance(sale, StoreSale):
        return sell_in_store(replace(sale, draft=draft), actor=actor, at=desk.at)
    if desk.typed.store.isdigit() and desk.stores:
        draft = replace(draft, taken_at_id=next((one.id for one in desk.stores if str(one.id) == desk.typed.store), None))
    (result,) = place_orders([draft], actor=actor, at=desk.at)
    return result


def _along(desk: Desk, draft: OrderDraft) -> OrderDraft | None:
    """The draft with what is kept along with the order: what was said, the paper. None where something of it is missing still."""
    talk = _talk(desk, quote := _quote(desk), _lines(desk, quote)) if has_scripts(desk.channel.company.id) else None
    missing = talk.missing if talk is not None else []
    if (missing or desk.paper.fault is not None) and not Order.objects.filter(cart_ref=draft.cart_ref).exists():
        desk.blame(missing)
        if missing:
            desk.notices.append(_("Not placed yet: please see what has to be said first."))
        return None  # what was placed already answers with its order
    return replace(draft, said=talk.said if talk is not None else (), paper_id=desk.paper.paper_id)


def _estimate(desk: Desk) -> Estimated | None:
    """What was typed as an estimate, or every reason why not beside its field. Media and stock are asked for when it is ordered."""
    reading, days = _read(desk), whole_number(desk.typed.estimate_days)
    today = desk.channel.company.business_date(desk.at)
    faults = [*reading.faults, *desk_faults(reading.draft, channel_kind=desk.channel.kind, today=today)]
    faults = [fault for fault in faults if fault.code != "order.no_media"]
    if days is None or not 0 <= days <= MOST_DAYS:
        faults.append(
            Refusal("estimate.valid_until", gettext_noop("Write for how many days the prices stand: 0 to 366."), {}, "/estimate_days")
        )
    if faults or days is None or reading.draft.cart_ref is None:
        desk.blame(faults)
        return None
    ask = EstimateAsk(
        draft=reading.draft, valid_until_on=today + timedelta(days=days), once_key=reading.draft.cart_ref, note=desk.typed.estimate_note
    )
    (result,) = issue_estimates([ask], actor=actor_of(desk.request), at=desk.at)
    if isinstance(result, Refused):
        desk.blame(result.reasons)
        return None
    return result


def _issued(request: HttpRequest, issued: Estimated) -> HttpResponse:
    words = _("Estimate %(number)s had been issued already.") if issued.repeated else _("Estimate %(number)s was issued.")
    messages.success(request, words % {"number": issued.number})
    url = reverse("admin:orders_estimate_change", args=[issued.estimate_id])
    return HttpResponseClientRedirect(url) if request.htmx else HttpResponseRedirect(url)  # type: ignore[attr-defined]


def _charge(desk: Desk, placed: Placed) -> None:
    """Ask the card while the buyer is on the line, and say what it answered."""
    (taken,) = take_payments([placed.order_id], actor=actor_of(desk.request), at=desk.at)
    if taken.outcome == Outcome.OK:
        messages.success(desk.request, _("The card was authorised. It is charged when the parcel leaves."))
    else:
        tell = messages.error if taken.outcome == Outcome.FAILED else messages.warning
        tell(desk.request, _(taken.message))


def _done(request: HttpRequest, placed: Placed | Sold) -> HttpResponse:
    """The order; of what was handed over, the receipt."""
    words = _("Order %(number)s had been placed already.") if placed.repeated else _("Order %(number)s was placed.")
    messages.success(request, words % {"number": placed.number})
    is_sold = isinstance(placed, Sold) and bool(placed.invoice_numbers)
    url = reverse("admin:orders_order_receipt" if is_sold else "admin:orders_order_change", args=[placed.order_id])
    return HttpResponseClientRedirect(url) if request.htmx else HttpResponseRedirect(url)  # type: ignore[attr-defined]


# Showing


def _record(desk: Desk) -> None:
    """Whose personal data this page showed."""
    seen = [subject_of(row) for row in desk.found.get("customers", ())]
    if desk.customer:
        seen.append(subject_of(desk.customer.row))
    record_personal_read(seen, actor=actor_of(desk.request), screen=SCREEN, fields=READ)


def _lines(desk: Desk, quote: Quote | None, *, live: bool = False) -> list[ShownLine]:
    return shown_lines(desk.typed, quote, channel=desk.channel, rank_code=desk.rank_code, faults=desk.line_faults, at=desk.at, live=live)


def _talk(desk: Desk, quote: Quote | None, lines: Sequence[ShownLine]) -> Talk:
    operator = actor_of(desk.request).label
    return talk_for(desk.typed, channel=desk.channel, customer=desk.customer, quote=quote, lines=lines, operator=operator, at=desk.at)


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


def band_choices(offered: Sequence[str], kept: str) -> list[tuple[str, str]]:
    """The times of day to choose from, with the one that stands."""
    return [(band, _(band_words(band))) for band in dict.fromkeys(("", *offered, kept))]


def _bands(desk: Desk, offer: DeliveryOffer | None) -> list[tuple[str, str]]:
    """What can be wished on the chosen day, else at all; without delivery services what is usual."""
    try:
        day = date.fromisoformat(desk.typed.wished_on)
    except ValueError:
        day = None
    offered = (offer.bands_on(day) or offer.bands_on(None)) if offer is not None and offer.days else TIME_BANDS
    return band_choices(offered, desk.typed.time_band)


def _shown(desk: Desk, quote: Quote | None, *, counter: Any, live: bool) -> HttpResponse:
    lines = _lines(desk, quote, live=live)
    company = desk.channel.company
    today = company.business_date(desk.at)
    # What is beside the form alone is asked for at every key: what is offered stands there already.
    masters, offered = (GiftMasters(), {}) if live else offered_gifts(company.id, timezone=company.timezone, at=desk.at)
    offer = quote.delivery.get(1) if quote is not None else None
    offers = quote.delivery if quote is not None else {}
    places = places_on_page(desk.typed.places, desk.faults, offers=offers, bands_of=band_choices) if not desk.typed.handed else []
    words = {
        "places": places, "numbers": [str(n) for n in range(1, len(places) + 2)], "gift": desk_boxes(desk.typed, desk.faults), "offered": offered, "offers_gifts": not masters.is_empty,
        "warnings": warnings_of(desk.typed.gift, masters), "gives": any(desk.typed.gift.values()),
        "typed": desk.typed, "channels": desk.channels, "channel": desk.channel, "several": len({c.company.id for c in desk.channels}) > 1,
        "customer": desk.customer, "found": desk.found, "faults": desk.faults, "notices": desk.notices, "focus": desk.focus, "lines": lines,
        "quote": quote, "currency": company.currency, "today": today, "wrong": bool(desk.faults or desk.line_faults or desk.notices),
        "scripts": sorted(quote.gated.needs.scripts) if quote and quote.gated else (), "told": _told(desk, quote),
        "methods": _methods(desk), "bands": _bands(desk, offer), "offer": offer, "live": live, "talk": _talk(desk, quote, lines),
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
    refused = request.POST.get("do", "").startswith("place") and bool(desk.faults or desk.line_faults or desk.notices)
    return render(request, "orders/admin/entry.html", {**shared, **words}, status=422 if refused else 200)
