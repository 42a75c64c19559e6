from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("inventory", "0006_value")]
    operations = [
        migrations.AlterModelOptions(
            name="stock",
            options={
                "permissions": [
                    ("adjust_stock", "Can adjust stock"),
                    ("receive_stock", "Can receive stock"),
                    ("view_value", "Can see what stock is worth"),
                    ("revalue_stock", "Can correct what stock is worth"),
                    ("view_every_location", "Can see the stock of every location"),
                ],
                "verbose_name": "stock",
                "verbose_name_plural": "stock",
            },
        ),
    ]
