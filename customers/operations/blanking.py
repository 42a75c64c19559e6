"""The customers app's own part of an erasure: what it blanks and what it keeps."""

from collections.abc import Sequence
from datetime import datetime

from core.actor import Actor
from core.db import operation, rows, run
from core.operations.erasing import erase_personal_history
from core.words import gettext_noop as _
from customers.ports import Kept

_PERSONAL = {
    "customers_contactpoint": "value = '', value_key = '', ended_at = coalesce(ended_at, %(at)s)",
    "customers_address": """label = '', family_name = '', given_name = '', family_kana = '', given_kana = '', organisation_name = '',
        postal_code = '', prefecture = '', city = '', street = '', building = '', phone = '', number_key = '',
        is_default = false, ended_at = coalesce(ended_at, %(at)s)""",
    "customers_identity": "subject = 'erased:' || id, ended_at = coalesce(ended_at, %(at)s)",
    "customers_customeraccount": "evidence_note = '', ended_at = coalesce(ended_at, %(at)s)",
    "customers_contactpreference": "hours = ''",
    "customers_note": "body = '', author_label = '', ended_at = coalesce(ended_at, %(at)s)",
    "customers_householdmember": "role = '', ended_at = coalesce(ended_at, %(at)s)",
}


@operation
def blank_customers(customer_ids: Sequence[int], *, actor: Actor, at: datetime) -> list[Kept]:
    """No name, contact, address, note or attribute of these customers is left, nor in the change history; answers what stays.

    Consents and points stay: they hold ids, codes and amounts. A constant number of statements. Again changes nothing.
    """
    ids = list(customer_ids)
    blanked = {}
    for table, columns in _PERSONAL.items():
        params = {"ids": ids, "at": at} if "%(at)s" in columns else {"ids": ids}
        found = rows(f"UPDATE {table} SET {columns} WHERE customer_id = ANY(%(ids)s::bigint[]) RETURNING id", params)
        blanked[table] = [row.id for row in found]
    values = rows("DELETE FROM customers_attributevalue WHERE customer_id = ANY(%s::bigint[]) RETURNING id", (ids,))
    run(
        "UPDATE customers_customer SET status = 'erased', family_name = '', given_name = '', family_kana = '', given_kana = '',"
        " organisation_name = '', name_key = '', kana_key = '', organisation_key = '', birth_on = NULL, outside_number = '',"
        " attention = false, version = version + 1 WHERE id = ANY(%s::bigint[]) AND status <> 'erased'",
        (ids,),
    )
    history = {**blanked, "customers_attributevalue": [row.id for row in values], "customers_customer": ids}
    erase_personal_history(history, actor=actor)
    reason = _("Proof of what was agreed, without personal values")
    return [Kept(customer_id=number, table="customers_consent", reason=reason) for number in ids]
