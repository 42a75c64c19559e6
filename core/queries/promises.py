"""What core promises, provable over the whole database."""

from core.ports import Invariant
from core.words import gettext_noop

_STUCK = """
SELECT d.id, d.handler, d.stream, d.reason FROM core_outboxdelivery d WHERE d.state = 'parked'
UNION ALL
SELECT e.id, 'not handed out', e.stream, e.name FROM core_outboxevent e
WHERE e.routed_at IS NULL AND e.recorded_at < clock_timestamp() - interval '1 hour'
UNION ALL
SELECT w.id, w.handler, w.stream, 'waits for nothing' FROM core_outboxdelivery w JOIN core_outboxevent e ON e.id = w.event_id
WHERE w.state = 'waiting' AND e.routed_at < clock_timestamp() - interval '1 hour' AND NOT EXISTS (
    SELECT 1 FROM core_outboxdelivery b WHERE b.handler = w.handler AND b.stream = w.stream AND b.state IN ('pending', 'parked'))
"""

_LOST = """
SELECT e.id, e.name, e.stream FROM core_outboxevent e
WHERE e.routed_at IS NOT NULL
  AND EXISTS (SELECT 1 FROM core_outboxdelivery d WHERE d.event_id > e.id AND d.stream = e.stream AND d.state = 'done'
              AND EXISTS (SELECT 1 FROM core_outboxdelivery own
                          WHERE own.event_id = e.id AND own.handler = d.handler AND own.state IN ('waiting', 'pending', 'parked')))
"""

_GUARDS_OFF = """
SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE t.tgname IN ('append_only_row', 'append_only_table', 'audit_update', 'audit_delete', 'audit_insert') AND t.tgenabled = 'D'
UNION ALL
SELECT c.relname, 'append_only_table is missing' FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE t.tgname = 'append_only_row'
  AND NOT EXISTS (SELECT 1 FROM pg_trigger other WHERE other.tgrelid = c.oid AND other.tgname = 'append_only_table')
"""

_RATES = """
SELECT a.id, b.id AS overlapping, a.country, a.tax_class_id, a.valid_from_on FROM core_taxrate a
JOIN core_taxrate b ON b.country = a.country AND b.tax_class_id = a.tax_class_id AND b.id > a.id
 AND daterange(a.valid_from_on, a.valid_until_on) && daterange(b.valid_from_on, b.valid_until_on)
"""

_TRAIL = """
SELECT p.id, e.table_name FROM core_auditpersonal p JOIN core_auditentry e ON e.id = p.entry_id
WHERE NOT EXISTS (SELECT 1 FROM jsonb_object_keys(p.changes) k WHERE k = ANY (e.personal_fields)) AND p.changes <> '{}'
"""


def invariants() -> tuple[Invariant, ...]:
    """Core's promises, in the order they should be read."""
    return (
        Invariant("core.events_arrive", gettext_noop("Every committed event reaches its handlers; none is parked or forgotten."), _STUCK),
        Invariant("core.events_in_order", gettext_noop("No handler has had a later event of a stream before an earlier one."), _LOST),
        Invariant(
            "core.guards_stand", gettext_noop("Ledgers only grow and masters leave a trail: their guards are switched on."), _GUARDS_OFF
        ),
        Invariant("core.one_tax_rate", gettext_noop("On any day each tax class has at most one rate in a country."), _RATES),
        Invariant("core.trail_without_people", gettext_noop("Personal values stand beside the trail of changes, never in it."), _TRAIL),
    )
