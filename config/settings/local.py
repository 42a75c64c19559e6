"""One machine, for trying and developing."""

from config.settings.base import *  # noqa: F403

DEBUG = True
