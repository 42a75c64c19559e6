from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inventory", "0012_kits")]
    operations = [
        migrations.AddField(model_name="purchaseorder", name="version", field=models.PositiveIntegerField(db_default=1, editable=False)),
    ]
