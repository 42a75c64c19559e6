"""The campaigns file: one row per campaign and targeted customer, or per campaign alone."""

from typing import Final

from config.imports.cells import Fault, choice_reader, code_reader, date_reader, text_reader
from config.imports.columns import Column, fixed
from config.imports.running import Job, Kind, Loaded
from core.db import rows, run
from core.words import gettext_noop as _

_AIM: Final = {
    "meet": "meet", "新規": "meet", "新規獲得": "meet", "出会い": "meet", "keep": "keep", "継続": "keep", "よりそい": "keep",
    "win_back": "win_back", "休眠": "win_back", "再評価": "win_back", "other": "other", "その他": "other",
}  # fmt: skip
COLUMNS: Final = (
    Column("code", ("企画コード", "campaign code", "campaign", "キャンペーンコード"), fixed(code_reader(80)), needed=True),
    Column("name", ("企画名", "campaign name", "name", "キャンペーン名"), fixed(text_reader(200))),
    Column("aim", ("目的", "aim"), fixed(choice_reader(_AIM))),
    Column("kind", ("種別", "type", "kind"), fixed(text_reader(60))),
    Column("starts_on", ("開始日", "starts on", "start date"), fixed(date_reader), "date"),
    Column("ends_on", ("終了日", "ends on", "end date"), fixed(date_reader), "date"),
    Column("customer", ("顧客番号", "customer number", "会員番号", "customer"), fixed(code_reader(64))),
)
FAULTS: Final = {
    "customer": ("customer", Fault("import.unknown_customer", _("There is no customer with this number; bring the customers in first."))),
    "differs": ("code", Fault("import.campaign_columns_differ", _("The campaign's columns differ from those of its first row."))),
    "period": ("ends_on", Fault("import.bad_period", _("The campaign ends before it begins."))),
    "twice": ("customer", Fault("import.duplicate_in_file", _("This number stands twice in the file; only its first row counts."))),
}

# The last day in a file is a day of the campaign; what is stored is the day after.
_RESOLVE: Final = """
INSERT INTO import_campaign_row
SELECT i.row_no, i.code, f.row_no, cu.id, CASE
    WHEN i.customer <> '' AND cu.id IS NULL THEN 'customer'
    WHEN (i.name, i.aim, i.kind, i.starts_on, i.ends_on) IS DISTINCT FROM (f.name, f.aim, f.kind, f.starts_on, f.ends_on) THEN 'differs'
    WHEN i.ends_on < i.starts_on THEN 'period'
    WHEN n.key IS NOT NULL OR row_number() OVER (PARTITION BY i.code, i.customer ORDER BY i.row_no) > 1 THEN 'twice' END
FROM import_campaigns i
JOIN (SELECT DISTINCT ON (o.code) o.code, o.row_no, coalesce(t.name, o.name) AS name, coalesce(t.aim, o.aim) AS aim, coalesce(t.kind, o.kind) AS kind,
        CASE WHEN t.code IS NULL THEN o.starts_on ELSE t.starts_on END AS starts_on, CASE WHEN t.code IS NULL THEN o.ends_on ELSE t.ends_on END AS ends_on
    FROM import_campaigns o LEFT JOIN import_campaign_told t ON t.code = o.code ORDER BY o.code, o.row_no) f ON f.code = i.code
LEFT JOIN customers_customer cu ON i.customer <> '' AND cu.company_id = %(company)s AND cu.outside_number = i.customer AND cu.outside_number <> ''
LEFT JOIN import_campaign_seen n ON n.key = i.code || E'\\t' || i.customer
"""
_CAMPAIGNS: Final = """
INSERT INTO campaigns_campaign AS c (company_id, code, name, aim, kind, starts_on, ends_on, outside_code)
SELECT %(company)s, f.code, coalesce(nullif(f.name, ''), f.code), coalesce(nullif(f.aim, ''), 'other'), f.kind, f.starts_on, f.ends_on + 1, f.code
FROM import_campaigns f WHERE f.row_no IN (SELECT min(first_row) FROM import_campaign_row WHERE fault IS NULL GROUP BY code)
ORDER BY f.code
ON CONFLICT (company_id, code) DO UPDATE SET name = CASE WHEN EXCLUDED.name = EXCLUDED.code THEN c.name ELSE EXCLUDED.name END,
    aim = EXCLUDED.aim, kind = coalesce(nullif(EXCLUDED.kind, ''), c.kind), starts_on = coalesce(EXCLUDED.starts_on, c.starts_on),
    ends_on = coalesce(EXCLUDED.ends_on, c.ends_on), version = c.version + 1
WHERE (c.name, c.aim, c.kind, c.starts_on, c.ends_on) IS DISTINCT FROM (CASE WHEN EXCLUDED.name = EXCLUDED.code THEN c.name ELSE EXCLUDED.name END,
    EXCLUDED.aim, coalesce(nullif(EXCLUDED.kind, ''), c.kind), coalesce(EXCLUDED.starts_on, c.starts_on), coalesce(EXCLUDED.ends_on, c.ends_on))
RETURNING code, xmax = 0 AS is_new
"""
_TARGETS: Final = """
INSERT INTO campaigns_campaigntarget (campaign_id, customer_id)
SELECT c.id, r.customer_id FROM import_campaign_row r JOIN campaigns_campaign c ON c.company_id = %(company)s AND c.code = r.code
WHERE r.fault IS NULL AND r.customer_id IS NOT NULL ORDER BY r.row_no
ON CONFLICT (campaign_id, customer_id) DO NOTHING
RETURNING campaign_id, customer_id
"""
# A row is new when its target is, or, without a customer, when its campaign is.
_COUNTS: Final = """
SELECT count(*) AS rows, count(*) FILTER (WHERE t.made OR (r.customer_id IS NULL AND n.code IS NOT NULL)) AS created,
    count(*) FILTER (WHERE NOT coalesce(t.made, false) AND n.code IS NULL AND u.code IS NOT NULL) AS updated
FROM import_campaign_row r JOIN campaigns_campaign c ON c.company_id = %(company)s AND c.code = r.code
LEFT JOIN unnest(%(new)s::text[]) n (code) ON n.code = r.code LEFT JOIN unnest(%(changed)s::text[]) u (code) ON u.code = r.code
LEFT JOIN (SELECT *, true AS made FROM unnest(%(campaigns)s::bigint[], %(customers)s::bigint[]) x (campaign_id, customer_id)) t
    ON t.campaign_id = c.id AND t.customer_id = r.customer_id
WHERE r.fault IS NULL
"""


