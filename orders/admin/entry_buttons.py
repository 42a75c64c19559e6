"""What the buttons of the order desk do, but for those that place: find and choose people, fill in addresses, add and take out lines."""

from collections.abc import Callable
from dataclasses import replace

from django.utils.translation import gettext as _

from core.errors import Refusal
from core.queries import postal_lookup
from core.text import whole_number
from customers.queries import group_of
from orders.admin.entry_desk import Desk
from orders.admin.entry_paper import form_of_code
from orders.admin.entry_places import one_less, one_more
from orders.admin.entry_shown import articles_found, customers_found, known_values
from orders.admin.entry_typed import PERSON, PLACE, TypedLine
from orders.queries import FormMeant, Sight, order_view, visible
from orders.rules import DESK_METHODS, MAX_LINES


def find(desk: Desk, _what: str = "") -> None:
    """Whoever fits the word in the box; where several do, a person chooses. A form's code says whose it is."""
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
    key = whole_number(what)
    if key is not None:
        desk.take(key, fill=True)
        desk.focus = "article_q"


def _forget(desk: Desk, _what: str) -> None:
    desk.customer = None
    desk.typed = desk.typed.changed(customer="", customer_q="", **dict.fromkeys((*PERSON, *PLACE), ""))
    desk.focus = "customer_q"


def _address(desk: Desk, what: str) -> None:
    place = whole_number(what)
    if desk.customer and place is not None and 0 <= place < len(desk.customer.view.addresses):
        said = known_values(desk.customer.view, address=place)
        desk.typed = desk.typed.changed(**{name: value for name, value in said.items() if name in PLACE or name.startswith("to_")})


def _copy(desk: Desk, what: str) -> None:
    """The lines, the payment and the address of an earlier order, at today's prices."""
    key = whole_number(what)
    if desk.customer is None or key is None:
        return
    theirs = visible(Sight.of_customers(group_of(desk.customer.row.customer_id)))
    order = order_view(key) if theirs.filter(pk=key).exists() else None
    if order is None:
        return
    lines = tuple(TypedLine(sku=n.sku, quantity=str(n.quantity)) for n in order.lines)
    place = order.destinations[0] if order.destinations else None
    said = {name: getattr(place, name) for name in PLACE} if place else {}
    method = {"payment_method": order.payment_method} if order.payment_method in DESK_METHODS else {}
    desk.typed = desk.typed.changed(lines=lines[:MAX_LINES], **said, **method)


def _postal(desk: Desk, what: str) -> None:
    """The address behind the postal code; where several share one, a person chooses."""
    found = postal_lookup(desk.typed.postal_code)
    places = [p for p in found if not p.is_office] or found
    chosen = whole_number(what)
    if chosen is not None and 0 <= chosen < len(places):
        places = [places[chosen]]
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
    pieces = whole_number(lines[same].quantity) if same is not None else None
    if same is not None and pieces is not None:
        lines[same] = replace(lines[same], quantity=str(pieces + 1))
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
    places, lines = one_less(desk.typed.places, desk.typed.lines, number=whole_number(what) or 0)
    desk.typed = desk.typed.changed(places=places, lines=lines)


BUTTONS: dict[str, Callable[[Desk, str], None]] = {
    "find": find, "choose": _choose, "forget": _forget, "address": _address, "copy": _copy, "postal": _postal, "article": _article,
    "add": _add, "remove": _remove, "more": _more, "less": _less,
}  # fmt: skip
