from django.db import migrations, models


class Migration(migrations.Migration):
    """Parcels of several orders travel in one box."""

    dependencies = [("orders", "0016_words_of_orders"), ("inventory", "0020_parts_of_allocations")]
    operations = [
        migrations.AddField("shipment", "box", models.UUIDField(blank=True, editable=False, null=True, verbose_name="box")),
        migrations.AddField("shipment", "stays_apart", models.BooleanField(db_default=False, editable=False, verbose_name="stays apart")),
        migrations.AddIndex(
            "shipment", models.Index(condition=models.Q(("box__isnull", False)), fields=["box"], name="orders_shipment_box")
        ),
    ]
