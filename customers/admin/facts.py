"""What the customer's page tells of the ledger, as lines to be read, masked for those who may not know people."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from core.text import format_phone, format_postal
from customers.models import Customer
from customers.queries import DeskView
from customers.rules import (
    ConsentPurpose,
    ConsentStatus,
    ContactChannel,
    ContactKind,
    CustomerKind,
    LinkEvidence,
    MatchReason,
    Visibility,
    masked_birth,
    masked_email,
    masked_name,
    masked_phone,
    reasons_from,
)


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of a card: what it is, what it says, what stands behind it in small letters, and its tone."""

    label: str
    value: str
    note: str = ""
    tone: str = ""
    link: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """Facts under a heading; ``none`` is what stands there without any, "" leaves the card out."""

    title: str
    facts: list[Fact]
    none: str = ""
    folded: bool = False


def page_link(customer_id: int) -> str:
    """The customer's page."""
    return reverse("admin:customers_customer_change", args=[customer_id])


def cards_of(found: DeskView, *, full: bool) -> list[Card]:
    """Everything the ledger holds, card by card: what a call needs first, the rest folded."""
    row = found.customer
    cards = [
        Card(
            _("Contact points"), [contact_point(p, full=full) for p in found.contact_points], _("None yet. Add one with the button above.")
        ),
        Card(_("Addresses"), [_address(place, full=full) for place in found.addresses], _("None yet. Add one with the button above.")),
        Card(_("Consent"), [_consent(word) for word in found.consents], _("Nothing was said yet, so nothing may be sent.")),
        Card(_("Accounts and outside numbers"), list(_proofs(found, full=full)), _("No account, and no number elsewhere.")),
        Card(_("About the customer"), _person(row, found, full=full)),
        Card(_("Ranks"), [_rank(rank) for rank in found.ranks], folded=True),
        Card(_("Lots of points"), [_lot(lot) for lot in found.lots], folded=True),
    ]
    return [card for card in cards if card.facts or card.none]


def members(found: DeskView) -> tuple[Fact | None, list[Fact]]:
    """The principal this entry is read with, and the entries merged into this one."""
    row = found.customer
    others = [Fact(_("Merged"), m.number, link=page_link(m.customer_id)) for m in found.members if m.customer_id != row.pk]
    if row.principal_id is None:
        return None, others
    return Fact(_("Merged"), found.members[0].number, link=page_link(found.members[0].customer_id)), []


def pairs(found: DeskView) -> list[Fact]:
    """Entries that may be the same person."""
    return [
        Fact(
            _("Possible duplicate"),
            f"{pair.score}",
            "・".join(_(MatchReason.labels()[reason]) for reason in reasons_from(pair.reasons)),
            link=reverse("admin:customers_duplicatecandidate_change", args=[pair.id]),
        )
        for pair in found.pairs
    ]


def household(found: DeskView, *, full: bool) -> list[Fact]:
    """Who lives together with this customer."""
    return [
        Fact(one.role, (one.name if full else masked_name(one.name)) or one.number, one.number, link=page_link(one.customer_id))
        for one in found.household
    ]


def tags(found: DeskView) -> list[Fact]:
    """The words put on the customer."""
    return [Fact(tag.name, "", _(Visibility.labels()[Visibility(tag.visibility)])) for tag in found.tags]


def figures(found: DeskView) -> list[Fact]:
    """Rank and points."""
    rank = next((r for r in found.ranks if r.until_at is None), None)
    soon = next((lot for lot in found.lots if lot.expires_at), None)
    going = _("%(points)s points go next") % {"points": f"{soon.remaining:,}"} if soon else ""
    return [
        Fact(_("Rank"), rank.name if rank else "-", (rank.brand or "") if rank else ""),
        Fact(_("Points"), f"{found.points:,}", going, at=soon.expires_at if soon else None),
    ]


