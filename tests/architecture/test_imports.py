"""Imports go down only, rooms keep to themselves: the contracts of pyproject.toml hold."""

import subprocess
import sys

from config.dev.places import ROOT


def test_the_import_contracts_hold() -> None:
    checked = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout[-4000:]
