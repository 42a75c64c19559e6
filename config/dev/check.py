"""`make check`: everything a machine can tell about the sources, a line per look, the whole story only of what failed."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from config.dev import places

HARD_LINES, FILE_KINDS = 500, ("*.py",)
NOT_COUNTED = ("/migrations/", "benchmarks/floor/")
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "SECRET_KEY": "only-to-look-at-the-settings-0123456789-abcdefghijklmnopqrstuvwxyz",
    "DATABASE_URL": "postgresql://nobody@localhost/nothing",
    "REDIS_URL": "redis://localhost:6379",
    "EMAIL_URL": "smtp://localhost:25",
    "DEFAULT_FROM_EMAIL": "shop@example.com",
    "ALLOWED_HOSTS": "shop.example.com",
}
PYTHON = sys.executable
MANAGE = (PYTHON, "manage.py")


@dataclass(frozen=True)
class Look:
    """One thing to look at: a command that ends with 0 when all is well, or a function that returns complaints."""

    name: str
    command: tuple[str, ...] = ()
    environment: dict[str, str] | None = None
    function: Callable[[], list[str]] | None = None


def main() -> int:
    looks = (
        Look("format", (PYTHON, "-m", "ruff", "format", "--check", "--output-format", "concise", ".")),
        Look("lint", (PYTHON, "-m", "ruff", "check", "--output-format", "concise", ".")),
        Look("import contracts", (PYTHON, "-c", "from importlinter.cli import lint_imports_command as c; c()")),
        Look("file sizes", function=too_long),
        Look("registry names", function=naming_registries),
        Look("settings for tests", (*MANAGE, "check", "--settings", "config.settings.test")),
        Look("settings for production", (*MANAGE, "check", "--deploy", "--fail-level", "WARNING"), PRODUCTION),
        Look("secrets refused", function=defaults_accepted),
        Look("migrations", (PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/architecture/test_migrations.py")),
        Look("translations", (*MANAGE, "messages", "--check")),
        Look("types", (PYTHON, "-m", "mypy", ".")),
    )
    failed = [look.name for look in looks if not _passes(look)]
    print(f"check: {', '.join(failed)} failed" if failed else f"check: all {len(looks)} looks are well")
    return 1 if failed else 0


def _passes(look: Look) -> bool:
    began = time.monotonic()
    if look.function is not None:
        said = "\n".join(look.function())
        well = not said
    else:
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test", **(look.environment or {})}
        done = subprocess.run(
            look.command, cwd=places.ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        said, well = f"{done.stdout}{done.stderr}".strip(), done.returncode == 0
    print(f"{'ok  ' if well else 'FAIL'} {look.name} ({time.monotonic() - began:.1f} s)", flush=True)
    if not well:
        print(said, flush=True)
    return well


def _committed(*patterns: str) -> list[str]:
    listed = subprocess.run(("git", "ls-files", "-z", *patterns), cwd=places.ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.split("\0") if name and (places.ROOT / name).is_file()]


def too_long() -> list[str]:
    """Files past the hard size budget."""
    said = []
    for name in _committed(*FILE_KINDS):
        if not any(part in name for part in NOT_COUNTED):
            count = len((places.ROOT / name).read_text(encoding="utf-8").splitlines())
            if count > HARD_LINES:
                said.append(f"{name}: {count} lines, {HARD_LINES} at most: it is two rooms by now")
    return said


def naming_registries() -> list[str]:
    """Committed files that name a package registry's host: installing must follow the machine's own settings."""
    hosts = ("pypi" + ".org", "files.python" + "hosted.org", "registry." + "npmjs")
    said = []
    for name in _committed():
        try:
            text = (places.ROOT / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        said += [f"{name} names {host}" for host in hosts if host in text]
    return said


def defaults_accepted() -> list[str]:
    """Variables production starts without, though it must not."""
    said = []
    for name in ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "ALLOWED_HOSTS"):
        told = {**os.environ, **PRODUCTION, name: ""}
        done = subprocess.run(
            (PYTHON, "-c", "import config.settings.production"), cwd=places.ROOT, env=told, capture_output=True, text=True, check=False
        )
        if done.returncode == 0 or name not in done.stderr:
            said.append(f"production settings load without {name}, or do not name it")
    return said


if __name__ == "__main__":
    sys.exit(main())
