import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Several addresses for one cart, and stores where it is fetched."""

    dependencies = [
        ("catalog", "0002_guards"),
        ("storefront", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="checkout",
            name="pickup_at_id",
            field=models.BigIntegerField(blank=True, null=True, verbose_name="picked up at"),
        ),
        migrations.CreateModel(
            name="CheckoutPlace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                ("family_name", models.CharField(blank=True, db_default="", max_length=120, verbose_name="family name")),
                ("given_name", models.CharField(blank=True, db_default="", max_length=120, verbose_name="given name")),
                ("phone", models.CharField(blank=True, db_default="", max_length=64, verbose_name="phone")),
                ("postal_code", models.CharField(blank=True, db_default="", max_length=16, verbose_name="postal code")),
                ("prefecture", models.CharField(blank=True, db_default="", max_length=60, verbose_name="prefecture")),
                ("city", models.CharField(blank=True, db_default="", max_length=120, verbose_name="city")),
                ("street", models.CharField(blank=True, db_default="", max_length=200, verbose_name="street and number")),
                ("building", models.CharField(blank=True, db_default="", max_length=200, verbose_name="building")),
                ("wished_on", models.DateField(blank=True, null=True, verbose_name="wished delivery date")),
                ("time_band", models.CharField(blank=True, db_default="", max_length=20, verbose_name="time band")),
                ("noshi", models.CharField(blank=True, db_default="", max_length=40, verbose_name="noshi")),
                ("title", models.CharField(blank=True, db_default="", max_length=40, verbose_name="words above")),
                ("knot", models.CharField(blank=True, db_default="", max_length=32, verbose_name="knot")),
                ("placement", models.CharField(blank=True, db_default="", max_length=32, verbose_name="where the noshi goes")),
                ("names", models.CharField(blank=True, db_default="", max_length=220, verbose_name="names on the noshi")),
                ("wrapping", models.CharField(blank=True, db_default="", max_length=40, verbose_name="wrapping")),
                ("card", models.CharField(blank=True, db_default="", max_length=40, verbose_name="message card")),
                ("message", models.CharField(blank=True, db_default="", max_length=400, verbose_name="gift message")),
                ("sender_name", models.CharField(blank=True, db_default="", max_length=120, verbose_name="sender shown")),
                ("hides_prices", models.CharField(blank=True, db_default="", max_length=1, verbose_name="prices hidden")),
                (
                    "cart",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="places",
                        to="storefront.cart",
                        verbose_name="cart",
                    ),
                ),
            ],
            options={
                "verbose_name": "address of a checkout",
                "verbose_name_plural": "addresses of checkouts",
            },
        ),
        migrations.CreateModel(
            name="CheckoutShare",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("quantity", models.PositiveIntegerField(verbose_name="quantity")),
                (
                    "place",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shares",
                        to="storefront.checkoutplace",
                        verbose_name="address",
                    ),
                ),
                (
                    "variant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.variant",
                        verbose_name="variant",
                    ),
                ),
            ],
            options={
                "verbose_name": "share of an address",
                "verbose_name_plural": "shares of addresses",
            },
        ),
        migrations.AddConstraint(
            model_name="checkoutplace",
            constraint=models.UniqueConstraint(fields=("cart", "position"), name="storefront_checkoutplace_once"),
        ),
        migrations.AddConstraint(
            model_name="checkoutshare",
            constraint=models.UniqueConstraint(fields=("place", "variant"), name="storefront_checkoutshare_once"),
        ),
        migrations.AddConstraint(
            model_name="checkoutshare",
            constraint=models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="storefront_checkoutshare_positive"),
        ),
    ]
