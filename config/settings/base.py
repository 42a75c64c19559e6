"""Settings every process shares; local, test and production say only what differs."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from config.logs import logging_for
from config.settings.back_office import UNFOLD
from config.settings.cards import *
from config.settings.database import CACHES, DATABASES
from config.settings.environment import BASE_DIR, PROCESS, env
from config.settings.sign_in import *
from config.settings.work import *

SECRET_KEY = env.str("SECRET_KEY", default="insecure-local-only")
DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])

APPS = ["core", "customers", "catalog", "inventory", "billing", "orders", "subscriptions", "campaigns", "contact", "storefront"]

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "oauth2_provider",
    *SIGN_IN_APPS,
    "csp",
    "treebeard",
    "django_htmx",
    "django_celery_beat",
    *APPS,
    "config",
]

MIDDLEWARE = [
    "core.api.gate.Gate",  # first: it names the request and turns away what no view should see
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.content_policy.BackOfficePolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "config.second_factor.SecondFactorFirst",
    "storefront.web.entrance.InTheShop",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",  # last: it turns a locked-out sign-in into an answer
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
AUTH_USER_MODEL = "customers.Account"
OAUTH2_PROVIDER_APPLICATION_MODEL = "customers.PartnerApplication"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", _("Japanese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / app / "locale" for app in ("config", *APPS)]  # before every package's own: our words win
TIME_ZONE = "Asia/Tokyo"
USE_TZ = True
USE_I18N = True
FORMAT_MODULE_PATH = ["config.formats"]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "core" / "templates", BASE_DIR / "config" / "templates"],  # before every package's own: our pages win
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ]
        },
    }
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

STATIC_URL = "/static/"
STATIC_ROOT: Path | None = BASE_DIR / "var" / "static"
MEDIA_URL = "/media/"
MEDIA_ROOT = BASE_DIR / "var" / "media"
INTAKE_SECRETS = env.json("INTAKE_SECRETS", default={})  # {name: {"webhook": [...], "access_token": ...}}: keys of outside shops, by name
TRACKING_SOURCES = env.json(
    "TRACKING_SOURCES", default={}
)  # {company code: {"source": "17track", "token": "…"}}: who is asked about parcels
INTAKE_KEPT_DAYS = env.int("INTAKE_KEPT_DAYS", default=180)  # how long documents of outside counters are kept as they came
PAPERS_KEPT_DAYS = env.int("PAPERS_KEPT_DAYS", default=14)  # how long delivery notes and picking lists are kept as they were printed
EXCHANGE_ROOT = env.str("EXCHANGE_ROOT", default=str(BASE_DIR / "var" / "exchange"))  # the folders that warehouses reach, by SFTP as a rule
SERVE_MEDIA = False  # in production the web server in front, or the object store, gives out pictures
PRIVATE_FILES = {  # photos of cases: never served by a web server, only by a page that knows who may see them
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    "OPTIONS": {"location": env.str("PRIVATE_ROOT", default=str(BASE_DIR / "var" / "private")), "base_url": None},
}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "private": PRIVATE_FILES,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'", *SOCIAL_ORIGINS],
    }
}

REST_FRAMEWORK = {
    "EXCEPTION_HANDLER": "core.api.problems.exception_handler",
    # The house's views name their own; a view that names none is closed to everybody.
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Daifuku API",
    "DESCRIPTION": "Orders, customers, stock and money of a unified commerce core.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v[0-9]+",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
OAUTH2_PROVIDER = {
    # The current practice for OAuth (RFC 9700) in full.
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_REFRESH_TOKEN": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "SCOPES": {
        "orders:read": "Read orders",
        "orders:write": "Place, change and cancel orders",
        "orders:intake": "Hand in orders as outside counters write them",
        "holds:write": "Hold orders and release holds",
        "returns:read": "Read returns, exchanges, claims, repairs, collections and purchases",
        "returns:write": "Ask for, decide, receive, inspect and settle returns, repairs, collections and purchases",
        "shipments:read": "Read shipments",
        "shipments:write": "Record that shipments left",
        "customers:read": "Read customers",
        "customers:write": "Create and change customers",
        "catalog:read": "Read products and prices",
        "catalog:write": "Change products and prices",
        "inventory:read": "Read stock",
        "inventory:write": "Move and count stock",
        "inventory:exchange": "Exchange files with warehouses; instructions hold the addresses of buyers",
        "purchasing:read": "Read what ordered goods cost",
        "purchasing:write": "Draft purchase orders",
        "purchasing:approve": "Approve purchase orders that others drafted",
        "recalls:read": "Read who received a lot, with names and addresses",
        "subscriptions:read": "Read subscription contracts",
        "subscriptions:write": "Skip, pause, resume, change and cancel subscription contracts",
        "cases:read": "Read cases and what was said in them",
        "cases:write": "Open cases and add what was said",
        "billing:read": "Read invoices and payments",
        "billing:write": "Record payments",
        "webhooks:read": "Read webhook endpoints and deliveries of its own",
        "webhooks:write": "Open, change and end webhook endpoints of its own, send again",
    },
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
}

vars().update(env.email_url("EMAIL_URL", default="smtp://localhost:25"))
EMAIL_TIMEOUT = 10
WEBHOOK_PORTS = env.list("WEBHOOK_PORTS", cast=int, default=[443, 8443])  # where partners' endpoints may listen
WEBHOOKS_TO_LOOPBACK = False  # only tests and the demo call this machine itself; production refuses to start with it
ANY_DOMAIN_IS_A_SHOP = False  # only local settings let an unknown domain show the first site
PUBLIC_URL = env.str("PUBLIC_URL", default="http://localhost:8000")  # where mails say the shop is
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Daifuku <shop@daifuku.example>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = logging_for(level=env.str("LOG_LEVEL", default="INFO"), readable=False)
