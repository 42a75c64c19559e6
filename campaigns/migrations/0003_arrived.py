from django.db import migrations, models

import core.fields
from core.fields import enum_check

BEFORE = (
    "recency", "first_purchase", "frequency", "amount", "product", "category", "sales_channel", "consent", "prefecture", "rank", "tag",
    "birth_month", "subscription", "written_to",
)  # fmt: skip


class Migration(migrations.Migration):
    """Segments may ask when a parcel last arrived."""

    dependencies = [
        ("campaigns", "0002_guards"),
        ("catalog", "0002_guards"),
        ("core", "0004_number_periods"),
        ("customers", "0002_guards"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="segmentcondition",
            name="campaigns_segmentcondition_says_enough",
        ),
        migrations.AlterField(
            model_name="segmentcondition",
            name="kind",
            field=core.fields.EnumField(
                max_length=32,
                values=[
                    "recency",
                    "first_purchase",
                    "delivered",
                    "frequency",
                    "amount",
                    "product",
                    "category",
                    "sales_channel",
                    "consent",
                    "prefecture",
                    "rank",
                    "tag",
                    "birth_month",
                    "subscription",
                    "written_to",
                ],
                verbose_name="what is asked",
            ),
        ),
        enum_check("campaigns_segmentcondition", "kind", now=(*BEFORE, "delivered"), before=BEFORE),
        migrations.AddConstraint(
            model_name="segmentcondition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        (
                            "kind__in",
                            [
                                "recency",
                                "first_purchase",
                                "delivered",
                                "frequency",
                                "amount",
                                "birth_month",
                                "product",
                                "category",
                                "sales_channel",
                                "rank",
                                "tag",
                                "written_to",
                                "prefecture",
                            ],
                        ),
                        _negated=True,
                    ),
                    models.Q(
                        ("kind__in", ["recency", "first_purchase", "delivered", "frequency", "amount", "birth_month"]),
                        models.Q(("at_least__isnull", False), ("at_most__isnull", False), _connector="OR"),
                    ),
                    models.Q(("kind", "product"), ("product__isnull", False)),
                    models.Q(("kind", "category"), ("category__isnull", False)),
                    models.Q(("kind", "sales_channel"), ("sales_channel__isnull", False)),
                    models.Q(("kind", "rank"), ("rank__isnull", False)),
                    models.Q(("kind", "tag"), ("tag__isnull", False)),
                    models.Q(("kind", "written_to"), ("campaign__isnull", False)),
                    models.Q(("kind", "prefecture"), models.Q(("prefecture", ""), _negated=True)),
                    _connector="OR",
                ),
                name="campaigns_segmentcondition_says_enough",
            ),
        ),
    ]
