"""What is read aloud at the order desk: the scripts that fit what was typed so far, step by step."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from billing.rules import PaymentMethod
from core.errors import Refusal
from core.money import format_money
from customers.queries import group_of
from orders.admin.entry_shown import KnownCustomer, ShownLine
from orders.admin.entry_typed import CARD, Typed, form_of
from orders.operations import Quote
from orders.queries import categories_of, purchase_number, talk_scripts
from orders.rules import (
    DeskFacts,
    DeskLine,
    DeskStep,
    SaidScript,
    ScriptTerms,
    SpokenScript,
    is_read,
    lines_meant_by,
    spoken,
    unsaid,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownScript:
    """A script beside the fields, and whether it is ticked."""

    script: SpokenScript
    is_said: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """What to say on this call, by step; "" and nothing where the company has no scripts."""

    scripts: tuple[SpokenScript, ...]
    ticked: frozenset[str]
    has_any: bool

    @property
    def steps(self) -> list[tuple[str, str, list[ShownScript]]]:
        """(step, its name, its scripts) in the order of a call."""
        found = []
        for step in DeskStep:
            own = [ShownScript(script=one, is_said=one.mark in self.ticked) for one in self.scripts if one.step is step]
            if own:
                found.append((str(step), _(DeskStep.labels()[step]), own))
        return found

    @property
    def missing(self) -> list[Refusal]:
        """What must be said and was not ticked."""
        return unsaid(self.scripts, self.ticked)

    @property
    def said(self) -> tuple[SaidScript, ...]:
        """What was ticked, in the words that were read."""
        return tuple(SaidScript(one.script_id, one.words) for one in self.scripts if one.mark in self.ticked)


def has_scripts(company_id: int) -> bool:
    """Whether anything is read at this company's desk."""
    return bool(talk_scripts(company_id))


def talk_for(
    typed: Typed,
    *,
    channel: Any,
    customer: KnownCustomer | None,
    quote: Quote | None,
    lines: Sequence[ShownLine],
    operator: str,
    at: datetime,
) -> Talk:
    """The scripts that fit the order as far as it was typed, with its own words in them."""
    scripts = talk_scripts(channel.company.id)
    if not scripts:
        return Talk(scripts=(), ticked=frozenset(), has_any=False)
    today = channel.company.business_date(at)
    facts = _facts(typed, scripts, channel=channel, customer=customer, lines=lines, today=today)
    words = _words(typed, channel=channel, customer=customer, quote=quote, operator=operator)
    courses = {line.typed.sku: line.course for line in lines}
    found = []
    for script in scripts:
        if is_read(script, facts, today=today):
            meant = lines_meant_by(script, facts.lines)
            own = {
                "product": _(", ").join(line.name or line.sku for line in meant),
                "course": _(", ").join(dict.fromkeys(courses[line.sku] for line in meant if courses.get(line.sku))),
            }
            found.append(
                SpokenScript(
                    script_id=script.script_id, name=script.name, step=script.step, words=spoken(script.text, {**words, **own}),
                    must_say=script.must_say,
                )
            )  # fmt: skip
    return Talk(scripts=tuple(found), ticked=frozenset(typed.said), has_any=True)


def _facts(
    typed: Typed, scripts: Sequence[ScriptTerms], *, channel: Any, customer: KnownCustomer | None, lines: Sequence[ShownLine], today: date
) -> DeskFacts:
    """The order as scripts see it; only what some script asks for is looked up."""
    asks_past = any(s.first_order or s.f_from is not None or s.f_until is not None for s in scripts)
    has_ordered, f_number = purchase_number(group_of(customer.row.customer_id), today=today) if customer and asks_past else (False, 1)
    asks_shelf = any(s.categories for s in scripts)
    shelves = categories_of([line.typed.sku for line in lines], company_id=channel.company.id) if asks_shelf else {}
    return DeskFacts(
        channel_id=channel.id,
        medium=typed.route_medium,
        ad_code=typed.ad_code,
        lines=tuple(
            DeskLine(
                sku=line.typed.sku,
                name=line.name,
                form=form_of(line.typed),
                categories=shelves.get(line.typed.sku, frozenset()),
            )
            for line in lines
        ),
        f_number=f_number,
        has_ordered=has_ordered,
        attention=bool(customer and customer.row.attention),
    )


def _words(typed: Typed, *, channel: Any, customer: KnownCustomer | None, quote: Quote | None, operator: str) -> dict[str, str]:
    """What takes the place of the placeholders that hold for the whole order."""
    name = customer.name if customer else (typed.organisation_name or f"{typed.family_name} {typed.given_name}".strip())
    return {
        "customer": name,
        "operator": operator,
        "company": channel.company.name,
        "total": format_money(quote.sums.total, quote.sums.currency, "ja") if quote else "",
        "delivery_day": _delivery_day(typed, quote),
        "payment_method": _payment_words(typed.payment_method),
    }


def _payment_words(method: str) -> str:
    if method.startswith(CARD):
        return _(PaymentMethod.labels()[PaymentMethod.CARD])
    return _(PaymentMethod.labels()[PaymentMethod(method)]) if method in set(PaymentMethod) else ""


def _delivery_day(typed: Typed, quote: Quote | None) -> str:
    try:
        return date_format(date.fromisoformat(typed.wished_on), "DATE_FORMAT")
    except ValueError:
        offer = quote.delivery.get(1) if quote is not None else None
        return date_format(offer.earliest_on, "DATE_FORMAT") if offer is not None and offer.earliest_on else ""
