"""The promises about customers that SQL can prove over the whole database."""

from core.ports import Invariant
from core.words import gettext_noop as _

_OF_COMPANY = "(%(company)s::bigint IS NULL OR c.company_id = %(company)s)"


def _about_customer(table: str, condition: str, columns: str) -> str:
    return f"SELECT t.id, {columns} FROM {table} t JOIN customers_customer c ON c.id = t.customer_id WHERE {_OF_COMPANY} AND ({condition})"


def invariants() -> tuple[Invariant, ...]:
    """Every promise of the customers app, in the order it should be read."""
    return (*_LEDGER, *_IDENTITY, *_MERGING, *_POINTS, *_CONSENT, *_ERASURE)


_LEDGER = (
    Invariant(
        "customers.number_once",
        _("No two customers of a company share a number."),
        f"SELECT c.company_id, c.number, count(*) FROM customers_customer c WHERE {_OF_COMPANY} GROUP BY 1, 2 HAVING count(*) > 1 OR c.number = ''",
    ),
    Invariant(
        "customers.one_default_address",
        _("A customer has at most one default address, and never one that has ended."),
        f"""SELECT t.customer_id, count(*) FROM customers_address t JOIN customers_customer c ON c.id = t.customer_id
            WHERE {_OF_COMPANY} AND t.is_default GROUP BY 1 HAVING count(*) > 1 OR bool_or(t.ended_at IS NOT NULL)""",
    ),
    Invariant(
        "customers.contact_points_have_keys",
        _("Every contact point in use can be compared and reached."),
        _about_customer("customers_contactpoint", "t.ended_at IS NULL AND (t.value_key = '' OR t.value = '')", "t.customer_id, t.kind"),
    ),
    Invariant(
        "customers.brand_of_company",
        _("Rank, consent and points carry a brand of the customer's own company, or none."),
        f"""SELECT t.kind, t.id, t.customer_id, t.brand_id
            FROM (SELECT 'rank' AS kind, id, customer_id, brand_id FROM customers_rankassignment
                  UNION ALL SELECT 'consent', id, customer_id, brand_id FROM customers_consent
                  UNION ALL SELECT 'points', id, customer_id, brand_id FROM customers_pointlot) t
            JOIN customers_customer c ON c.id = t.customer_id JOIN core_brand b ON b.id = t.brand_id
            WHERE {_OF_COMPANY} AND b.company_id <> c.company_id""",
    ),
    Invariant(
        "customers.one_open_rank",
        _("A customer holds at most one rank with a brand at a time, of its own company, and it ends after it began."),
        f"""SELECT t.customer_id, t.brand_id, count(*) FROM customers_rankassignment t
            JOIN customers_customer c ON c.id = t.customer_id JOIN customers_customerrank r ON r.id = t.rank_id
            WHERE {_OF_COMPANY} GROUP BY 1, 2
            HAVING count(*) FILTER (WHERE t.until_at IS NULL) > 1 OR bool_or(t.until_at < t.from_at)
                OR bool_or(r.company_id <> c.company_id) OR bool_or(r.brand_id IS DISTINCT FROM t.brand_id)""",
    ),
)

_IDENTITY = (
    Invariant(
        "customers.identity_account_xor_customer",
        _("An ID proves one account or is one customer's outside number, never both and never neither."),
        """SELECT i.id, i.account_id, i.customer_id FROM customers_identity i LEFT JOIN customers_customer c ON c.id = i.customer_id
           WHERE (i.account_id IS NULL) = (i.customer_id IS NULL) AND (%(company)s::bigint IS NULL OR c.company_id = %(company)s)""",
    ),
    Invariant(
        "customers.identity_once",
        _("No outside number in use is two customers', and no proof in use is two accounts'."),
        """SELECT i.company_id, i.provider, i.subject, count(*) FROM customers_identity i
           WHERE i.ended_at IS NULL AND (%(company)s::bigint IS NULL OR i.company_id = %(company)s)
           GROUP BY 1, 2, 3 HAVING count(*) > 1""",
    ),
    Invariant(
        "customers.closed_account_opens_nothing",
        _("Nothing signs in to a closed account, and it may act for nobody."),
        """SELECT a.id FROM customers_account a WHERE a.handle LIKE 'closed:%%' AND %(company)s::bigint IS NULL AND (a.is_active OR a.email <> ''
               OR EXISTS (SELECT 1 FROM customers_identity i WHERE i.account_id = a.id AND i.ended_at IS NULL)
               OR EXISTS (SELECT 1 FROM customers_customeraccount l WHERE l.account_id = a.id AND l.ended_at IS NULL)
               OR EXISTS (SELECT 1 FROM mfa_authenticator m WHERE m.user_id = a.id)
               OR EXISTS (SELECT 1 FROM socialaccount_socialaccount s WHERE s.user_id = a.id))""",
    ),
    Invariant(
        "customers.outside_number_of_company",
        _("An outside number belongs to the company of its customer."),
        _about_customer("customers_identity", "t.company_id IS DISTINCT FROM c.company_id", "t.customer_id, t.company_id"),
    ),
    Invariant(
        "customers.link_has_evidence",
        _("Only a person's account may act for a customer, with evidence, and once at a time."),
        f"""SELECT t.customer_id, t.account_id, count(*) FROM customers_customeraccount t
            JOIN customers_customer c ON c.id = t.customer_id JOIN customers_account a ON a.id = t.account_id
            WHERE {_OF_COMPANY} AND t.ended_at IS NULL GROUP BY 1, 2
            HAVING count(*) > 1 OR bool_or(a.kind <> 'person') OR bool_or(t.evidence = '')""",
    ),
    Invariant(
        "customers.staff_are_staff",
        _("Only staff accounts may use the back office."),
        """SELECT a.id, a.kind FROM customers_account a
           WHERE a.is_staff AND a.kind <> 'staff' AND (%(company)s::bigint IS NULL OR a.company_id = %(company)s)""",
    ),
)

