"""Courses are opened and changed."""

from collections.abc import Sequence
from datetime import datetime

from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from core.words import gettext_noop as _
from subscriptions.rules import NewPlan, UnreadableInterval, read_interval

_SAVE = """
INSERT INTO subscriptions_plan AS p (company_id, code, name, name_en, kind, intervals, default_interval, lead_days, calendar_id, change_deadline_days,
    notice_days, minimum_cycles, maximum_cycles, skip_allowed, skip_limit, pause_allowed, payment_methods, retry_days, note, note_en)
VALUES (%(company)s, %(code)s, %(name)s, %(name_en)s, %(kind)s, %(intervals)s, %(default)s, %(lead)s, %(calendar)s::bigint, %(deadline)s, %(notice)s,
    %(minimum)s, %(maximum)s::smallint, %(skip)s, %(skip_limit)s, %(pause)s, %(methods)s, %(retry)s, %(note)s, %(note_en)s)
ON CONFLICT (company_id, code) DO UPDATE SET name = EXCLUDED.name, name_en = EXCLUDED.name_en, kind = EXCLUDED.kind,
    intervals = EXCLUDED.intervals, default_interval = EXCLUDED.default_interval, lead_days = EXCLUDED.lead_days,
    calendar_id = EXCLUDED.calendar_id, change_deadline_days = EXCLUDED.change_deadline_days, notice_days = EXCLUDED.notice_days,
    minimum_cycles = EXCLUDED.minimum_cycles, maximum_cycles = EXCLUDED.maximum_cycles, skip_allowed = EXCLUDED.skip_allowed,
    skip_limit = EXCLUDED.skip_limit, pause_allowed = EXCLUDED.pause_allowed, payment_methods = EXCLUDED.payment_methods,
    retry_days = EXCLUDED.retry_days, note = EXCLUDED.note, note_en = EXCLUDED.note_en, ended_at = NULL
RETURNING p.id
"""
_VARIANTS = """
INSERT INTO subscriptions_planvariant (plan_id, variant_id, position)
SELECT %(plan)s, v.id, u.place FROM unnest(%(variants)s::bigint[]) WITH ORDINALITY u (id, place) JOIN catalog_variant v ON v.id = u.id
WHERE v.company_id = %(company)s
ON CONFLICT (plan_id, variant_id) DO UPDATE SET position = EXCLUDED.position
"""
_OTHERS = "DELETE FROM subscriptions_planvariant WHERE plan_id = %s AND NOT variant_id = ANY(%s::bigint[])"


@operation
def save_plans(company_id: int, plans: Sequence[NewPlan], *, actor: Actor, at: datetime) -> list[int | Refusal]:
    """The courses are as given, each with exactly the articles named: their keys, in order. Contracts keep the course's new rules.

    Refuses "subscription.unreadable_interval", "subscription.plan_contradicts".
    """
    return [_saved(company_id, plan) for plan in plans]


def _saved(company_id: int, plan: NewPlan) -> int | Refusal:
    try:
        for code in plan.intervals:
            read_interval(code)
    except UnreadableInterval as error:
        return error.refusal.at("/intervals")
    usual = plan.default_interval or plan.intervals[0]
    late = plan.change_deadline_days < plan.lead_days or 0 < plan.notice_days < plan.change_deadline_days
    if usual not in plan.intervals or late or (plan.maximum_cycles is not None and plan.maximum_cycles < max(plan.minimum_cycles, 1)):
        return Refusal(
            "subscription.plan_contradicts",
            _("The rules of the course “%(plan)s” contradict each other: remind, then close changes, then make the order."),
            {"plan": plan.name},
        )
    saved = rows(
        _SAVE,
        {
            "company": company_id, "code": plan.code, "name": plan.name, "name_en": plan.name_en, "kind": plan.kind,
            "intervals": ",".join(plan.intervals), "default": usual, "lead": plan.lead_days, "calendar": plan.calendar_id,
            "deadline": plan.change_deadline_days, "notice": plan.notice_days, "minimum": plan.minimum_cycles, "maximum": plan.maximum_cycles,
            "skip": plan.skip_allowed, "skip_limit": plan.skip_limit, "pause": plan.pause_allowed, "methods": ",".join(plan.payment_methods),
            "retry": ",".join(str(days) for days in plan.retry_days), "note": plan.note, "note_en": plan.note_en,
        },
    )  # fmt: skip
    key = int(saved[0].id)
    run(_VARIANTS, {"plan": key, "variants": list(plan.variant_ids), "company": company_id})
    run(_OTHERS, (key, list(plan.variant_ids)))
    return key
