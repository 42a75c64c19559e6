"""What the machinery tells the first page of the back office: only what wants a person."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from core.db import rows
from core.ports import DashboardCard

_TROUBLE = """
SELECT (SELECT count(*) FROM core_outboxdelivery WHERE state = 'parked') AS parked,
    (SELECT count(*) FROM core_outgoingmail WHERE state = 'failed') AS failed,
    EXISTS (SELECT FROM core_outboxevent WHERE routed_at IS NULL AND lane = '' AND recorded_at < clock_timestamp() - interval '1 minute') AS left_lying
"""


def dashboard_cards(*, may: Callable[[str], bool], at: datetime) -> Sequence[DashboardCard]:
    """Parked events, mails that could not be sent, and events nobody fetches; none of them while all is well."""
    sees_events, sees_mails = may("core.view_outboxdelivery"), may("core.view_outgoingmail")
    if not (sees_events or sees_mails):
        return []
    trouble = rows(_TROUBLE)[0]
    cards = []
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
