"""The customers file: one row per customer, known by its number in the former system."""

from collections.abc import Callable
from typing import Final

from config.imports.cells import (
    Fault,
    Reader,
    choice_reader,
    code_reader,
    date_reader,
    email_reader,
    escaped,
    folded,
    moment_reader,
    number_key,
    phone_reader,
    postal_reader,
    text_reader,
)
from config.imports.columns import Column, Derived, fixed
from config.imports.running import Job, Kind, Loaded
from core.db import rows, run
from core.queries import CompanyContext
from core.text import name_key, normalise_kana, normalise_name
from core.words import gettext_noop as _
from customers.rules import Person, full_name_key, reading_key

_YES_NO: Final = {
    "given": "given", "yes": "given", "ok": "given", "1": "given", "○": "given", "可": "given", "希望する": "given", "同意": "given", "あり": "given",
    "withdrawn": "withdrawn", "no": "withdrawn", "ng": "withdrawn", "0": "withdrawn", "×": "withdrawn", "不可": "withdrawn",
    "希望しない": "withdrawn", "拒否": "withdrawn", "なし": "withdrawn",
}  # fmt: skip
CHANNELS: Final = ("mail", "sms", "call", "paper")


def _name(limit: int) -> Callable[[CompanyContext], Reader]:
    plain = text_reader(limit)

    def read(cell: str) -> str | Fault:
        return plain(cell) if cell.isascii() else plain(normalise_name(cell))

    return fixed(read)


def _kana(cell: str) -> str | Fault:
    text = normalise_kana(cell)
    return Fault("import.too_long", _("At most %(limit)s characters fit here."), {"limit": 120}) if len(text) > 120 else escaped(text)


def _country(cell: str) -> str | Fault:
    text = folded(cell).upper()
    if text and not (len(text) == 2 and text.isascii() and text.isalpha()):
        return Fault("import.bad_country", _("A country is two letters, such as JP."))
    return text


COLUMNS: Final = (
    Column("outside_number", ("顧客番号", "customer number", "会員番号", "customer id", "customer"), fixed(code_reader(64)), needed=True),
    Column("family_name", ("姓", "family name", "last name", "苗字", "氏名", "name"), _name(120)),
    Column("given_name", ("名", "given name", "first name"), _name(120)),
    Column("family_kana", ("姓カナ", "family kana", "セイ", "氏名カナ", "カナ", "フリガナ"), fixed(_kana)),
    Column("given_kana", ("名カナ", "given kana", "メイ"), fixed(_kana)),
    Column("organisation_name", ("会社名", "organisation", "organization", "company", "法人名", "団体名"), _name(160)),
    Column("birth_on", ("生年月日", "date of birth", "birthday", "誕生日"), fixed(date_reader), "date"),
    Column("language", ("言語", "language"), fixed(choice_reader({"ja": "ja", "日本語": "ja", "en": "en", "英語": "en"}))),
    Column("phone", ("電話番号", "phone", "電話", "tel"), lambda c: phone_reader(c.country), "text NOT NULL, text NOT NULL"),
    Column(
        "phone2",
        ("電話番号2", "phone 2", "携帯電話", "携帯番号", "mobile"),
        lambda c: phone_reader(c.country),
        "text NOT NULL, text NOT NULL",
    ),
    Column("email", ("メールアドレス", "e-mail", "email", "メール", "mail"), fixed(email_reader), "text NOT NULL, text NOT NULL"),
    Column("email2", ("メールアドレス2", "e-mail 2", "email2"), fixed(email_reader), "text NOT NULL, text NOT NULL"),
    Column("country", ("国", "country"), fixed(_country)),
    Column("postal_code", ("郵便番号", "postal code", "zip", "zip code", "〒"), lambda c: postal_reader(c.country)),
    Column("prefecture", ("都道府県", "prefecture", "state"), _name(60)),
    Column("city", ("市区町村", "city"), _name(120)),
    Column("street", ("番地", "street", "住所", "address", "町域番地", "住所1"), _name(200)),
    Column("building", ("建物名", "building", "住所2", "建物"), _name(200)),
    Column("consent_mail", ("メール配信同意", "mail consent", "メルマガ", "メール配信"), fixed(choice_reader(_YES_NO))),
    Column("consent_sms", ("SMS配信同意", "sms consent"), fixed(choice_reader(_YES_NO))),
    Column("consent_call", ("電話案内同意", "call consent"), fixed(choice_reader(_YES_NO))),
    Column("consent_paper", ("DM同意", "paper consent", "郵送DM"), fixed(choice_reader(_YES_NO))),
    Column("consent_at", ("同意日時", "consent at", "同意日"), lambda c: moment_reader(c.timezone), "timestamptz"),
    Column("consent_source", ("同意取得元", "consent source"), fixed(text_reader(120))),
)


