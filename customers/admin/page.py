"""The customer's page in words: what the desk query found, masked for those who may not know people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from core.text import format_phone, format_postal
from customers.models import Customer
from customers.ports import TimelineRow
from customers.queries import DeskView, NoteRow, desk_view, timeline
from customers.rules import (
    ConsentPurpose,
    ConsentStatus,
    ContactChannel,
    ContactKind,
    CustomerKind,
    CustomerStatus,
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
class Page:
    """Everything the template shows, ready to be read."""

    name: str
    kana: str
    number: str
    attention: bool
    notes: Sequence[NoteRow]
    others: Sequence[Fact]
    merged_into: Fact | None
    pairs: Sequence[Fact]
    figures: Sequence[Fact]
    person: Sequence[Fact]
    contact_points: Sequence[Fact]
    addresses: Sequence[Fact]
    agreements: Sequence[Fact]
    ranks: Sequence[Fact]
    lots: Sequence[Fact]
    proofs: Sequence[Fact]
    tags: Sequence[Fact]
    story: Sequence[TimelineRow]
    in_full: bool


def page_of(row: Any, *, at: datetime) -> Page:
    """The page of a customer as one reader may see it; ``row.in_full`` says whether people may be known."""
    found, full = desk_view(row.pk, at=at), bool(row.in_full)
    name = f"{row.family_name} {row.given_name}".strip()
    shown = row.organisation_name or name
    here = _link(row.pk)
    story = [replace(line, link="") if line.link == here else line for line in timeline(row.pk, limit=40)]
    return Page(
        name=shown if full else masked_name(shown),
        kana=f"{row.family_kana} {row.given_kana}".strip() if full else "",
        number=row.number,
        attention=row.attention or any(member.attention for member in found.members),
        notes=found.notes if full else (),
        others=[_member(m) for m in found.members if m.customer_id != row.pk and row.principal_id is None],
        merged_into=_member(found.members[0]) if row.principal_id and found.members else None,
        pairs=list(_pairs(found, row.pk)),
        figures=_figures(row, found),
        person=_person(row, name, full=full),
        contact_points=[_contact_point(point, full=full) for point in found.contact_points],
        addresses=[_address(place, full=full) for place in found.addresses],
        agreements=[_consent(word) for word in found.consents],
        ranks=[Fact(r.name, r.brand or _("All brands"), "" if r.until_at is None else _("ended"), at=r.from_at) for r in found.ranks],
        lots=[_lot(lot) for lot in found.lots],
        proofs=list(_proofs(found, full=full)),
        tags=[Fact(tag.name, "", _(Visibility.labels()[tag.visibility])) for tag in found.tags],
        story=story if full else [line for line in story if line.link and line.amount is not None],
        in_full=full,
    )


def _link(customer_id: int) -> str:
    return reverse("admin:customers_customer_change", args=[customer_id])


def _member(member: Any) -> Fact:
    return Fact(_("Merged"), member.number, link=_link(member.customer_id))


def _pairs(found: DeskView, customer_id: int) -> Iterable[Fact]:
    for pair in found.pairs:
        reasons = "・".join(_(MatchReason.labels()[reason]) for reason in reasons_from(pair.reasons))
        link = reverse("admin:customers_duplicatecandidate_change", args=[pair.id])
        yield Fact(_("Possible duplicate"), f"{pair.score}", reasons, link=link)


def _figures(row: Customer, found: DeskView) -> list[Fact]:
    rank = next((r for r in found.ranks if r.until_at is None), None)
    soon = found.balance
    going = _("%(points)s points go next") % {"points": f"{soon.next_expiry_points:,}"} if soon.next_expiry_at else ""
    tone = {"active": "good", "closed": "warn", "erased": "bad"}.get(str(row.status), "")
    return [
        Fact(_("Status"), _(CustomerStatus.labels()[CustomerStatus(row.status)]), tone=tone),
        Fact(_("Rank"), rank.name if rank else "-", (rank.brand or "") if rank else ""),
        Fact(_("Points"), f"{soon.points:,}", going, at=soon.next_expiry_at),
        Fact(_("Registered"), "", at=row.recorded_at),
    ]


def _person(row: Customer, name: str, *, full: bool) -> list[Fact]:
    born = (f"{row.birth_on:%Y/%m/%d}" if row.birth_on else "") if full else masked_birth(row.birth_on)
    facts = [
        Fact(_("Kind"), _(CustomerKind.labels()[CustomerKind(row.kind)])),
        Fact(_("Contact person"), (name if full else masked_name(name)) if row.organisation_name else ""),
        Fact(_("Date of birth"), born),
        Fact(_("Language"), row.language),
        Fact(_("Former number"), row.outside_number),
    ]
    return [fact for fact in facts if fact.value]


def _contact_point(point: Any, *, full: bool) -> Fact:
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
    about = f"{_(ConsentPurpose.labels()[word.purpose])} / {_(ContactChannel.labels()[word.channel])}"
    given = word.status == ConsentStatus.GIVEN
    brand = word.brand or _("All brands")
    return Fact(about, _(ConsentStatus.labels()[word.status]), f"{brand} / {word.source}", "good" if given else "bad", at=word.at)


def _lot(lot: Any) -> Fact:
    return Fact(
        f"{lot.remaining:,} / {lot.granted:,}",
        lot.brand or _("All brands"),
        _("good until") if lot.expires_at else _("no end"),
        at=lot.expires_at,
    )


def _proofs(found: DeskView, *, full: bool) -> Iterable[Fact]:
    for link in found.links:
        who = (link.display_name or link.email or link.handle) if full else masked_email(link.email)
        page = reverse("admin:customers_customeraccount_change", args=[link.id]) if full else ""
        yield Fact(_("Account"), who, _(LinkEvidence.labels()[link.evidence]), link=page, at=link.linked_at)
    for proof in found.proofs:
        yield Fact(proof.provider, proof.subject if full else "＊＊", at=proof.recorded_at)
