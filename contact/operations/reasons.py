"""A company's reasons are put in by an operation, never by a migration."""

from contact.rules import REASONS
from core.actor import Actor
from core.db import operation, run

_SEED = """
INSERT INTO contact_casereason (company_id, code, name, desk, complaint, due_hours, position)
SELECT %s, code, name, desk, complaint, hours, place * 10
FROM unnest(%s::text[], %s::text[], %s::text[], %s::boolean[], %s::bigint[]) WITH ORDINALITY AS r (code, name, desk, complaint, hours, place)
ORDER BY place ON CONFLICT (company_id, code) DO NOTHING
"""


@operation
def seed_reasons(company_id: int, *, actor: Actor) -> int:
    """The company has the usual reasons; answers how many are new. What people changed or ended stays as it is."""
    codes, names, desks, complaints, hours = (list(column) for column in zip(*REASONS, strict=True))
    return run(_SEED, (company_id, codes, names, [str(desk) for desk in desks], complaints, hours))
