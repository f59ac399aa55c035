"""Channels are found by their names, and made from their section of config.toml."""

import msgspec
import pytest

from bot.channels import load
from bot.channels.africastalking import Settings, create
from bot.channels.africastalking.http_sender import HttpSender
from bot.channels.africastalking.sdk_sender import SdkSender
from bot.messages import Outbound, Receipt
from tests.channels.house import KEY, House


def test_a_channel_is_found_by_its_files_name() -> None:
    kinds = load(["africastalking", "simulator"])
    settings = msgspec.convert({"callback_key": KEY, "rate": 3}, kinds["africastalking"].Settings)
    channel = kinds["africastalking"].create(settings)
    assert (channel.name, channel.rate, len(channel.routes(House()))) == ("africastalking", 3.0, 5)
    assert load([]) == {}


def test_a_name_without_a_file_hears_which_there_are() -> None:
    with pytest.raises(LookupError, match="no channel 'orange', only africastalking, simulator"):
        load(["africastalking", "orange"])


async def test_the_simulator_sends_nowhere() -> None:
    kind = load(["simulator"])["simulator"]
    channel = kind.create(kind.Settings())
    assert await channel.sender.send([Outbound("m1", "+22376123456", "Bonjour")]) == [
        Receipt("delivered", provider_id="simulator:m1")
    ]
    assert (channel.name, channel.routes(House())) == ("simulator", [])
    assert (channel.rate, channel.width > 0) == (0, True)
    await channel.sender.close()


@pytest.mark.parametrize(
    ("section", "problem"),
    [
        ({"sender": "carrier pigeon"}, r"carrier pigeon.*\$\.sender"),
        ({"rate": -1}, r">= 0\.0.*\$\.rate"),
        ({"rate": "fast"}, r"float.*\$\.rate"),
        ({"calback_key": KEY}, "calback_key"),
        ({"api_url": "localhost:8080"}, "api_url must begin with https:// or http://"),
        ({"addresses": ["10.0.0.0/33"]}, "10.0.0.0/33"),
    ],
)
def test_a_wrong_setting_is_named(section: dict[str, object], problem: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=problem):
        msgspec.convert(section, Settings)


@pytest.mark.parametrize("key", ["", " ", " , "])
def test_without_a_callback_key_nothing_opens(key: str) -> None:
    with pytest.raises(ValueError, match="callback_key is empty"):
        create(Settings(callback_key=key))


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        (Settings(), "https://api.sandbox.africastalking.com/version1"),
        (Settings(username="mali"), "https://api.africastalking.com/version1"),
        (Settings(api_url="http://127.0.0.1:5000/"), "http://127.0.0.1:5000/version1"),
        (Settings(username="mali", api_url="https://proxy.ml/at"), "https://proxy.ml/at/version1"),
    ],
)
def test_the_user_name_says_which_of_the_providers_addresses(settings: Settings, url: str) -> None:
    assert settings.version1 == url


def test_either_sender_may_be_chosen() -> None:
    assert isinstance(create(Settings(callback_key=KEY)).sender, SdkSender)
    assert isinstance(create(Settings(callback_key=KEY, sender="http")).sender, HttpSender)
