"""What the database itself watches over and finds: what was agreed only grows, masters end, one box finds orders."""

from django.db import migrations

from core.audit import append_only, audited

PLACE = ["name", "kana", "organisation_name", "postal_code", "prefecture", "city", "street", "building", "phone", "gift_message"]

# Every order would lock the rows of the same company, channel and tax classes to prove that they exist, and orders placed at
# once would queue for that proof (ADR 0011). Instead these masters cannot be deleted: they end.
KEEP = """
CREATE OR REPLACE FUNCTION orders_refuse_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never deleted', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME, HINT = 'Set ended_at instead.';
END $$;
"""
MASTERS = ("core_company", "core_saleschannel", "core_taxclass", "inventory_location")

# A common fragment is met soon among the newest orders, a rare one has few entries in its index: each is asked where it is cheap, and the
# newest two thousand mostly say which of the two it is. Where they don't (a name that was common once), the index is left after four
# thousand entries, and the newest fifty thousand are read. Fixed settings keep the planner from guessing: with a plan made for any
# fragment it would walk all orders by date for a rare one.
FOUND = """
CREATE FUNCTION orders_found(companies bigint[], likes text[], grams text[], pairs_asked text, most int) RETURNS bigint[]
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    hits bigint[];
    among_newest int;
    entries int;
    asked tsquery := nullif(pairs_asked, '')::tsquery;
    first_gram text := grams[1];
    second_gram text := grams[2];
    third_gram text := grams[3];
    indexed boolean := grams[1] IS NOT NULL OR nullif(pairs_asked, '') IS NOT NULL;
BEGIN
    FOR step IN 1 .. 4 LOOP
        IF step IN (1, 3) THEN
            among_newest := CASE step WHEN 1 THEN 2000 ELSE 50000 END;
            SELECT array_agg(order_id ORDER BY placed_at DESC, order_id DESC) INTO hits FROM (
                SELECT w.order_id, w.placed_at FROM unnest(companies) AS c (id), LATERAL (
                    SELECT order_id, placed_at, words FROM orders_orderwords WHERE company_id = c.id
                    ORDER BY placed_at DESC, order_id DESC LIMIT among_newest
                ) w WHERE w.words LIKE ALL(likes) LIMIT CASE WHEN cardinality(companies) = 1 THEN most END
            ) f;
            EXIT WHEN coalesce(cardinality(hits), 0) >= most OR (step = 3 AND NOT indexed);
        ELSIF indexed AND (step = 4 OR coalesce(cardinality(hits), 0) * 220 < among_newest) THEN
            entries := CASE step WHEN 2 THEN 4000 END;
            SELECT array_agg(order_id ORDER BY placed_at DESC, order_id DESC) INTO hits FROM (
                SELECT order_id, placed_at FROM orders_orderwords
                WHERE (first_gram IS NULL OR words LIKE first_gram) AND (second_gram IS NULL OR words LIKE second_gram)
                    AND (third_gram IS NULL OR words LIKE third_gram) AND (asked IS NULL OR pairs @@ asked)
                    AND words || '' LIKE ALL(likes) AND company_id = ANY(companies) LIMIT entries
            ) f;
            EXIT WHEN step = 4 OR coalesce(cardinality(hits), 0) < entries;
        END IF;
    END LOOP;
    RETURN hits[1:most];
END $$;
"""
TIDY = """
CREATE FUNCTION orders_tidy_words() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    RETURN gin_clean_pending_list('orders_orderwords_trigram') + gin_clean_pending_list('orders_orderwords_pairs');
END $$;
"""
NO_TIDY = "DROP FUNCTION orders_tidy_words()"
NO_FOUND = "DROP FUNCTION orders_found(bigint[], text[], text[], text, int)"


class Migration(migrations.Migration):
    """What was agreed and shown only grows; what people change leaves a trail."""

    dependencies = [("orders", "0001_initial"), ("core", "0001_initial"), ("inventory", "0001_initial")]
    operations = [
        append_only("orders_finalconfirmation"),
        append_only("orders_trackingevent"),
        append_only("orders_linediscount"),
        append_only("orders_ordertax"),
        append_only("orders_partreturn"),
        append_only("orders_shipmentactual"),
        append_only("orders_shipmentlabel"),
        audited("orders_order", personal=["buyer_name", "buyer_email", "buyer_phone", "remark"], ignore=["version"]),
        audited("orders_line"),
        audited("orders_destination", personal=PLACE),
        audited("orders_shipment", ignore=["version"]),
        audited("orders_feerule", inserts=True),
        audited("orders_shipmentinstruction"),
        audited("orders_carriercontract", inserts=True),
        audited("orders_holdrule", inserts=True),
        audited("orders_outsideshop", inserts=True),
        audited("orders_outsidearticle", inserts=True),
        audited("orders_outsidecode", inserts=True),
        audited("orders_orderchange"),
        audited("orders_returnreason", inserts=True),
        audited("orders_returnpolicy", inserts=True),
        audited("orders_returncase", personal=["remark", "override_reason", "decision_reason"], ignore=["version"]),
        audited("orders_returnline", personal=["remark"]),
        audited("orders_trackingcode", inserts=True),
        audited("orders_deliveryterm", inserts=True),
        audited("orders_deliverymail", inserts=True),
        audited("orders_deliveryalert"),
        migrations.RunSQL(
            KEEP
            + "".join(
                f"CREATE TRIGGER never_deleted BEFORE DELETE ON {t} FOR EACH ROW EXECUTE FUNCTION orders_refuse_deletion();"
                for t in MASTERS
            ),
            "".join(f"DROP TRIGGER never_deleted ON {t};" for t in MASTERS) + "DROP FUNCTION orders_refuse_deletion();",
        ),
        migrations.RunSQL(FOUND, NO_FOUND),
        migrations.RunSQL(TIDY, NO_TIDY),
    ]
