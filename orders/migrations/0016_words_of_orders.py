"""One box finds orders: their words stand in a table of their own, and a function looks for them without ever walking it all."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

# The two-letter tokens of every run of Japanese letters, plus its last letter, as core.text.bigrams makes them. Two Latin letters or
# figures say too little to be worth an index entry for each.
PAIRS = """
CREATE FUNCTION orders_pairs(words text) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    japanese text := regexp_replace(words, '[ -~]+', ' ', 'g');
    tokens text[] := '{}';
    token text;
BEGIN
    FOR place IN 1 .. length(japanese) LOOP
        token := rtrim(substr(japanese, place, 2), ' ');
        IF token <> '' AND left(token, 1) <> ' ' THEN
            tokens := tokens || token;
        END IF;
    END LOOP;
    RETURN array_to_tsvector(tokens);
END $$;
"""
NO_PAIRS = "DROP FUNCTION orders_pairs(text)"

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


# Orders that were there before are found by what their customers are called today; `write_order_words` says it from the order itself.
WRITE = """
INSERT INTO orders_orderwords (order_id, company_id, placed_at, words)
SELECT o.id, o.company_id, o.placed_at, concat_ws(' ', lower(o.number), nullif(lower(o.outside_number), ''), nullif(c.search, ''),
    nullif(lower(o.buyer_email), ''), nullif(regexp_replace(replace(o.buyer_phone, '+81', '0'), '[^0-9]', '', 'g'), ''))
FROM orders_order o JOIN customers_customer c ON c.id = o.customer_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0005_how_long_a_checkout_holds"),
        ("orders", "0015_addresses_of_counters_are_settings"),
    ]
    operations = [
        migrations.RunSQL(PAIRS, NO_PAIRS),
        migrations.CreateModel(
            name="OrderWords",
            fields=[
                (
                    "order",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="orders.order",
                        verbose_name="order",
                    ),
                ),
                ("placed_at", models.DateTimeField(verbose_name="placed at")),
                ("words", models.TextField(editable=False, verbose_name="words")),
                (
                    "pairs",
                    models.GeneratedField(
                        db_persist=True,
                        editable=False,
                        expression=models.Func(models.F("words"), function="orders_pairs"),
                        output_field=django.contrib.postgres.search.SearchVectorField(),
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.company",
                        verbose_name="company",
                    ),
                ),
            ],
            options={
                "verbose_name": "words of an order",
                "verbose_name_plural": "words of orders",
                "indexes": [
                    models.Index(fields=["company", "-placed_at", "-order"], name="orders_orderwords_newest"),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["words"], gin_pending_list_limit=16384, name="orders_orderwords_trigram", opclasses=["gin_trgm_ops"]
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["pairs"], gin_pending_list_limit=16384, name="orders_orderwords_pairs"
                    ),
                ],
            },
        ),
        migrations.RunSQL(FOUND, NO_FOUND),
        migrations.RunSQL(TIDY, NO_TIDY),
        migrations.RunSQL(WRITE, migrations.RunSQL.noop),
    ]
