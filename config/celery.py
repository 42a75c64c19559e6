"""The Celery application: `celery -A config worker` and `celery -A config beat`, with DJANGO_SETTINGS_MODULE set."""

from typing import Any

from celery import Celery
from celery.signals import setup_logging

app = Celery("daifuku")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def _keep_our_logging(**_given: Any) -> None:
    """Celery leaves the logging as Django's settings made it."""
