from django.db import migrations, models


class Migration(migrations.Migration):
    """Parcels are found by when they arrived."""

    dependencies = [
        ("core", "0004_number_periods"),
        ("inventory", "0002_guards"),
        ("orders", "0009_pickup_work"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="shipment",
            index=models.Index(
                condition=models.Q(("delivered_at__isnull", False)), fields=["company", "delivered_at"], name="orders_shipment_delivered"
            ),
        ),
    ]
