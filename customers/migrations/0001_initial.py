import django.contrib.postgres.functions
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
import oauth2_provider.generators
import oauth2_provider.models
from django.conf import settings
from django.db import migrations, models

import core.fields
from core.tables import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("core", "0001_initial"),
    ]

    operations = [
        CreateModels(
            [
                migrations.CreateModel(
                    name="Account",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("password", models.CharField(max_length=128, verbose_name="password")),
                        ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                        (
                            "is_superuser",
                            models.BooleanField(
                                default=False,
                                help_text="Designates that this user has all permissions without explicitly assigning them.",
                                verbose_name="superuser status",
                            ),
                        ),
                        (
                            "public_id",
                            core.fields.PublicIdField(
                                db_default=django.contrib.postgres.functions.RandomUUID(), editable=False, unique=True
                            ),
                        ),
                        ("handle", models.CharField(max_length=254, unique=True, verbose_name="sign-in name")),
                        (
                            "kind",
                            core.fields.EnumField(
                                db_default="person",
                                default="person",
                                max_length=32,
                                values=["person", "staff", "partner"],
                                verbose_name="kind",
                            ),
                        ),
                        ("email", models.EmailField(blank=True, db_default="", default="", max_length=254, verbose_name="e-mail")),
                        (
                            "display_name",
                            models.CharField(blank=True, db_default="", default="", max_length=120, verbose_name="display name"),
                        ),
                        ("language", models.CharField(blank=True, db_default="", default="", max_length=8, verbose_name="language")),
                        (
                            "company",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.company",
                                verbose_name="company (staff)",
                            ),
                        ),
                        ("is_active", models.BooleanField(db_default=True, default=True, verbose_name="active")),
                        ("is_staff", models.BooleanField(db_default=False, default=False, verbose_name="may use the back office")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                        (
                            "groups",
                            models.ManyToManyField(
                                blank=True,
                                help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                                related_name="user_set",
                                related_query_name="user",
                                to="auth.group",
                                verbose_name="groups",
                            ),
                        ),
                        (
                            "user_permissions",
                            models.ManyToManyField(
                                blank=True,
                                help_text="Specific permissions for this user.",
                                related_name="user_set",
                                related_query_name="user",
                                to="auth.permission",
                                verbose_name="user permissions",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "account",
                        "verbose_name_plural": "accounts",
                        "permissions": [("reset_factors", "Can reset second factors and end sessions")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("is_staff", False), ("kind", "staff"), _connector="OR"),
                                name="customers_account_staff_kind",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AccountAct",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("actor_kind", models.CharField(db_default="system", editable=False, max_length=16)),
                        ("actor_id", models.CharField(db_default="system", editable=False, max_length=64)),
                        ("actor_label", models.CharField(db_default="", editable=False, max_length=128)),
                        ("on_behalf_of", models.CharField(db_default="", editable=False, max_length=64)),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="acts",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="account",
                            ),
                        ),
                        (
                            "kind",
                            core.fields.EnumField(
                                max_length=32,
                                values=["id_added", "id_ended", "factors_reset", "sessions_ended", "closed"],
                                verbose_name="what was done",
                            ),
                        ),
                        ("detail", models.CharField(blank=True, db_default="", max_length=120, verbose_name="detail")),
                        ("reason", models.CharField(blank=True, db_default="", max_length=255, verbose_name="reason")),
                        ("at", models.DateTimeField(verbose_name="at")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "account act",
                        "verbose_name_plural": "account acts",
                        "indexes": [models.Index(fields=["account", "-id"], name="customers_accountact_newest")],
                    },
                ),
                migrations.CreateModel(
                    name="LinkCode",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "public_id",
                            core.fields.PublicIdField(
                                db_default=django.contrib.postgres.functions.RandomUUID(), editable=False, unique=True
                            ),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="account",
                            ),
                        ),
                        (
                            "company",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.company", verbose_name="company"
                            ),
                        ),
                        ("address_key", models.CharField(max_length=254, verbose_name="address asked for")),
                        ("language", models.CharField(blank=True, db_default="", max_length=8, verbose_name="language")),
                        ("tries", models.PositiveSmallIntegerField(db_default=0, verbose_name="tries")),
                        ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="sent at")),
                        ("expires_at", models.DateTimeField(verbose_name="expires at")),
                        ("used_at", models.DateTimeField(blank=True, null=True, verbose_name="used at")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "link code",
                        "verbose_name_plural": "link codes",
                        "indexes": [
                            models.Index(fields=["account", "-id"], name="customers_linkcode_newest"),
                            models.Index(condition=models.Q(("sent_at__isnull", True)), fields=["id"], name="customers_linkcode_unsent"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LinkTries",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "company",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.company", verbose_name="company"
                            ),
                        ),
                        ("key", models.CharField(max_length=100, verbose_name="key")),
                        ("tries", models.PositiveIntegerField(db_default=1, verbose_name="tries")),
                        ("until_at", models.DateTimeField(verbose_name="counted until")),
                    ],
                    options={
                        "verbose_name": "link tries",
                        "verbose_name_plural": "link tries",
                        "constraints": [models.UniqueConstraint(fields=("company", "key"), name="customers_linktries_once")],
                    },
                ),
                migrations.CreateModel(
                    name="PartnerApplication",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        (
                            "client_id",
                            models.CharField(
                                db_index=True,
                                default=oauth2_provider.generators.generate_client_id,
                                max_length=255,
                                unique=True,
                                verbose_name="client ID",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="%(app_label)s_%(class)s",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="user",
                            ),
                        ),
                        (
                            "redirect_uris",
                            models.TextField(blank=True, help_text="Allowed URIs list, space separated", verbose_name="redirect URIs"),
                        ),
                        (
                            "post_logout_redirect_uris",
                            models.TextField(
                                blank=True,
                                default="",
                                help_text="Allowed Post Logout URIs list, space separated",
                                verbose_name="post logout redirect URIs",
                            ),
                        ),
                        (
                            "client_type",
                            models.CharField(
                                choices=[("confidential", "Confidential"), ("public", "Public")], max_length=32, verbose_name="client type"
                            ),
                        ),
                        (
                            "authorization_grant_type",
                            models.CharField(
                                choices=[
                                    ("authorization-code", "Authorization code"),
                                    ("urn:ietf:params:oauth:grant-type:device_code", "Device Code"),
                                    ("implicit", "Implicit"),
                                    ("password", "Resource owner password-based"),
                                    ("client-credentials", "Client credentials"),
                                    ("openid-hybrid", "OpenID connect hybrid"),
                                ],
                                max_length=44,
                                verbose_name="authorization grant type",
                            ),
                        ),
                        (
                            "client_secret",
                            oauth2_provider.models.ClientSecretField(
                                blank=True,
                                db_index=True,
                                default=oauth2_provider.generators.generate_client_secret,
                                help_text="Client secret for authentication",
                                max_length=255,
                                verbose_name="client secret",
                            ),
                        ),
                        ("hash_client_secret", models.BooleanField(default=True, verbose_name="hash client secret")),
                        ("name", models.CharField(blank=True, max_length=255, verbose_name="name")),
                        ("skip_authorization", models.BooleanField(default=False, verbose_name="skip authorization")),
                        ("created", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                        ("updated", models.DateTimeField(auto_now=True, verbose_name="updated")),
                        (
                            "algorithm",
                            models.CharField(
                                blank=True,
                                choices=[("", "No OIDC support"), ("RS256", "RSA with SHA-2 256"), ("HS256", "HMAC with SHA-2 256")],
                                default="",
                                max_length=5,
                                verbose_name="algorithm",
                            ),
                        ),
                        (
                            "allowed_origins",
                            models.TextField(
                                blank=True,
                                default="",
                                help_text="Allowed origins list to enable CORS, space separated",
                                verbose_name="allowed origins",
                            ),
                        ),
                        (
                            "registration_source",
                            models.CharField(
                                choices=[
                                    ("manual", "Manual"),
                                    ("dcr", "Dynamic Client Registration"),
                                    ("cimd", "Client ID Metadata Document"),
                                ],
                                default="manual",
                                help_text="How this application was registered (manual, DCR per RFC 7591, or CIMD)",
                                max_length=32,
                                verbose_name="registration source",
                            ),
                        ),
                        (
                            "cimd_expires_at",
                            models.DateTimeField(
                                blank=True,
                                default=None,
                                help_text="When the cached Client ID Metadata Document should be re-fetched",
                                null=True,
                                verbose_name="CIMD expires at",
                            ),
                        ),
                        (
                            "company",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.company",
                                verbose_name="company",
                            ),
                        ),
                        ("allowed_scopes", models.CharField(blank=True, db_default="", max_length=500, verbose_name="allowed scopes")),
                    ],
                    options={
                        "verbose_name": "partner application",
                        "verbose_name_plural": "partner applications",
                        "abstract": False,
                    },
                ),
                migrations.CreateModel(
                    name="Customer",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "public_id",
                            core.fields.PublicIdField(
                                db_default=django.contrib.postgres.functions.RandomUUID(), editable=False, unique=True
                            ),
                        ),
                        (
                            "company",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.company", verbose_name="company"
                            ),
                        ),
                        ("number", models.CharField(max_length=32, verbose_name="customer number")),
                        (
                            "kind",
                            core.fields.EnumField(
                                db_default="person", max_length=32, values=["person", "organisation"], verbose_name="kind"
                            ),
                        ),
                        (
                            "status",
                            core.fields.EnumField(
                                db_default="active", max_length=32, values=["prospect", "active", "closed", "erased"], verbose_name="status"
                            ),
                        ),
                        ("family_name", models.CharField(blank=True, db_default="", max_length=120, verbose_name="family name")),
                        ("given_name", models.CharField(blank=True, db_default="", max_length=120, verbose_name="given name")),
                        ("family_kana", models.CharField(blank=True, db_default="", max_length=120, verbose_name="family name (kana)")),
                        ("given_kana", models.CharField(blank=True, db_default="", max_length=120, verbose_name="given name (kana)")),
                        ("organisation_name", models.CharField(blank=True, db_default="", max_length=160, verbose_name="organisation")),
                        (
                            "name_key",
                            models.CharField(blank=True, db_default="", editable=False, max_length=320, verbose_name="name for comparing"),
                        ),
                        (
                            "kana_key",
                            models.CharField(
                                blank=True, db_default="", editable=False, max_length=320, verbose_name="reading for comparing"
                            ),
                        ),
                        (
                            "organisation_key",
                            models.CharField(
                                blank=True, db_default="", editable=False, max_length=200, verbose_name="organisation for comparing"
                            ),
                        ),
                        ("birth_on", models.DateField(blank=True, null=True, verbose_name="date of birth")),
                        ("language", models.CharField(blank=True, db_default="", max_length=8, verbose_name="language")),
                        (
                            "principal",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.customer",
                                verbose_name="principal",
                            ),
                        ),
                        (
                            "first_channel",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.saleschannel",
                                verbose_name="first channel",
                            ),
                        ),
                        (
                            "outside_number",
                            models.CharField(blank=True, db_default="", max_length=64, verbose_name="number in the former system"),
                        ),
                        ("attention", models.BooleanField(db_default=False, verbose_name="needs attention")),
                        ("version", models.PositiveIntegerField(db_default=1, editable=False, verbose_name="version")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                        (
                            "search",
                            models.GeneratedField(
                                db_persist=True,
                                expression=models.Func(
                                    models.F("name_key"),
                                    models.F("kana_key"),
                                    models.F("organisation_key"),
                                    models.F("number"),
                                    models.F("outside_number"),
                                    arg_joiner=" || ' ' || ",
                                    output_field=models.TextField(),
                                    template="lower(%(expressions)s)",
                                ),
                                output_field=models.TextField(),
                                verbose_name="search words",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "customer",
                        "verbose_name_plural": "customers",
                        "permissions": [
                            ("view_personal", "Can see personal data in full"),
                            ("export_personal", "Can export personal data"),
                            ("merge_customer", "Can merge customers"),
                            ("erase_customer", "Can erase personal data"),
                        ],
                        "indexes": [
                            models.Index(fields=["company", "-recorded_at", "-id"], name="customers_customer_newest"),
                            django.contrib.postgres.indexes.BrinIndex(fields=["recorded_at"], name="customers_customer_recorded"),
                            models.Index(fields=["company", "kana_key"], name="customers_customer_kana"),
                            models.Index(
                                condition=models.Q(("principal__isnull", False)), fields=["principal"], name="customers_customer_principal"
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("company", "number"), name="customers_customer_number_once"),
                            models.UniqueConstraint(
                                condition=models.Q(("outside_number", ""), _negated=True),
                                fields=("company", "outside_number"),
                                name="customers_customer_outside_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("principal__isnull", True), models.Q(("principal", models.F("id")), _negated=True), _connector="OR"
                                ),
                                name="customers_customer_principal_not_self",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Identity",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "account",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="identities",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="account",
                            ),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="identities",
                                to="customers.customer",
                                verbose_name="customer",
                            ),
                        ),
                        (
                            "company",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.company",
                                verbose_name="company",
                            ),
                        ),
                        ("provider", models.CharField(max_length=40, verbose_name="provider")),
                        ("subject", models.CharField(max_length=254, verbose_name="subject")),
                        ("verified_at", models.DateTimeField(blank=True, null=True, verbose_name="verified at")),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "proof of identity",
                        "verbose_name_plural": "proofs of identity",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("account__isnull", False), ("customer__isnull", True)),
                                    models.Q(("account__isnull", True), ("customer__isnull", False)),
                                    _connector="OR",
                                ),
                                name="customers_identity_account_xor_customer",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at__isnull", True)),
                                fields=("company", "provider", "subject"),
                                name="customers_identity_once",
                                nulls_distinct=False,
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CustomerAccount",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("actor_kind", models.CharField(db_default="system", editable=False, max_length=16)),
                        ("actor_id", models.CharField(db_default="system", editable=False, max_length=64)),
                        ("actor_label", models.CharField(db_default="", editable=False, max_length=128)),
                        ("on_behalf_of", models.CharField(db_default="", editable=False, max_length=64)),
                        (
                            "customer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="account_links",
                                to="customers.customer",
                                verbose_name="customer",
                            ),
                        ),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="customer_links",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="account",
                            ),
                        ),
                        (
                            "evidence",
                            core.fields.EnumField(
                                max_length=32,
                                values=["signed_in_purchase", "mail_code", "order_and_phone", "staff_confirmed"],
                                verbose_name="evidence",
                            ),
                        ),
                        ("evidence_note", models.CharField(blank=True, db_default="", max_length=255, verbose_name="evidence note")),
                        ("linked_at", models.DateTimeField(verbose_name="linked at")),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="unlinked at")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "account link",
                        "verbose_name_plural": "account links",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at__isnull", True)),
                                fields=("customer", "account"),
                                name="customers_customeraccount_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ContactPoint",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "customer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="contact_points",
                                to="customers.customer",
                                verbose_name="customer",
                            ),
                        ),
                        ("kind", core.fields.EnumField(max_length=32, values=["phone", "email", "fax", "line"], verbose_name="kind")),
                        ("value", models.CharField(max_length=254, verbose_name="value")),
                        ("value_key", models.CharField(editable=False, max_length=254, verbose_name="value for comparing")),
                        ("is_primary", models.BooleanField(db_default=True, verbose_name="primary")),
                        ("verified_at", models.DateTimeField(blank=True, null=True, verbose_name="verified at")),
                        ("unreachable_at", models.DateTimeField(blank=True, null=True, verbose_name="unreachable since")),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "contact point",
                        "verbose_name_plural": "contact points",
                        "indexes": [
                            models.Index(fields=["kind", "value_key"], name="customers_contactpoint_key"),
                            django.contrib.postgres.indexes.GinIndex(
                                fields=["value_key"], name="customers_contactpoint_part", opclasses=["gin_trgm_ops"]
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at__isnull", True)),
                                fields=("customer", "kind", "value_key"),
                                name="customers_contactpoint_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Address",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "customer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="addresses",
                                to="customers.customer",
                                verbose_name="customer",
                            ),
                        ),
                        ("label", models.CharField(blank=True, db_default="", max_length=60, verbose_name="label")),
                        ("family_name", models.CharField(blank=True, db_default="", max_length=120, verbose_name="family name")),
                        ("given_name", models.CharField(blank=True, db_default="", max_length=120, verbose_name="given name")),
                        ("family_kana", models.CharField(blank=True, db_default="", max_length=120, verbose_name="family name (kana)")),
                        ("given_kana", models.CharField(blank=True, db_default="", max_length=120, verbose_name="given name (kana)")),
                        ("organisation_name", models.CharField(blank=True, db_default="", max_length=160, verbose_name="organisation")),
                        ("country", models.CharField(db_default="JP", max_length=2, verbose_name="country")),
                        ("postal_code", models.CharField(blank=True, db_default="", max_length=16, verbose_name="postal code")),
                        ("prefecture", models.CharField(blank=True, db_default="", max_length=60, verbose_name="prefecture")),
                        ("city", models.CharField(blank=True, db_default="", max_length=120, verbose_name="city")),
                        ("street", models.CharField(blank=True, db_default="", max_length=200, verbose_name="street and number")),
                        ("building", models.CharField(blank=True, db_default="", max_length=200, verbose_name="building")),
                        ("phone", models.CharField(blank=True, db_default="", max_length=32, verbose_name="phone")),
                        (
                            "number_key",
                            models.CharField(
                                blank=True, db_default="", editable=False, max_length=64, verbose_name="block numbers for comparing"
                            ),
                        ),
                        ("is_default", models.BooleanField(db_default=False, verbose_name="default")),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                        ("version", models.PositiveIntegerField(db_default=1, editable=False, verbose_name="version")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "address",
                        "verbose_name_plural": "addresses",
                        "indexes": [models.Index(fields=["postal_code", "number_key"], name="customers_address_place")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at__isnull", True), ("is_default", True)),
                                fields=("customer",),
                                name="customers_address_one_default",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Household",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "company",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.company", verbose_name="company"
                            ),
                        ),
                        ("name", models.CharField(blank=True, db_default="", max_length=120, verbose_name="name")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "household",
                        "verbose_name_plural": "households",
                    },
                ),
                migrations.CreateModel(
                    name="HouseholdMember",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "household",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="members",
                                to="customers.household",
                                verbose_name="household",
                            ),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.customer",
                                verbose_name="customer",
                            ),
                        ),
                        ("role", models.CharField(blank=True, db_default="", max_length=60, verbose_name="role")),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                    ],
                    options={
                        "verbose_name": "household member",
                        "verbose_name_plural": "household members",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at__isnull", True)), fields=("customer",), name="customers_householdmember_one"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Consent",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("actor_kind", models.CharField(db_default="system", editable=False, max_length=16)),
                        ("actor_id", models.CharField(db_default="system", editable=False, max_length=64)),
                        ("actor_label", models.CharField(db_default="", editable=False, max_length=128)),
                        ("on_behalf_of", models.CharField(db_default="", editable=False, max_length=64)),
                        (
                            "customer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="consents",
                                to="customers.customer",
                                verbose_name="customer",
                            ),
                        ),
                        (
                            "brand",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.brand",
                                verbose_name="brand",
                            ),
                        ),
                        (
                            "channel",
                            core.fields.EnumField(
                                max_length=32,
                                values=["web", "app", "chat", "mail", "sns", "call", "sms", "store", "paper"],
                                verbose_name="channel",
                            ),
                        ),
                        (
                            "purpose",
                            core.fields.EnumField(
                                max_length=32, values=["advertising", "survey", "profiling", "terms"], verbose_name="purpose"
                            ),
                        ),
                        ("status", core.fields.EnumField(max_length=32, values=["given", "withdrawn"], verbose_name="status")),
                        ("source", models.CharField(max_length=120, verbose_name="source")),
                        ("wording", models.CharField(max_length=120, verbose_name="wording version")),
                        ("at", models.DateTimeField(verbose_name="at")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "consent",
                        "verbose_name_plural": "consents",
                        "indexes": [models.Index(fields=["customer", "channel", "purpose", "-id"], name="customers_consent_latest")],
                    },
                ),
                migrations.CreateModel(
                    name="ContactPreference",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "customer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="contact_preferences",
                                to="customers.customer",
                                verbose_name="customer",
                            ),
                        ),
                        (
                            "channel",
                            core.fields.EnumField(
                                max_length=32,
                                values=["web", "app", "chat", "mail", "sns", "call", "sms", "store", "paper"],
                                verbose_name="channel",
                            ),
                        ),
                        ("preferred", models.BooleanField(db_default=True, verbose_name="preferred")),
                        ("hours", models.CharField(blank=True, db_default="", max_length=120, verbose_name="hours")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "contact preference",
                        "verbose_name_plural": "contact preferences",
                        "constraints": [models.UniqueConstraint(fields=("customer", "channel"), name="customers_contactpreference_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Attribute",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "company",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.company", verbose_name="company"
                            ),
                        ),
                        ("code", models.CharField(max_length=60, verbose_name="code")),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                    ],
                    options={
                        "verbose_name": "attribute",
                        "verbose_name_plural": "attributes",
                        "constraints": [models.UniqueConstraint(fields=("company", "code"), name="customers_attribute_code_once")],
                    },
                ),
                migrations.CreateModel(
                    name="AttributeValue",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "customer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="attribute_values",
                                to="customers.customer",
                                verbose_name="customer",
                            ),
                        ),
                        (
                            "attribute",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.attribute",
                                verbose_name="attribute",
                            ),
                        ),
                        ("value", models.CharField(max_length=255, verbose_name="value")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "attribute value",
                        "verbose_name_plural": "attribute values",
                        "constraints": [models.UniqueConstraint(fields=("customer", "attribute"), name="customers_attributevalue_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Tag",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "company",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.company", verbose_name="company"
                            ),
                        ),
                        ("name", models.CharField(max_length=60, verbose_name="name")),
                        (
                            "visibility",
                            core.fields.EnumField(
                                db_default="staff", max_length=32, values=["customer", "staff"], verbose_name="visibility"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "tag",
                        "verbose_name_plural": "tags",
                        "constraints": [models.UniqueConstraint(fields=("company", "name"), name="customers_tag_name_once")],
                    },
                ),
                migrations.CreateModel(
                    name="CustomerTag",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "customer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tags",
                                to="customers.customer",
                                verbose_name="customer",
                            ),
                        ),
                        (
                            "tag",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.tag", verbose_name="tag"
                            ),
                        ),
                        (
                            "author_kind",
                            core.fields.EnumField(
                                db_default="staff",
                                max_length=32,
                                values=["customer", "staff", "partner", "system", "rule"],
                                verbose_name="author",
                            ),
                        ),
                        ("author_id", models.CharField(blank=True, db_default="", editable=False, max_length=64)),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "customer tag",
                        "verbose_name_plural": "customer tags",
                        "constraints": [models.UniqueConstraint(fields=("customer", "tag"), name="customers_customertag_once")],
                    },
                ),
                migrations.CreateModel(
                    name="CustomerRank",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "company",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.company", verbose_name="company"
                            ),
                        ),
                        (
                            "brand",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.brand",
                                verbose_name="brand",
                            ),
                        ),
                        ("code", models.CharField(max_length=40, verbose_name="code")),
                        ("name", models.CharField(max_length=80, verbose_name="name")),
                        ("level", models.PositiveSmallIntegerField(verbose_name="level")),
                    ],
                    options={
                        "verbose_name": "customer rank",
                        "verbose_name_plural": "customer ranks",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("company", "brand", "code"), name="customers_customerrank_once", nulls_distinct=False
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RankAssignment",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("actor_kind", models.CharField(db_default="system", editable=False, max_length=16)),
                        ("actor_id", models.CharField(db_default="system", editable=False, max_length=64)),
                        ("actor_label", models.CharField(db_default="", editable=False, max_length=128)),
                        ("on_behalf_of", models.CharField(db_default="", editable=False, max_length=64)),
                        (
                            "customer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="ranks",
                                to="customers.customer",
                                verbose_name="customer",
                            ),
                        ),
                        (
                            "rank",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.customerrank",
                                verbose_name="rank",
                            ),
                        ),
                        (
                            "brand",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.brand",
                                verbose_name="brand",
                            ),
                        ),
                        ("from_at", models.DateTimeField(verbose_name="begins at")),
                        ("until_at", models.DateTimeField(blank=True, null=True, verbose_name="ends at")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "rank assignment",
                        "verbose_name_plural": "rank assignments",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("until_at__isnull", True)),
                                fields=("customer", "brand"),
                                name="customers_rankassignment_one_open",
                                nulls_distinct=False,
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PointLot",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "customer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="point_lots",
                                to="customers.customer",
                                verbose_name="customer",
                            ),
                        ),
                        (
                            "brand",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.brand",
                                verbose_name="brand",
                            ),
                        ),
                        ("source", core.fields.EnumField(db_default="free", max_length=32, values=["free", "paid"], verbose_name="source")),
                        ("granted", models.PositiveIntegerField(verbose_name="granted")),
                        ("remaining", models.PositiveIntegerField(verbose_name="remaining")),
                        ("granted_at", models.DateTimeField(verbose_name="granted at")),
                        ("expires_at", models.DateTimeField(blank=True, null=True, verbose_name="expires at")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "point lot",
                        "verbose_name_plural": "point lots",
                        "indexes": [models.Index(fields=["customer", "expires_at", "id"], name="customers_pointlot_soonest")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("remaining__lte", models.F("granted"))), name="customers_pointlot_remaining_within"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PointEntry",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("actor_kind", models.CharField(db_default="system", editable=False, max_length=16)),
                        ("actor_id", models.CharField(db_default="system", editable=False, max_length=64)),
                        ("actor_label", models.CharField(db_default="", editable=False, max_length=128)),
                        ("on_behalf_of", models.CharField(db_default="", editable=False, max_length=64)),
                        (
                            "lot",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="entries",
                                to="customers.pointlot",
                                verbose_name="lot",
                            ),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.customer",
                                verbose_name="customer",
                            ),
                        ),
                        (
                            "kind",
                            core.fields.EnumField(
                                max_length=32, values=["granted", "spent", "returned", "expired", "corrected"], verbose_name="kind"
                            ),
                        ),
                        ("points", models.IntegerField(verbose_name="points")),
                        ("reference", models.CharField(max_length=80, verbose_name="reference")),
                        ("once_key", models.CharField(max_length=120, unique=True, verbose_name="once key")),
                        (
                            "deed_key",
                            models.CharField(
                                help_text="The same for all entries of one grant, spend or return.", max_length=120, verbose_name="deed key"
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="at")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "point entry",
                        "verbose_name_plural": "point entries",
                        "indexes": [
                            models.Index(fields=["customer", "-id"], name="customers_pointentry_newest"),
                            models.Index(fields=["deed_key"], name="customers_pointentry_deed"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Note",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "customer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="notes",
                                to="customers.customer",
                                verbose_name="customer",
                            ),
                        ),
                        ("body", models.TextField(verbose_name="memo")),
                        (
                            "visibility",
                            core.fields.EnumField(
                                db_default="staff", max_length=32, values=["customer", "staff"], verbose_name="visibility"
                            ),
                        ),
                        (
                            "author_kind",
                            core.fields.EnumField(
                                db_default="staff",
                                max_length=32,
                                values=["customer", "staff", "partner", "system", "rule"],
                                verbose_name="author",
                            ),
                        ),
                        ("author_id", models.CharField(blank=True, db_default="", editable=False, max_length=64)),
                        (
                            "author_label",
                            models.CharField(blank=True, db_default="", editable=False, max_length=128, verbose_name="written by"),
                        ),
                        ("show_until_at", models.DateTimeField(blank=True, null=True, verbose_name="shown until")),
                        ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="settled at")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "memo",
                        "verbose_name_plural": "memos",
                        "indexes": [models.Index(fields=["customer", "-id"], name="customers_note_newest")],
                    },
                ),
                migrations.CreateModel(
                    name="DuplicateCandidate",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "company",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.company", verbose_name="company"
                            ),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.customer",
                                verbose_name="customer",
                            ),
                        ),
                        (
                            "other",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.customer",
                                verbose_name="other customer",
                            ),
                        ),
                        ("score", models.SmallIntegerField(verbose_name="score")),
                        ("reasons", models.CharField(max_length=200, verbose_name="reasons")),
                        (
                            "status",
                            core.fields.EnumField(
                                db_default="open", max_length=32, values=["open", "merged", "dismissed"], verbose_name="status"
                            ),
                        ),
                        ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided at")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "duplicate candidate",
                        "verbose_name_plural": "duplicate candidates",
                        "indexes": [models.Index(fields=["company", "status", "-score"], name="customers_duplicate_worklist")],
                        "constraints": [
                            models.UniqueConstraint(fields=("customer", "other"), name="customers_duplicatecandidate_once"),
                            models.CheckConstraint(
                                condition=models.Q(("customer__lt", models.F("other"))), name="customers_duplicatecandidate_ordered"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Merge",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("actor_kind", models.CharField(db_default="system", editable=False, max_length=16)),
                        ("actor_id", models.CharField(db_default="system", editable=False, max_length=64)),
                        ("actor_label", models.CharField(db_default="", editable=False, max_length=128)),
                        ("on_behalf_of", models.CharField(db_default="", editable=False, max_length=64)),
                        (
                            "principal",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.customer",
                                verbose_name="principal",
                            ),
                        ),
                        (
                            "merged",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="customers.customer",
                                verbose_name="merged customer",
                            ),
                        ),
                        ("reason", models.CharField(blank=True, db_default="", max_length=255, verbose_name="reason")),
                        ("at", models.DateTimeField(verbose_name="at")),
                        ("undone_at", models.DateTimeField(blank=True, null=True, verbose_name="undone at")),
                        (
                            "recorded_at",
                            core.fields.RecordedAtField(
                                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "merge",
                        "verbose_name_plural": "merges",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("undone_at__isnull", True)), fields=("merged",), name="customers_merge_one_open"
                            )
                        ],
                    },
                ),
            ]
        ),
    ]
