from django.db import migrations

from core.audit import audited

# What was said is never rewritten: it stays, or it is blank.
WORDS = """
CREATE FUNCTION contact_words_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.body <> NEW.body AND NEW.body <> '') OR OLD.case_id <> NEW.case_id OR OLD.at <> NEW.at OR OLD.direction <> NEW.direction THEN
        RAISE EXCEPTION 'What was said in a case is never rewritten'
            USING ERRCODE = 'restrict_violation', HINT = 'Add another interaction.', TABLE = 'contact_interaction',
                  CONSTRAINT = 'contact_words_stay';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER words_stay BEFORE UPDATE ON contact_interaction FOR EACH ROW EXECUTE FUNCTION contact_words_stay();
"""
UNDO = "DROP TRIGGER words_stay ON contact_interaction; DROP FUNCTION contact_words_stay();"


class Migration(migrations.Migration):
    """Cases leave a trail; what was said stays as it was said, or is blank."""

    dependencies = [("contact", "0001_initial"), ("core", "0001_initial")]
    operations = [
        audited(
            "contact_case",
            personal=["theme", "caller_name", "caller_contact", "handover_note", "resolution", "cause_detail"],
            ignore=["version", "last_at"],
        ),
        audited("contact_interaction", personal=["body", "author_label"]),
        audited("contact_casereason", inserts=True),
        migrations.RunSQL(WORDS, UNDO),
    ]
