"""What an operator says of her Africa's Talking account: `[channels.africastalking]` in config.toml."""

from ipaddress import ip_network
from typing import Annotated, Literal

from msgspec import Meta, Struct


class Settings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    username: str = "sandbox"
    api_key: str = ""
    """A secret: only from the environment."""
    api_url: str = ""
    """Where the API is, when not at the provider's own address."""
    sender_id: str = ""
    """The short code or name messages come from; empty: the provider's."""
    callback_key: str = ""
    """What `?key=` must say in every callback; several, separated by commas, while one replaces another."""
    addresses: tuple[str, ...] = ()
    """The networks callbacks may come from (CIDR); empty: any, for the provider publishes no list."""
    rate: Annotated[float, Meta(ge=0)] = 10.0
    """Messages a second, of all workers together; 0: no limit of ours."""
    concurrency: Annotated[int, Meta(ge=1, le=1000)] = 64
    """Requests under way at once, of one worker; of the "http" sender."""
    sender: Literal["sdk", "http"] = "sdk"

    def __post_init__(self) -> None:
        if self.api_url and not self.api_url.startswith(("https://", "http://")):
            raise ValueError(f"api_url must begin with https:// or http://, not {self.api_url!r}")
        for address in self.addresses:
            ip_network(address)

    @property
    def callback_keys(self) -> list[str]:
        return [key.strip() for key in self.callback_key.split(",") if key.strip()]

    @property
    def version1(self) -> str:
        """The root of the API; the user name `sandbox` is the provider's own switch to the sandbox."""
        host = "api.sandbox.africastalking.com" if self.username == "sandbox" else "api.africastalking.com"
        return f"{self.api_url.rstrip('/') or f'https://{host}'}/version1"
