"""Which courses there are, and the terms a buyer must be shown before agreeing to one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from catalog.queries import offers
from catalog.rules import Offer, PriceAsk, PurchaseType
from core.clock import business_date
from core.db import rows
from core.errors import Refusal
from core.queries import company_context, working_days
from core.words import gettext_noop
from subscriptions.rules import Ahead, PlanShown, Rhythm, Terms, TermsAsk, interval_words, read_days, read_interval

NO_PLAN = gettext_noop("“%(sku)s” cannot be subscribed to.")
UNKNOWN_PLAN = gettext_noop("“%(sku)s” is not in the course “%(plan)s”.")
WHICH_PLAN = gettext_noop("“%(sku)s” is in several courses; say which.")
NOT_OFFERED = gettext_noop("The course “%(plan)s” does not come %(interval)s.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """A course with its rules as values."""

    id: int
    company_id: int
    code: str
    name: str
    name_en: str
    kind: str
    intervals: str
    default_interval: str
    lead_days: int
    calendar_id: int | None
    change_deadline_days: int
    notice_days: int
    minimum_cycles: int
    maximum_cycles: int | None
    skip_allowed: bool
    skip_limit: int
    pause_allowed: bool
    payment_methods: str
    retry_days: str
    note: str
    note_en: str
    ended_at: datetime | None

    @property
    def offered(self) -> tuple[str, ...]:
        return tuple(code.strip() for code in self.intervals.split(",") if code.strip())

    @property
    def methods(self) -> tuple[str, ...]:
        return tuple(m.strip() for m in self.payment_methods.split(",") if m.strip())

    @property
    def retries(self) -> tuple[int, ...]:
        return read_days(self.retry_days)

    def ahead(self) -> Ahead:
        """When orders are made for deliveries of the course."""
        calendar = working_days(self.calendar_id) if self.calendar_id else None
        return Ahead(lead_days=self.lead_days, is_open=calendar.includes if calendar else None)

    def named(self, language: str) -> str:
        return self.name_en if language == "en" and self.name_en else self.name


PLAN_COLUMNS = ", ".join(f"p.{name}" for name in PlanRow.__slots__)


def plan_row(row: Any) -> PlanRow:
    """A course from a row that has its columns."""
    return PlanRow(**{name: getattr(row, name) for name in PlanRow.__slots__})


def plan_rows(ids: Sequence[int]) -> dict[int, PlanRow]:
    """Courses by key. One statement."""
    found = rows(f"SELECT {PLAN_COLUMNS} FROM subscriptions_plan p WHERE p.id = ANY(%s::bigint[])", (sorted(set(ids)),))
    return {row.id: plan_row(row) for row in found}


def shown_plan(plan: PlanRow, *, language: str) -> PlanShown:
    """A course in a reader's language."""
    with translation.override(language):
        return PlanShown(
            code=plan.code,
            name=plan.named(language),
            kind=plan.kind,
            intervals=tuple((code, interval_words(code, translate=_)) for code in plan.offered),
            default_interval=plan.default_interval,
            minimum_cycles=plan.minimum_cycles,
            maximum_cycles=plan.maximum_cycles,
            lead_days=plan.lead_days,
            change_deadline_days=plan.change_deadline_days,
            cancellation_rule=cancellation_rule(plan),
            skip_allowed=plan.skip_allowed,
            skip_limit=plan.skip_limit,
            pause_allowed=plan.pause_allowed,
            payment_methods=plan.methods,
            note=(plan.note_en if language == "en" else "") or plan.note,
        )


def cancellation_rule(plan: PlanRow) -> str:
    """From when, until when and how a contract can be left, in the language in force."""
    first = (
        _("It can be cancelled at any time.")
        if plan.minimum_cycles <= 1
        else _("It can be cancelled after %(n)s deliveries.") % {"n": plan.minimum_cycles}
    )
    until = _("A cancellation made until %(days)s days before a delivery stops that delivery; a later one takes effect after it.")
    return " ".join((first, until % {"days": plan.change_deadline_days}, _("On My Page or by contacting the shop; there is no fee.")))


def change_rule(plan: PlanRow) -> str:
    """What can be changed until when, in the language in force."""
    said = [_("Date, articles and address can be changed until %(days)s days before each delivery.") % {"days": plan.change_deadline_days}]
    if plan.skip_allowed:
        said.append(
            _("Up to %(n)s deliveries in a row can be skipped.") % {"n": plan.skip_limit}
            if plan.skip_limit
            else _("Deliveries can be skipped.")
        )
    return " ".join(said)


_OF_VARIANTS = f"""
SELECT pv.variant_id, {PLAN_COLUMNS} FROM subscriptions_planvariant pv JOIN subscriptions_plan p ON p.id = pv.plan_id
WHERE pv.variant_id = ANY(%(variants)s::bigint[]) AND p.company_id = %(company)s AND (p.ended_at IS NULL OR p.ended_at > %(at)s)
ORDER BY pv.variant_id, pv.position, p.id
"""


def plans_by_variant(variant_ids: Sequence[int], *, company_id: int, at: datetime) -> dict[int, list[PlanRow]]:
    """The open courses of every variant, the first one first. One statement."""
    found: dict[int, list[PlanRow]] = {}
    for row in rows(_OF_VARIANTS, {"variants": sorted(set(variant_ids)), "company": company_id, "at": at}):
        found.setdefault(row.variant_id, []).append(plan_row(row))
    return found