_MERGING = (
    Invariant(
        "customers.merge_depth_one",
        _("A principal is merged into nobody: the merge graph has depth one and no circle, within one company."),
        f"""SELECT c.id, c.principal_id, p.principal_id AS principal_of_principal FROM customers_customer c
            JOIN customers_customer p ON p.id = c.principal_id
            WHERE {_OF_COMPANY} AND (p.principal_id IS NOT NULL OR p.id = c.id OR p.company_id <> c.company_id)""",
    ),
    Invariant(
        "customers.merge_is_recorded",
        _("Every merged customer has exactly one open merge that names its principal, and every open merge is in force."),
        f"""SELECT c.id, c.principal_id, m.id AS merge_id, m.principal_id AS merge_principal_id FROM customers_customer c
            FULL JOIN customers_merge m ON m.merged_id = c.id AND m.undone_at IS NULL
            WHERE {_OF_COMPANY} AND (c.principal_id IS NOT NULL OR m.id IS NOT NULL) AND c.principal_id IS DISTINCT FROM m.principal_id""",
    ),
    Invariant(
        "customers.candidates_of_one_company",
        _("Only customers of one company are put forward as one person."),
        """SELECT d.id, d.customer_id, d.other_id FROM customers_duplicatecandidate d
           JOIN customers_customer c ON c.id = d.customer_id JOIN customers_customer o ON o.id = d.other_id
           WHERE (%(company)s::bigint IS NULL OR d.company_id = %(company)s)
             AND (c.company_id <> d.company_id OR o.company_id <> d.company_id)""",
    ),
)

_POINTS = (
    Invariant(
        "customers.lot_is_sum_of_entries",
        _("What is left of a lot of points is the sum of its entries, and what was granted is their first."),
        f"""SELECT l.id, l.remaining, coalesce(sum(e.points), 0) AS entries FROM customers_pointlot l
            JOIN customers_customer c ON c.id = l.customer_id LEFT JOIN customers_pointentry e ON e.lot_id = l.id
            WHERE {_OF_COMPANY} GROUP BY l.id
            HAVING l.remaining <> coalesce(sum(e.points), 0) OR l.granted <> coalesce(sum(e.points) FILTER (WHERE e.kind = 'granted'), 0)""",
    ),
    Invariant(
        "customers.points_not_negative",
        _("No lot is below zero or above what was granted."),
        f"""SELECT l.id, l.remaining, l.granted FROM customers_pointlot l JOIN customers_customer c ON c.id = l.customer_id
            WHERE {_OF_COMPANY} AND (l.remaining < 0 OR l.remaining > l.granted)""",
    ),
    Invariant(
        "customers.point_entries_of_lot_owner",
        _("A point entry is about the customer whose lot it changes, and its sign fits its kind."),
        f"""SELECT t.id, t.customer_id, l.customer_id AS owner_id, t.kind, t.points FROM customers_pointentry t
            JOIN customers_pointlot l ON l.id = t.lot_id JOIN customers_customer c ON c.id = t.customer_id
            WHERE {_OF_COMPANY} AND (t.customer_id <> l.customer_id
                OR (t.kind IN ('granted', 'returned') AND t.points <= 0) OR (t.kind IN ('spent', 'expired') AND t.points >= 0))""",
    ),
)

_CONSENT = (
    Invariant(
        "customers.consent_is_proven",
        _("Every consent says where it was given, to which wording and by whom."),
        _about_customer("customers_consent", "t.source = '' OR t.wording = '' OR t.actor_kind = '' OR t.actor_id = ''", "t.customer_id"),
    ),
    Invariant(
        "customers.ledgers_only_grow",
        _("Consents and point entries are guarded against change and deletion."),
        """SELECT t.name, count(g.oid) AS guards FROM unnest(ARRAY['customers_consent', 'customers_pointentry']) AS t (name)
           LEFT JOIN pg_trigger g ON g.tgrelid = t.name::regclass AND g.tgname IN ('append_only_row', 'append_only_table') AND g.tgenabled <> 'D'
           WHERE %(company)s::bigint IS NULL OR true GROUP BY 1 HAVING count(g.oid) <> 2""",
    ),
)

_ERASURE = (
    Invariant(
        "customers.erased_means_erased",
        _("Nothing personal is left of an erased customer."),
        f"""SELECT c.id, c.number FROM customers_customer c WHERE {_OF_COMPANY} AND c.status = 'erased' AND (
                c.family_name || c.given_name || c.family_kana || c.given_kana || c.organisation_name || c.name_key || c.kana_key
                || c.organisation_key || c.outside_number <> '' OR c.birth_on IS NOT NULL
                OR EXISTS (SELECT FROM customers_contactpoint p WHERE p.customer_id = c.id AND p.value || p.value_key <> '')
                OR EXISTS (SELECT FROM customers_address a WHERE a.customer_id = c.id
                           AND a.family_name || a.given_name || a.street || a.city || a.phone || a.postal_code <> '')
                OR EXISTS (SELECT FROM customers_note n WHERE n.customer_id = c.id AND n.body <> '')
                OR EXISTS (SELECT FROM customers_attributevalue v WHERE v.customer_id = c.id)
                OR EXISTS (SELECT FROM customers_customeraccount l WHERE l.customer_id = c.id AND l.ended_at IS NULL))""",
    ),
)
