"""Mail, cache and broker addresses, against real servers."""

from email import message_from_bytes, policy
from pathlib import Path

import pytest
from django.core.mail import send_mail
from django.test import Client

from config.addresses import redis_addresses
from config.cache import ForgivingRedisCache


def test_a_mail_goes_out_over_smtp_and_can_be_read(sent_mail: Path) -> None:
    send_mail("ご注文ありがとうございます", "本文：髙橋様", "shop@example.com", ["taro@example.com"])

    (kept,) = sent_mail.glob("*.eml")
    mail = message_from_bytes(kept.read_bytes(), policy=policy.default)
    assert mail["Subject"] == "ご注文ありがとうございます"
    assert mail["X-Envelope-To"] == "taro@example.com"
    assert mail.get_content().strip() == "本文：髙橋様"


def test_what_the_cache_is_told_it_knows(redis_url: str) -> None:
    cache = ForgivingRedisCache(redis_addresses(redis_url).cache, {})

    cache.set("word", "大福帳", 30)

    assert cache.get("word") == "大福帳"
    assert cache.incr("count" if cache.add("count", 0) else "", 2) == 2
    assert cache.get_many(["word", "none"]) == {"word": "大福帳"}


def test_a_cache_that_is_down_is_an_empty_cache() -> None:
    cache = ForgivingRedisCache("unix:///nowhere/r.sock?db=3", {})

    assert cache.get("word") is None
    assert cache.get("word", "otherwise") == "otherwise"
    assert cache.get("word", default="otherwise") == "otherwise"
    assert cache.get_many(["word"]) == {}
    assert cache.add("word", 1) is True
    assert cache.set("word", 1) is None
    assert cache.delete("word") is False
    assert cache.incr("word") == 1


@pytest.mark.parametrize(
    ("url", "broker", "cache"),
    [
        pytest.param("unix:///s/r.sock", "redis+socket:///s/r.sock?virtual_host=1", "unix:///s/r.sock?db=3", id="socket"),
        pytest.param("redis://host:6379", "redis://host:6379/1", "redis://host:6379/3", id="host"),
        pytest.param("rediss://:pw@host/0?ssl=1", "rediss://:pw@host/1?ssl=1", "rediss://:pw@host/3?ssl=1", id="tls"),
    ],
)
def test_broker_and_cache_live_in_databases_of_their_own(url: str, broker: str, cache: str) -> None:
    addresses = redis_addresses(url)

    assert (addresses.broker, addresses.cache) == (broker, cache)


@pytest.mark.django_db
def test_pages_carry_a_content_policy_and_only_the_back_office_a_looser_one(client: Client) -> None:
    shop = client.get("/nothing-here")["Content-Security-Policy"]
    office = client.get("/admin/login/")["Content-Security-Policy"]

    assert "unsafe" not in shop
    assert "'unsafe-eval'" in office
    assert "frame-ancestors 'none'" in office
