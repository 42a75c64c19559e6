"""What the database itself watches over: consents and points only grow, edited rows leave a trail, numbers come from a sequence."""

from django.db import migrations

from core.audit import append_only, audited

# lpad would cut off the eighth digit.
NUMBERS = """
CREATE SEQUENCE customers_customer_number;
CREATE FUNCTION customers_next_number() RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT 'C' || lpad(n::text, greatest(7, length(n::text)), '0') FROM nextval('customers_customer_number') n
$$;
ALTER TABLE customers_customer ALTER COLUMN number SET DEFAULT customers_next_number();
"""
NO_NUMBERS = """
ALTER TABLE customers_customer ALTER COLUMN number DROP DEFAULT;
DROP FUNCTION customers_next_number();
DROP SEQUENCE customers_customer_number;
"""

# The two-letter tokens of every word, plus its last letter, as core.text.bigrams makes them of what is asked.
SEARCH = """
CREATE FUNCTION customers_bigrams(words text) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    tokens text[] := '{}';
    token text;
BEGIN
    FOR place IN 1 .. length(words) LOOP
        token := rtrim(substr(words, place, 2), ' ');
        IF token <> '' AND left(token, 1) <> ' ' THEN
            tokens := tokens || token;
        END IF;
    END LOOP;
    RETURN array_to_tsvector(tokens);
END $$;
CREATE INDEX customers_customer_bigrams ON customers_customer USING gin (customers_bigrams(search));
"""
NO_SEARCH = "DROP INDEX customers_customer_bigrams; DROP FUNCTION customers_bigrams(text);"

NAMES = ["family_name", "given_name", "family_kana", "given_kana", "organisation_name"]
KEYS = ["name_key", "kana_key", "organisation_key", "search"]
PLACE = ["postal_code", "prefecture", "city", "street", "building", "phone", "number_key"]


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]
    operations = [
        migrations.RunSQL(NUMBERS, NO_NUMBERS),
        migrations.RunSQL(SEARCH, NO_SEARCH),
        append_only("customers_consent"),
        append_only("customers_pointentry"),
        append_only("customers_accountact"),
        audited("customers_customer", personal=[*NAMES, *KEYS, "birth_on", "outside_number"], ignore=["version"]),
        audited("customers_contactpoint", personal=["value", "value_key"]),
        audited("customers_address", personal=["label", *NAMES, *PLACE], ignore=["version"]),
        audited("customers_identity", personal=["subject"]),
        audited("customers_customeraccount", personal=["evidence_note"]),
        audited("customers_contactpreference", personal=["hours"]),
        audited("customers_attributevalue", personal=["value"]),
        audited("customers_customertag"),
        audited("customers_rankassignment"),
        audited("customers_note", personal=["body"]),
        audited("customers_household", personal=["name"]),
        audited("customers_householdmember", personal=["role"]),
        audited("customers_duplicatecandidate"),
        audited("customers_merge"),
        audited("customers_attribute"),
        audited("customers_tag"),
        audited("customers_customerrank"),
    ]
