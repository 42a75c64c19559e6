"""What the machinery tells the first page of the back office: only what wants a person."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.db import rows
from core.ports import DashboardCard

_TROUBLE = """
SELECT (SELECT count(*) FROM core_outboxdelivery WHERE state = 'parked') AS parked,
    (SELECT count(*) FROM core_outgoingmail WHERE state = 'failed') AS failed,
    EXISTS (SELECT FROM core_outboxevent WHERE routed_at IS NULL AND lane = '' AND recorded_at < clock_timestamp() - interval '1 minute') AS left_lying
"""

_ILL = """
SELECT count(*) FILTER (WHERE e.state = 'disabled') AS disabled,
    count(*) FILTER (WHERE e.state = 'active' AND h.failing_since_at < clock_timestamp() - interval '1 hour') AS failing
FROM core_webhookendpoint e JOIN core_webhookhealth h ON h.endpoint_id = e.id
WHERE e.ended_at IS NULL AND (e.state = 'disabled' OR h.failing_since_at IS NOT NULL)
"""


def _partners() -> list[DashboardCard]:
    """Endpoints that were disabled, by the house or by somebody, or that have failed for an hour and more."""
    ill = rows(_ILL)[0]
    link, cards = reverse("admin:core_webhookendpoint_changelist"), []
    if ill.disabled:
        note = _("Partners there are told nothing. Resume them when they answer again.")
        cards.append(DashboardCard(_("Webhooks disabled"), f"{ill.disabled:,}", note, f"{link}?state__exact=disabled", "webhook", "bad", 8))
    if ill.failing:
        note = _("Failing for more than an hour; tried again and again, for five days.")
        cards.append(DashboardCard(_("Webhooks failing"), f"{ill.failing:,}", note, link, "webhook", "warn", 8))
    return cards


# Whoever sees a company sees that its past is still on its way: its figures grow until then.
_FILLING = """
SELECT c.name, h.lived_on, h.since_on, h.until_on, h.told_at > clock_timestamp() - interval '5 minutes' AS alive
FROM core_historyrun h JOIN core_company c ON c.id = h.company_id WHERE c.history_until_at IS NOT NULL AND h.ended_at IS NULL ORDER BY c.id
"""


def _histories() -> list[DashboardCard]:
    cards = []
    for run in rows(_FILLING):
        days = (run.until_on - run.since_on).days + 1
        lived = (run.lived_on - run.since_on).days + 1 if run.lived_on else 0
        said = (
            _("%(company)s: lived until %(day)s. Orders are taken meanwhile.")
            if run.alive
            else _("%(company)s: stopped at %(day)s; the next start goes on.")
        )
        note = said % {"company": run.name, "day": date_format(run.lived_on or run.since_on, "SHORT_DATE_FORMAT")}
        cards.append(
            DashboardCard(
                _("History is being filled in"),
                f"{lived / days:.0%}",
                note,
                reverse("admin:core_company_changelist"),
                "history",
                "" if run.alive else "warn",
                1,
            )
        )
    return cards


def dashboard_cards(*, may: Callable[[str], bool], at: datetime) -> Sequence[DashboardCard]:
    """A past on its way, parked events, mails that could not be sent, events nobody fetches; none of them while all is well."""
    cards = _histories() if may("core.view_company") else []
    cards += _partners() if may("core.view_webhookendpoint") else []
    sees_events, sees_mails = may("core.view_outboxdelivery"), may("core.view_outgoingmail")
    if not (sees_events or sees_mails):
        return cards
    trouble = rows(_TROUBLE)[0]
    if sees_events and trouble.left_lying:
        note = _("Events wait for longer than a minute. Is a relay running?")
        cards.append(DashboardCard(_("Relay"), "—", note, reverse("admin:core_relay_changelist"), "cable", "bad", 5))
    if sees_events and trouble.parked:
        link = f"{reverse('admin:core_outboxdelivery_changelist')}?state__exact=parked"
        cards.append(DashboardCard(_("Parked events"), f"{trouble.parked:,}", _("Try again or give up"), link, "pending_actions", "bad", 6))
    if sees_mails and trouble.failed:
        link = f"{reverse('admin:core_outgoingmail_changelist')}?state__exact=failed"
        cards.append(DashboardCard(_("Mails not sent"), f"{trouble.failed:,}", _("The address may be wrong"), link, "mail", "warn", 7))
    return cards
