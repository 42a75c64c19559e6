"""Orders may wait for goods."""

from django.db import migrations

import core.fields

ORDERS = ["planned", "partly_shipped", "shipped", "delivered", "returned", "cancelled", "nothing_to_ship"]
ORDERS_NOW = ["waiting", *ORDERS]


class Migration(migrations.Migration):
    dependencies = [("orders", "0005_came_back")]

    operations = [
        migrations.AlterField(
            model_name="order",
            name="fulfilment_status",
            field=core.fields.EnumField(db_default="planned", max_length=32, values=ORDERS_NOW, verbose_name="fulfilment status"),
        ),
        core.fields.enum_check("orders_order", "fulfilment_status", now=ORDERS_NOW, before=ORDERS),
    ]