def plans_for(variant_ids: Sequence[int], *, company_id: int, channel_id: int, language: str, at: datetime) -> dict[int, PlanShown]:
    """The course each variant can be subscribed to (its first one); a variant without any is missing. One statement."""
    found = plans_by_variant(variant_ids, company_id=company_id, at=at)
    return {variant: shown_plan(plans[0], language=language) for variant, plans in found.items()}


def chosen_plan(plans: Sequence[PlanRow], *, plan_code: str, interval: str, sku: str) -> tuple[PlanRow, str] | Refusal:
    """The course and interval a line asks for; "" is the only course, and the course's usual interval.

    Refuses "subscription.no_plan", "subscription.unknown_plan", "subscription.which_plan", "subscription.interval_not_offered".
    """
    if not plans:
        return Refusal("subscription.no_plan", NO_PLAN, {"sku": sku}, "purchase_type")
    fitting = [plan for plan in plans if plan.code == plan_code] if plan_code else list(plans)
    if not fitting:
        return Refusal("subscription.unknown_plan", UNKNOWN_PLAN, {"sku": sku, "plan": plan_code}, "subscription/plan_code")
    if len(fitting) > 1:
        return Refusal("subscription.which_plan", WHICH_PLAN, {"sku": sku}, "subscription/plan_code")
    plan = fitting[0]
    wanted = interval or plan.default_interval
    if wanted not in plan.offered:
        return Refusal("subscription.interval_not_offered", NOT_OFFERED, {"plan": plan.name, "interval": wanted}, "subscription/interval")
    return plan, wanted


YEAR = timedelta(days=365)


def subscription_terms(
    asks: Sequence[TermsAsk], *, company_id: int, channel_id: int, language: str, at: datetime
) -> tuple[Terms | Refusal, ...]:
    """What has to be shown of each line before it is agreed, or why it cannot be subscribed to. Three statements at most."""
    if not asks:
        return ()
    today = business_date(at, company_context(company_id).timezone)
    plans = plans_by_variant([ask.variant_id for ask in asks], company_id=company_id, at=at)
    chosen = [
        chosen_plan(plans.get(ask.variant_id, ()), plan_code=ask.plan_code, interval=ask.interval, sku=str(ask.variant_id)) for ask in asks
    ]
    dates = [None if isinstance(c, Refusal) else _dates(c[0], c[1], ask.first_on or today) for ask, c in zip(asks, chosen, strict=True)]
    wanted = [(n, delivery) for n, found in enumerate(dates) for delivery in range(1, max(len(found or ()), 2) + 1) if found]
    priced = offers(
        [
            PriceAsk(
                variant_id=asks[n].variant_id,
                quantity=asks[n].quantity,
                purchase_type=PurchaseType.SUBSCRIPTION,
                cycle=delivery,
                rank_code=asks[n].rank_code,
            )
            for n, delivery in wanted
        ],
        company_id=company_id,
        channel_id=channel_id,
        language=language,
        at=at,
    )
    by_ask: dict[int, list[Offer | Refusal]] = {}
    for (n, _delivery), answer in zip(wanted, priced, strict=True):
        by_ask.setdefault(n, []).append(answer)
    with translation.override(language):
        return tuple(
            c if isinstance(c, Refusal) else _terms(asks[n], c[0], c[1], dates=dates[n] or [], answers=by_ask[n], language=language)
            for n, c in enumerate(chosen)
        )


def _dates(plan: PlanRow, interval: str, first_on: date) -> list[date]:
    """The deliveries that come within a year of the first one, that one included."""
    rhythm = Rhythm(interval=read_interval(interval), anchor_on=first_on, anchor_number=1)
    found = []
    for number, on in rhythm.dates(1):
        if on >= first_on + YEAR or (plan.maximum_cycles and number > plan.maximum_cycles):
            break
        found.append(on)
    return found


def _terms(
    ask: TermsAsk, plan: PlanRow, interval: str, *, dates: Sequence[date], answers: Sequence[Offer | Refusal], language: str
) -> Terms | Refusal:
    refused = next((answer for answer in answers if isinstance(answer, Refusal)), None)
    if refused is not None:
        return refused
    found = [answer for answer in answers if isinstance(answer, Offer)]
    amounts = [offer.unit_price * ask.quantity for offer in found]
    rhythm = Rhythm(interval=read_interval(interval), anchor_on=dates[0], anchor_number=1)
    most = plan.maximum_cycles
    return Terms(
        variant_id=ask.variant_id,
        name=f"{found[0].name} {found[0].option}".strip(),
        plan_code=plan.code,
        plan_name=plan.named(language),
        quantity=ask.quantity,
        interval=interval,
        interval_label=interval_words(interval, translate=_),
        currency=found[0].currency,
        first_amount=amounts[0],
        later_amounts=_steps(amounts),
        next_on=rhythm.date_of(2),
        year_deliveries=len(dates),
        year_amount=sum(amounts[: len(dates)]),
        until=_("It ends after %(n)s deliveries.") % {"n": most} if most else _("It goes on until you cancel it."),
        minimum=_("At least %(n)s deliveries") % {"n": plan.minimum_cycles} if plan.minimum_cycles > 1 else "",
        cancellation_rule=cancellation_rule(plan),
        change_rule=change_rule(plan),
    )


def _steps(amounts: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """(from delivery, amount) for delivery 2 and wherever the amount changes after it."""
    found: list[tuple[int, int]] = []
    for delivery, amount in enumerate(amounts, 1):
        if delivery >= 2 and (not found or found[-1][1] != amount):
            found.append((delivery, amount))
    return tuple(found)
