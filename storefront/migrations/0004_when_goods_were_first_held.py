from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("storefront", "0003_cards_at_checkout")]
    operations = [
        migrations.AddField("cart", "held_since", models.DateTimeField(blank=True, null=True, verbose_name="its goods were first held at")),
    ]
