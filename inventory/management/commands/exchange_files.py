"""`manage.py exchange_files`: takes in what lies in the folders of warehouses, and puts there what is to go out."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation import gettext

from core import clock
from core.actor import SYSTEM
from inventory.operations import exchange_folder, folders


class Command(BaseCommand):
    help = "Exchange files with warehouses through the folders below EXCHANGE_ROOT (in, out, done, failed per location)."

    def handle(self, *args: Any, **options: Any) -> None:
        for folder in folders():
            for moved in exchange_folder(folder, root=Path(settings.EXCHANGE_ROOT), actor=SYSTEM, at=clock.now()):
                reason = f": {moved.refusal.text(gettext)}" if moved.refusal else ""
                self.stdout.write(f"{folder.path} {moved.where} {moved.name}{reason}")