def _keys(family: str, given: str, family_kana: str, given_kana: str, organisation: str) -> str:
    """The keys a customer is compared by, as their owner makes them; Latin names the quick way."""
    if (family + given + family_kana + given_kana + organisation).isascii():
        name = _letters(family + given)
        company = _letters(organisation)
        spoken = _letters(family_kana + given_kana) or name
        return f"{(name or company).lower()}\t{spoken.upper()}\t{company.lower()}"
    person = Person(family_name=family, given_name=given, family_kana=family_kana, given_kana=given_kana)
    return f"{full_name_key(family, given, organisation)}\t{reading_key(person)}\t{name_key(organisation)}"


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


DERIVED: Final = (
    Derived(
        ("name_key", "kana_key", "organisation_key"), "text NOT NULL, text NOT NULL, text NOT NULL",
        ("family_name", "given_name", "family_kana", "given_kana", "organisation_name"), _keys,
    ),
    Derived(("number_key",), "text NOT NULL", ("city", "street", "building"), number_key),
)  # fmt: skip

FAULTS: Final = {
    "duplicate": (
        "outside_number",
        Fault("import.duplicate_in_file", _("This number stands twice in the file; only its first row counts.")),
    ),
    "name": ("family_name", Fault("import.no_name", _("A customer needs a name or an organisation."))),
    "keys": ("family_name", Fault("import.name_too_long", _("The name is too long to be compared."))),
    "consent": ("consent_at", Fault("import.consent_without_time", _("A consent needs the time and the source it was given at."))),
    "erased": ("outside_number", Fault("import.customer_erased", _("This customer's data was erased on request and is not brought back."))),
}

_SEEN = "CREATE TEMP TABLE import_customer_seen (key text PRIMARY KEY)"

# Each row once, with the customer it belongs to; rows that can't be taken say why.
_RESOLVE = """
INSERT INTO import_customer_row
SELECT s.row_no, CASE
        WHEN s.rank > 1 OR s.seen THEN 'duplicate'
        WHEN NOT s.known AND s.name_key = '' AND s.organisation_key = '' THEN 'name'
        WHEN length(s.name_key) > 320 OR length(s.kana_key) > 320 OR length(s.organisation_key) > 200 THEN 'keys'
        WHEN (s.consent_mail || s.consent_sms || s.consent_call || s.consent_paper) <> ''
            AND (s.consent_at IS NULL OR s.consent_source = '') THEN 'consent'
        WHEN s.status = 'erased' THEN 'erased' END,
    coalesce(s.customer_id, CASE WHEN s.rank = 1 AND NOT s.seen THEN nextval('customers_customer_id_seq') END), s.known
FROM (
    SELECT i.*, c.id AS customer_id, c.id IS NOT NULL AS known, c.status,
        row_number() OVER (PARTITION BY lower(i.outside_number) ORDER BY i.row_no) AS rank, n.key IS NOT NULL AS seen
    FROM import_customers i
    LEFT JOIN import_customer_seen n ON n.key = lower(i.outside_number)
    LEFT JOIN customers_customer c ON c.company_id = %(company)s AND c.outside_number = i.outside_number AND c.outside_number <> ''
) s
"""
_NOTE = "INSERT INTO import_customer_seen SELECT DISTINCT lower(outside_number) FROM import_customers ON CONFLICT DO NOTHING"

