"""The web process: `granian --interface wsgi config.wsgi:application`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
os.environ.setdefault("DAIFUKU_PROCESS", "web")

from django.core.wsgi import get_wsgi_application  # noqa: E402  (the kind of process is told before the settings load)

application = get_wsgi_application()
