"""What core promises, provable over the whole database."""

from core.hooks import WEBHOOKS
from core.ports import Invariant
from core.queries.webhooks import MESSAGE_PREFIX, applications_table
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

# Of events that tell their company, and were handed over since the endpoint asked for them. An application that was edited since
# (scopes given back, for example) is passed by.
_PARTNERS_TOLD = """
SELECT e.id, e.public_id, v.id AS event, t.type, v.recorded_at
FROM core_outboxdelivery d JOIN core_outboxevent v ON v.id = d.event_id
JOIN (VALUES {types}) AS t (type, name, scope) ON d.handler = 'core.webhooks.' || t.name
JOIN core_webhookendpoint e ON e.company_id = (v.payload ->> 'company_id')::bigint AND t.type = ANY (e.types)
    AND e.ended_at IS NULL AND e.state <> 'disabled' AND e.listens_from_at < v.recorded_at AND e.listens_from_at < d.done_at
LEFT JOIN {applications} a ON a.client_id = e.client_id AND a.company_id = e.company_id
WHERE d.state = 'done' AND v.payload ? 'company_id' AND (%(company)s::bigint IS NULL OR e.company_id = %(company)s)
    AND (e.client_id = '' OR (a.updated < v.recorded_at AND t.scope = ANY (string_to_array(a.allowed_scopes, ' '))))
    AND NOT EXISTS (SELECT FROM core_webhookmessage m WHERE m.endpoint_id = e.id AND m.event_id = v.id)
"""
_ONE_ID = """
SELECT m.id, m.public_id, m.type FROM core_webhookmessage m JOIN core_webhookendpoint e ON e.id = m.endpoint_id
WHERE (m.body::jsonb ->> 'id' IS DISTINCT FROM '{prefix}_' || replace(m.public_id::text, '-', '') OR m.body::jsonb ->> 'type' <> m.type)
    AND (%(company)s::bigint IS NULL OR e.company_id = %(company)s)
UNION ALL
SELECT min(m.id), NULL, 'event ' || m.event_id || ' twice' FROM core_webhookmessage m JOIN core_webhookendpoint e ON e.id = m.endpoint_id
WHERE m.event_id IS NOT NULL AND (%(company)s::bigint IS NULL OR e.company_id = %(company)s)
GROUP BY m.endpoint_id, m.event_id HAVING count(*) > 1
"""
_CLOSED_SECRETS = """
SELECT e.id, e.public_id, CASE WHEN h.endpoint_id IS NULL THEN 'no health' ELSE 'secret not sealed' END
FROM core_webhookendpoint e LEFT JOIN core_webhookhealth h ON h.endpoint_id = e.id
WHERE (h.endpoint_id IS NULL OR (e.ended_at IS NULL AND e.secret NOT LIKE 'gAAAA%%')
    OR (e.former_secret <> '' AND e.former_secret NOT LIKE 'gAAAA%%'))
    AND (%(company)s::bigint IS NULL OR e.company_id = %(company)s)
"""


def _published() -> str:
    """The catalogue as rows of SQL: published name, event, scope; names of ours only."""
    kinds = [kind for source in WEBHOOKS.all() for kind in source.webhook_types()]
    return ", ".join(f"('{kind.name}', '{kind.event.name}', '{kind.scope}')" for kind in kinds) or "('', '', '')"


def _of_webhooks() -> tuple[Invariant, ...]:
    told = _PARTNERS_TOLD.format(types=_published(), applications=applications_table())
    return (
        Invariant(
            "core.partners_told", gettext_noop("Every event that was handed over has its message for each endpoint that wants it."), told
        ),
        Invariant(
            "core.one_message_id", gettext_noop("An endpoint knows each event by one id only."), _ONE_ID.format(prefix=MESSAGE_PREFIX)
        ),
        Invariant("core.webhook_secrets_closed", gettext_noop("Secrets of webhooks are stored closed."), _CLOSED_SECRETS),
    )


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
        *_of_webhooks(),
    )
