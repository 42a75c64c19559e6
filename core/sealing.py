"""Secrets that must be read again are kept closed: with the installation's key, opened with former keys too."""

import base64
from hashlib import sha256

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def _box(purpose: str) -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(sha256(f"{purpose}:{key}".encode()).digest())) for key in keys])


def sealed(text: str, *, purpose: str) -> str:
    """The text as it may be stored; ``purpose`` ("core.webhooks") keeps one use from opening another's."""
    return _box(purpose).encrypt(text.encode()).decode()


def opened(stored: str, *, purpose: str) -> str:
    """What was sealed. Raises ``cryptography.fernet.InvalidToken`` where no key of the installation fits."""
    return _box(purpose).decrypt(stored.encode()).decode()
