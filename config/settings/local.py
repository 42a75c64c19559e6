"""One machine, for trying and developing. `DEBUG=1` shows Django's own error pages."""

import os

from config.dev.servers import noted_addresses

os.environ.update(noted_addresses())

from config.logs import logging_for
from config.settings.base import *
from config.settings.base import MIDDLEWARE, PRIVATE_FILES, env

SECRET_KEY = env.str("SECRET_KEY", default="insecure-local-only-and-never-in-production-0123456789")
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = ["*"]
# Static files are served from where they lie: nothing to collect at start.
STATIC_ROOT = None
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "private": PRIVATE_FILES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
MIDDLEWARE = [*MIDDLEWARE, "config.dev.mailbox.MailboxMiddleware"]  # /dev/mail shows what was sent
OAUTH2_PROVIDER = {**OAUTH2_PROVIDER, "ALLOWED_REDIRECT_URI_SCHEMES": ["http", "https"]}
LOGGING = logging_for(level=env.str("LOG_LEVEL", default="INFO"), readable=True)

ANY_DOMAIN_IS_A_SHOP = True
SERVE_MEDIA = True
WEBHOOKS_TO_LOOPBACK = env.bool("WEBHOOKS_TO_LOOPBACK", default=True)
