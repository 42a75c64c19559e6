"""What contact promises, as SQL over the whole database."""

from collections.abc import Sequence

from core.ports import Invariant
from core.words import gettext_noop as _

_MINE = "(%(company)s::bigint IS NULL OR c.company_id = %(company)s)"


def invariants() -> Sequence[Invariant]:
    """Every promise of contact, in the order it should be read."""
    return (
        Invariant(
            "contact.case_has_words",
            _("Every case begins with an interaction, and its last word is the latest of them."),
            f"""SELECT c.id, c.number, c.last_at, max(i.at) AS latest FROM contact_case c LEFT JOIN contact_interaction i ON i.case_id = c.id
            WHERE {_MINE} GROUP BY c.id HAVING max(i.at) IS DISTINCT FROM c.last_at""",
        ),
        Invariant(
            "contact.case_in_company",
            _("A case belongs to the company of its customer and of its reason."),
            f"""SELECT c.id, c.number FROM contact_case c JOIN contact_casereason r ON r.id = c.reason_id
            LEFT JOIN customers_customer k ON k.id = c.customer_id
            WHERE {_MINE} AND (r.company_id <> c.company_id OR k.company_id <> c.company_id)""",
        ),
        Invariant(
            "contact.solved_with_words",
            _("A solved case tells who solved it: one word of its story does."),
            f"""SELECT c.id, c.number FROM contact_case c WHERE {_MINE} AND c.state = 'solved'
            AND NOT EXISTS (SELECT 1 FROM contact_interaction i WHERE i.case_id = c.id AND i.deed = 'solution')""",
        ),
        Invariant(
            "contact.owner_is_staff",
            _("A case is looked after by staff."),
            f"""SELECT c.id, c.number, c.owner_id FROM contact_case c JOIN customers_account a ON a.id = c.owner_id
            WHERE {_MINE} AND a.kind <> 'staff'""",
        ),
        Invariant(
            "contact.erased_said_nothing",
            _("Nothing that an erased customer said, or that was said of them, is left in their cases."),
            f"""SELECT c.id, c.number FROM contact_case c JOIN customers_customer k ON k.id = c.customer_id
            WHERE {_MINE} AND k.status = 'erased' AND (c.theme || c.resolution || c.cause_detail || c.caller_name || c.caller_contact
                || c.handover_note <> '' OR EXISTS (SELECT 1 FROM contact_interaction i WHERE i.case_id = c.id AND i.body <> ''))""",
        ),
        Invariant(
            "contact.unsolved_is_owed",
            _("An unsolved case has no moment of solution, a solved one has."),
            f"SELECT c.id, c.number FROM contact_case c WHERE {_MINE} AND (c.state = 'solved') <> (c.solved_at IS NOT NULL)",
        ),
    )
