"""Live service. What must be told from outside is asked for by name; nothing here has a default secret."""

from django.core.exceptions import ImproperlyConfigured

from config.settings.base import *
from config.settings.environment import env


def required(name: str) -> str:
    """The variable's value; a start without it stops here, with its name."""
    value = env.str(name, default="").strip()
    if not value:
        raise ImproperlyConfigured(f"{name} must be set in production (see docs/deployment.md)")
    return value


SECRET_KEY = required("SECRET_KEY")
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 10 or "insecure" in SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY must be a long random text of its own: at least 50 characters, not one of the examples")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
for name in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "DEFAULT_FROM_EMAIL", "ALLOWED_HOSTS"):
    required(name)
if CARDS:
    for name in ("CARD_SECRET_KEY", "CARD_PUBLIC_KEY", "CARD_WEBHOOK_SECRETS"):
        if "sandbox" in required(name):
            raise ImproperlyConfigured(f"{name} is the sandbox's: nobody would be charged (see docs/deployment.md)")
if env.bool("WEBHOOKS_TO_LOOPBACK", default=False) or WEBHOOKS_TO_LOOPBACK:
    raise ImproperlyConfigured("WEBHOOKS_TO_LOOPBACK is for tests and the demo: partners would reach this machine's own services")
if "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts of this installation, not *")

CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]  # asked by the machine beside, without TLS
if env.bool("BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=60 * 60 * 24 * 365)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
LANGUAGE_COOKIE_SECURE = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https"
REQUIRE_STAFF_MFA = env.bool("REQUIRE_STAFF_MFA", default=True)