_PERSON = ("family_name", "given_name", "family_kana", "given_kana", "organisation_name", "name_key", "kana_key", "organisation_key")
_PLACE = ("postal_code", "prefecture", "city", "street", "building", "number_key")

_CREATE = f"""
INSERT INTO customers_customer (id, company_id, kind, outside_number, birth_on, language, {", ".join(_PERSON)})
SELECT r.customer_id, %(company)s, CASE WHEN i.family_name || i.given_name = '' THEN 'organisation' ELSE 'person' END,
    i.outside_number, i.birth_on, coalesce(nullif(i.language, ''), %(language)s), {", ".join(f"i.{name}" for name in _PERSON)}
FROM import_customers i JOIN import_customer_row r USING (row_no) WHERE r.fault IS NULL AND NOT r.known ORDER BY i.row_no
"""

_TYPED: Final = ("family_name", "given_name", "family_kana", "given_kana", "organisation_name")

# A blank cell, or a column the file lacks, leaves what is known. Keys follow in a second step, worked out of what now stands.
_NEW_VALUES: Final = ", ".join(f"coalesce(nullif(i.{name}, ''), c.{name})" for name in _TYPED)
_UPDATE = f"""
UPDATE customers_customer c SET birth_on = coalesce(i.birth_on, c.birth_on), language = coalesce(nullif(i.language, ''), c.language),
    ({", ".join(_TYPED)}) = ROW({_NEW_VALUES}), version = c.version + 1
FROM import_customers i JOIN import_customer_row r USING (row_no)
WHERE c.id = r.customer_id AND r.fault IS NULL AND r.known AND (c.birth_on, c.language, {", ".join(f"c.{name}" for name in _TYPED)})
    IS DISTINCT FROM (coalesce(i.birth_on, c.birth_on), coalesce(nullif(i.language, ''), c.language), {_NEW_VALUES})
RETURNING c.id, {", ".join(f"c.{name}" for name in _TYPED)}
"""
_REKEY = """
UPDATE customers_customer c SET name_key = k.name_key, kana_key = k.kana_key, organisation_key = k.organisation_key
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS k (id, name_key, kana_key, organisation_key)
WHERE c.id = k.id AND (c.name_key, c.kana_key, c.organisation_key) IS DISTINCT FROM (k.name_key, k.kana_key, k.organisation_key)
"""

_REACH = """
INSERT INTO customers_contactpoint (customer_id, kind, value, value_key, is_primary)
SELECT p.customer_id, p.kind, p.value, p.value_key, p.place = 1 AND NOT EXISTS (
        SELECT 1 FROM customers_contactpoint o WHERE o.customer_id = p.customer_id AND o.kind = p.kind AND o.ended_at IS NULL AND o.is_primary)
FROM (
    SELECT DISTINCT ON (r.customer_id, v.kind, v.value_key) r.customer_id, v.kind, v.value, v.value_key, v.place
    FROM import_customers i JOIN import_customer_row r USING (row_no), LATERAL (VALUES
        ('phone', i.phone, i.phone_key, 1), ('phone', i.phone2, i.phone2_key, CASE WHEN i.phone_key = '' THEN 1 ELSE 2 END),
        ('email', i.email, i.email_key, 1), ('email', i.email2, i.email2_key, CASE WHEN i.email_key = '' THEN 1 ELSE 2 END)
    ) v (kind, value, value_key, place)
    WHERE r.fault IS NULL AND v.value_key <> ''
    ORDER BY r.customer_id, v.kind, v.value_key, v.place
) p
ORDER BY p.customer_id, p.kind, p.place
ON CONFLICT (customer_id, kind, value_key) WHERE ended_at IS NULL DO NOTHING
RETURNING customer_id AS id
"""