def _person(row: Customer, found: DeskView, *, full: bool) -> list[Fact]:
    name = f"{row.family_name} {row.given_name}".strip()
    born = (f"{row.birth_on:%Y/%m/%d}" if row.birth_on else "") if full else masked_birth(row.birth_on)
    facts = [
        Fact(_("Kind"), _(CustomerKind.labels()[CustomerKind(row.kind)])),
        Fact(_("Contact person"), (name if full else masked_name(name)) if row.organisation_name else ""),
        Fact(_("Date of birth"), born),
        Fact(_("Language"), row.language),
        Fact(_("Former number"), row.outside_number),
        Fact(_("Registered"), f"{row.recorded_at:%Y/%m/%d}"),
        *(_preference(wish) for wish in found.preferences),
        *(Fact(value.name, value.value if full else "＊＊") for value in found.attributes),
    ]
    return [fact for fact in facts if fact.value]


def _preference(wish: Any) -> Fact:
    channel = _(ContactChannel.labels()[ContactChannel(wish.channel)])
    return Fact(_("Likes to be reached by"), channel if wish.preferred else _("not by %(channel)s") % {"channel": channel}, wish.hours)


def contact_point(point: Any, *, full: bool) -> Fact:
    """A way to reach the customer."""
    kind = ContactKind(point.kind)
    if kind is ContactKind.EMAIL:
        value = point.value if full else masked_email(point.value)
    elif kind is ContactKind.LINE:
        value = point.value if full else "＊＊"
    else:
        value = format_phone(point.value_key) if full else masked_phone(point.value)
    note = _("does not arrive") if point.unreachable_at else _("verified") if point.verified_at else ""
    link = reverse("admin:customers_contactpoint_change", args=[point.id]) if full else ""
    return Fact(_(ContactKind.labels()[kind]), value, note, "bad" if point.unreachable_at else "good" if point.verified_at else "", link)


def _address(place: Any, *, full: bool) -> Fact:
    label = place.label or (_("Default address") if place.is_default else _("Address"))
    if not full:
        return Fact(label, f"{place.prefecture}{place.city}")
    postal = f"〒{format_postal(place.postal_code)} " if place.country == "JP" and place.postal_code else ""
    who = " ".join(part for part in (place.organisation_name, place.name, place.phone) if part)
    link = reverse("admin:customers_address_change", args=[place.id])
    return Fact(label, f"{postal}{place.prefecture}{place.city}{place.street} {place.building}".strip(), who, link=link)


def _consent(word: Any) -> Fact:
    about = f"{_(ConsentPurpose.labels()[ConsentPurpose(word.purpose)])} / {_(ContactChannel.labels()[ContactChannel(word.channel)])}"
    given = word.status == ConsentStatus.GIVEN
    brand = word.brand or _("All brands")
    said = _(ConsentStatus.labels()[ConsentStatus(word.status)])
    return Fact(about, said, f"{brand} / {word.source}", "good" if given else "bad", at=word.at)


def _rank(rank: Any) -> Fact:
    return Fact(rank.name, rank.brand or _("All brands"), "" if rank.until_at is None else _("ended"), at=rank.from_at)


def _lot(lot: Any) -> Fact:
    until = _("good until") if lot.expires_at else _("no end")
    return Fact(f"{lot.remaining:,} / {lot.granted:,}", lot.brand or _("All brands"), until, at=lot.expires_at)


def _proofs(found: DeskView, *, full: bool) -> Iterable[Fact]:
    for link in found.links:
        who = (link.display_name or link.email or link.handle) if full else masked_email(link.email)
        page = reverse("admin:customers_customeraccount_change", args=[link.id]) if full else ""
        yield Fact(_("Account"), who, _(LinkEvidence.labels()[LinkEvidence(link.evidence)]), link=page, at=link.linked_at)
    for proof in found.proofs:
        yield Fact(proof.provider, proof.subject if full else "＊＊", at=proof.recorded_at)
