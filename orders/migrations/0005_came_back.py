"""Parcels that nobody took come back."""

from django.db import migrations, models

import core.fields

ORDERS = ["planned", "partly_shipped", "shipped", "delivered", "cancelled", "nothing_to_ship"]
PARCELS = ["planned", "instructed", "shipped", "delivered", "cancelled"]
ORDERS_NOW = ["planned", "partly_shipped", "shipped", "delivered", "returned", "cancelled", "nothing_to_ship"]
PARCELS_NOW = ["planned", "instructed", "shipped", "delivered", "returned", "cancelled"]


class Migration(migrations.Migration):
    dependencies = [("orders", "0004_cycle_on_lines")]

    operations = [
        migrations.AddField(
            model_name="shipment",
            name="returned_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="came back at"),
        ),
        migrations.AlterField(
            model_name="order",
            name="fulfilment_status",
            field=core.fields.EnumField(db_default="planned", max_length=32, values=ORDERS_NOW, verbose_name="fulfilment status"),
        ),
        core.fields.enum_check("orders_order", "fulfilment_status", now=ORDERS_NOW, before=ORDERS),
        migrations.AlterField(
            model_name="shipment",
            name="status",
            field=core.fields.EnumField(db_default="planned", max_length=32, values=PARCELS_NOW, verbose_name="status"),
        ),
        core.fields.enum_check("orders_shipment", "status", now=PARCELS_NOW, before=PARCELS),
    ]