_LIVE = f"""
INSERT INTO customers_address (customer_id, family_name, given_name, family_kana, given_kana, organisation_name, country, phone, {", ".join(_PLACE)}, is_default)
SELECT r.customer_id, i.family_name, i.given_name, i.family_kana, i.given_kana, i.organisation_name,
    coalesce(nullif(upper(i.country), ''), %(country)s), i.phone, {", ".join(f"i.{name}" for name in _PLACE)}, true
FROM import_customers i JOIN import_customer_row r USING (row_no)
WHERE r.fault IS NULL AND i.postal_code || i.prefecture || i.city || i.street <> ''
ORDER BY i.row_no
ON CONFLICT (customer_id) WHERE is_default AND ended_at IS NULL DO UPDATE SET version = customers_address.version + 1,
    {", ".join(f"{name} = EXCLUDED.{name}" for name in _PLACE)}
    WHERE ({", ".join(f"customers_address.{name}" for name in _PLACE)}) IS DISTINCT FROM ({", ".join(f"EXCLUDED.{name}" for name in _PLACE)})
RETURNING customer_id AS id
"""

_AGREE = """
INSERT INTO customers_consent (customer_id, channel, purpose, status, source, wording, at, actor_kind, actor_id, actor_label, on_behalf_of)
SELECT r.customer_id, v.channel, 'advertising', v.status, i.consent_source, 'import', i.consent_at,
    %(actor_kind)s, %(actor_id)s, %(actor_label)s, %(on_behalf_of)s
FROM import_customers i JOIN import_customer_row r USING (row_no), LATERAL (VALUES
    ('mail', i.consent_mail), ('sms', i.consent_sms), ('call', i.consent_call), ('paper', i.consent_paper)) v (channel, status)
WHERE r.fault IS NULL AND v.status <> '' AND (NOT r.known OR NOT EXISTS (
    SELECT 1 FROM customers_consent o WHERE o.customer_id = r.customer_id AND o.brand_id IS NULL AND o.channel = v.channel
        AND o.purpose = 'advertising' AND o.at >= i.consent_at AND (o.at > i.consent_at OR o.status = v.status)))
ORDER BY i.row_no
RETURNING customer_id AS id
"""


def _prepare(_job: Job) -> None:
    run("DROP TABLE IF EXISTS import_customer_seen, import_customer_row", prepare=False)
    run(_SEEN, prepare=False)
    run(
        "CREATE TEMP TABLE import_customer_row (row_no bigint, fault text, customer_id bigint, known boolean) ON COMMIT DELETE ROWS",
        prepare=False,
    )


def _load(job: Job) -> Loaded:
    company, actor = job.company, job.actor
    run("TRUNCATE import_customer_row", prepare=False)
    values = {"company": company.id, "language": company.language, "country": company.country}
    run(_RESOLVE, values, prepare=False)
    run("ANALYZE import_customer_row", prepare=False)
    who = {"actor_kind": str(actor.kind), "actor_id": actor.id, "actor_label": actor.label, "on_behalf_of": actor.on_behalf_of}
    created = run(_CREATE, values, prepare=False)
    known = {row.id for row in rows("SELECT customer_id AS id FROM import_customer_row WHERE known AND fault IS NULL", prepare=False)}
    touched = _update()
    for sql, given in ((_REACH, {}), (_LIVE, values), (_AGREE, who)):
        touched |= {row.id for row in rows(sql, given, prepare=False)} & known
    faults = [
        (row.row_no, *FAULTS[row.fault])
        for row in rows("SELECT row_no, fault FROM import_customer_row WHERE fault IS NOT NULL ORDER BY row_no", prepare=False)
    ]
    return Loaded(created=created, updated=len(touched), unchanged=len(known) - len(touched), faults=faults)


def _update() -> set[int]:
    """Known customers whose row says something new are changed, with the keys of their names."""
    changed = rows(_UPDATE, prepare=False)
    if changed:
        keys = [_keys(*(getattr(row, name) for name in _TYPED)).split("\t") for row in changed]
        run(_REKEY, ([row.id for row in changed], *(list(column) for column in zip(*keys, strict=True))))
    return {row.id for row in changed}


CUSTOMERS: Final = Kind(
    name="customers",
    table="import_customers",
    columns=lambda _header: list(COLUMNS),
    derived=DERIVED,
    prepare=_prepare,
    load=_load,
    note=_NOTE,
)