# What later chunks must know: who was told of, and what the first row of a campaign said.
_NOTE: Final = """
WITH told AS (
    INSERT INTO import_campaign_told SELECT DISTINCT ON (code) code, name, aim, kind, starts_on, ends_on FROM import_campaigns ORDER BY code, row_no
    ON CONFLICT DO NOTHING
)
INSERT INTO import_campaign_seen SELECT DISTINCT code || E'\\t' || customer FROM import_campaigns ON CONFLICT DO NOTHING
"""


def _prepare(_job: Job) -> None:
    run("DROP TABLE IF EXISTS import_campaign_row, import_campaign_seen, import_campaign_told", prepare=False)
    run(
        "CREATE TEMP TABLE import_campaign_told (code text PRIMARY KEY, name text, aim text, kind text, starts_on date, ends_on date)",
        prepare=False,
    )
    run("CREATE TEMP TABLE import_campaign_seen (key text PRIMARY KEY)", prepare=False)
    run(
        "CREATE TEMP TABLE import_campaign_row (row_no bigint, code text, first_row bigint, customer_id bigint, fault text) ON COMMIT DELETE ROWS",
        prepare=False,
    )


def _load(job: Job) -> Loaded:
    run("TRUNCATE import_campaign_row", prepare=False)
    values = {"company": job.company.id}
    run(_RESOLVE, values, prepare=False)
    written = rows(_CAMPAIGNS, values, prepare=False)
    targets = rows(_TARGETS, values, prepare=False)
    asked = {
        **values,
        "new": [row.code for row in written if row.is_new],
        "changed": [row.code for row in written if not row.is_new],
        "campaigns": [row.campaign_id for row in targets],
        "customers": [row.customer_id for row in targets],
    }
    counts = rows(_COUNTS, asked, prepare=False)[0]
    faults = [
        (row.row_no, *FAULTS[row.fault])
        for row in rows("SELECT row_no, fault FROM import_campaign_row WHERE fault IS NOT NULL ORDER BY row_no", prepare=False)
    ]
    return Loaded(created=counts.created, updated=counts.updated, unchanged=counts.rows - counts.created - counts.updated, faults=faults)


CAMPAIGNS: Final = Kind(
    name="campaigns",
    table="import_campaigns",
    columns=lambda _header: list(COLUMNS),
    together=("code",),
    prepare=_prepare,
    load=_load,
    note=_NOTE,
)
