from django.db import migrations, models


class Migration(migrations.Migration):
    """Who rewrote a draft before now stays known by id alone: whether that was staff or a partner was not kept."""

    dependencies = [("inventory", "0017_stock_newest")]
    operations = [
        migrations.AddField("purchaseorder", "changed_by_kind", models.CharField(db_default="", editable=False, max_length=16)),
    ]
