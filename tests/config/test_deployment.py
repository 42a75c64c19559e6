"""The files for a real deployment say the same as the code: every service can start, is watched, and gets the role it may have."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command, get_commands

from config import healthy
from core.models import Company, SalesChannel, Site
from customers.models import Account

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = ("migrate", "web", "relay", "worker", "webhooks", "beat")


def test_every_process_of_the_house_is_there_with_its_helpers() -> None:
    assert {*OURS, "db", "redis", "mail"} <= set(SERVICES)


@pytest.mark.parametrize("name", ["db", "redis", "mail", "web", "relay", "worker", "webhooks", "beat"])
def test_what_runs_for_good_is_watched_and_comes_back(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_only_migrating_uses_the_owner_of_the_tables() -> None:
    owners = {name for name in OURS if "daifuku_owner" in SERVICES[name]["environment"]["DATABASE_URL"]}

    assert owners == {"migrate"}
    assert "daifuku_app" in SERVICES["web"]["environment"]["DATABASE_URL"]


@pytest.mark.parametrize("name", ["web", "relay", "worker", "webhooks", "beat"])
def test_nothing_serves_before_the_schema_is_current(name: str) -> None:
    assert SERVICES[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_every_variable_asked_for_is_in_the_example_and_the_other_way_round() -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    told = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE))

    assert asked == told


def test_the_example_holds_no_secret() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()

    assert [line for line in lines if re.match(r"(SECRET_KEY|.*PASSWORD)=", line) and not line.endswith("=")] == []


@pytest.mark.parametrize("name", ["relay", "worker", "webhooks", "beat"])
def test_the_commands_are_commands_of_the_house(name: str) -> None:
    command = SERVICES[name]["command"]

    if command[0] == "python":
        assert command[2] in get_commands()
    else:
        assert command[:3] == ["celery", "-A", "config"]


def test_every_queue_that_work_is_sent_to_has_a_worker(settings) -> None:
    served = {word for service in SERVICES.values() for word in service.get("command", ()) if str(word).startswith("daifuku.")}

    assert {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()} == served


def test_migrating_runs_only_commands_that_exist() -> None:
    wanted = re.findall(r"manage\.py (\w+)", (ROOT / "deploy" / "migrate.sh").read_text())

    assert wanted
    assert set(wanted) <= set(get_commands())


def test_the_image_holds_every_app_and_nothing_that_only_developers_need() -> None:
    copied = set(re.findall(r"^COPY (\w+) \./", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE))
    apps = {path.parent.name for path in ROOT.glob("*/apps.py")}

    assert copied == apps


@pytest.mark.parametrize("name", ["web", "relay", "worker", "beat"])
def test_the_health_check_asks_about_its_own_process(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][-1] == name
    assert name in healthy.LOOKS


def test_a_process_that_is_not_there_is_not_healthy() -> None:
    nowhere = {**os.environ, "PORT": "9", "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/nothing"}

    for name in ("web", "relay", "beat"):
        asked = subprocess.run([sys.executable, "-m", "config.healthy", name], cwd=ROOT, env=nowhere, capture_output=True, check=False)
        assert asked.returncode == 1
        assert b"Traceback" not in asked.stderr


def test_an_unknown_process_is_told_apart_from_an_ill_one() -> None:
    assert healthy.main(["kitchen"]) == 2


SHOP = ("--code", "hana", "--name", "花や", "--domain", "hana.example.com", "--email", "shop@hana.example.com", "--administrator", "boss@hana.example.com")  # fmt: skip


@pytest.mark.django_db
def test_an_empty_installation_gets_its_shop_and_its_administrator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMINISTRATOR_PASSWORD", "kouyou-no-yama-17")

    call_command("open_shop", *SHOP)

    assert Site.objects.get(domain="hana.example.com").company == Company.objects.get(code="hana")
    assert set(SalesChannel.objects.filter(company__code="hana").values_list("code", flat=True)) == {"web", "phone"}
    administrator = Account.objects.get(email="boss@hana.example.com")
    assert administrator.is_superuser
    assert administrator.check_password("kouyou-no-yama-17")


@pytest.mark.django_db
def test_opening_twice_changes_nothing_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMINISTRATOR_PASSWORD", "kouyou-no-yama-17")
    call_command("open_shop", *SHOP)

    with pytest.raises(CommandError, match="signs in here already"):
        call_command("open_shop", *SHOP)

    assert Account.objects.filter(kind="staff").count() == 1


@pytest.mark.django_db
def test_a_weak_password_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMINISTRATOR_PASSWORD", "12345")

    with pytest.raises(CommandError, match="refused"):
        call_command("open_shop", *SHOP)

    assert not Company.objects.filter(code="hana").exists()
