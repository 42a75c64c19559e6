"""Guards in the database, for the 0002_guards migration of every app.

operations = [
    append_only("billing_posting"),
    audited("orders_order", personal=["recipient_name"], ignore=["updated_at"]),
]
"""

from collections.abc import Sequence

from django.db.migrations.operations import RunSQL

# Every guard brings the functions along, so that an app's guards depend on no other migration's order.
FUNCTIONS = """
CREATE OR REPLACE FUNCTION core_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation',
              HINT = 'Write a new row that corrects or reverses the old one.',
              TABLE = TG_TABLE_NAME, CONSTRAINT = TG_TABLE_NAME || '_append_only';
END $$;

CREATE OR REPLACE FUNCTION core_audit_changes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    who jsonb := nullif(current_setting('daifuku.actor', true), '')::jsonb;
    key_column text := TG_ARGV[0];
    personal text[] := TG_ARGV[1]::text[];
    ignored text[] := TG_ARGV[2]::text[];
    olds jsonb[];
    news jsonb[];
BEGIN
    IF TG_OP <> 'INSERT' THEN
        SELECT array_agg(to_jsonb(t)) INTO olds FROM old_rows t;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        SELECT array_agg(to_jsonb(t)) INTO news FROM new_rows t;
    END IF;
    IF olds IS NULL AND news IS NULL THEN
        RETURN NULL;
    END IF;
    IF who IS NULL AND EXISTS (
        SELECT FROM unnest(olds) o (j) FULL JOIN unnest(news) n (j) ON o.j -> key_column = n.j -> key_column
        WHERE o.j - ignored IS DISTINCT FROM n.j - ignored
    ) THEN
        RAISE EXCEPTION '% of % without an actor is refused', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege', TABLE = TG_TABLE_NAME,
                  HINT = 'Change it through an operation, or inside core.db.acting(actor).';
    END IF;
    -- Few plan nodes on purpose: most changes are of one row, where starting a plan costs more than running it.
    WITH diff AS MATERIALIZED (
        SELECT coalesce(n.j, o.j) ->> key_column AS row_key,
            (SELECT jsonb_object_agg(k, jsonb_build_array(o.j -> k, n.j -> k)) FROM jsonb_object_keys(coalesce(n.j, o.j)) k
             WHERE coalesce(o.j -> k, 'null') <> coalesce(n.j -> k, 'null')) - ignored AS changes
        FROM unnest(olds) o (j) FULL JOIN unnest(news) n (j) ON o.j -> key_column = n.j -> key_column
    ), entry AS (
        INSERT INTO core_auditentry (table_name, row_key, verb, changes, personal_fields,
                                     actor_kind, actor_id, actor_label, on_behalf_of, reason)
        SELECT TG_TABLE_NAME, row_key, lower(TG_OP), changes - personal, ARRAY(SELECT f FROM unnest(personal) f WHERE changes ? f ORDER BY f),
               who ->> 'kind', who ->> 'id', coalesce(who ->> 'label', ''), coalesce(who ->> 'for', ''), coalesce(who ->> 'reason', '')
        FROM diff WHERE changes <> '{}' ORDER BY row_key
        RETURNING id, row_key, personal_fields
    )
    INSERT INTO core_auditpersonal (entry_id, changes)
    SELECT entry.id, (SELECT jsonb_object_agg(f, diff.changes -> f) FROM unnest(entry.personal_fields) f)
    FROM entry JOIN diff USING (row_key) WHERE entry.personal_fields <> '{}';
    RETURN NULL;
END $$;
"""


def append_only(table: str) -> RunSQL:
    """From now on the table only grows: UPDATE, DELETE and TRUNCATE are refused, and the app role has no right to them."""
    create = f"""
    CREATE TRIGGER append_only_row BEFORE UPDATE OR DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
    CREATE TRIGGER append_only_table BEFORE TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
    """
    return RunSQL(
        FUNCTIONS + create,
        f"DROP TRIGGER append_only_table ON {table}; DROP TRIGGER append_only_row ON {table};",
    )


def audited(
    table: str,
    *,
    personal: Sequence[str] = (),
    inserts: bool = False,
    ignore: Sequence[str] = (),
    key: str = "id",
) -> RunSQL:
    """From now on every changed or deleted row leaves an AuditEntry, whoever changes it and however.

    ``personal`` columns go to the erasable AuditPersonal, ``ignore`` columns nowhere; ``inserts`` also records
    new rows (for tables that people fill). Without an actor in the transaction the change is refused. Set-based:
    one trigger call per statement.
    """
    arguments = ", ".join(f"'{text}'" for text in (key, _array(personal), _array(ignore)))
    kinds = [
        ("update", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
        ("delete", "OLD TABLE AS old_rows"),
    ]
    if inserts:
        kinds.append(("insert", "NEW TABLE AS new_rows"))
    create = "".join(
        f"CREATE TRIGGER audit_{verb} AFTER {verb} ON {table} REFERENCING {tables}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION core_audit_changes({arguments});\n"
        for verb, tables in kinds
    )
    drop = "".join(f"DROP TRIGGER audit_{verb} ON {table};\n" for verb, _ in kinds)
    return RunSQL(FUNCTIONS + create, drop)


def _array(names: Sequence[str]) -> str:
    return "{" + ",".join(names) + "}"
