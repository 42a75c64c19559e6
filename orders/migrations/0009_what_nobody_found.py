from django.db import migrations

from core.fields import EnumField, enum_check

BEFORE = ["remark", "address", "duplicate", "amount", "attention", "payment", "manual"]
NOW = [*BEFORE[:-1], "short", "manual"]


class Migration(migrations.Migration):
    """Holds say by their kind that goods were not found; older ones keep the words of whoever picked."""

    dependencies = [("orders", "0008_instructions")]
    operations = [
        migrations.AlterField("hold", "kind", EnumField(max_length=32, values=NOW, verbose_name="kind")),
        enum_check("orders_hold", "kind", now=NOW, before=BEFORE),
    ]
