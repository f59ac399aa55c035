"""The official SDK, loaded by the first thread that sends: a tenth of a second that no call should wait for."""

import re
from typing import Final

from africastalking.Service import AfricasTalkingException
from africastalking.SMS import SMSService
from requests import RequestException
from urllib3.exceptions import MaxRetryError

from bot.channels.africastalking import messaging
from bot.channels.africastalking.settings import Settings
from bot.messages import SendError

_GATEWAY_TIMEOUT: Final = re.compile(r"504 gateway time-?out", re.IGNORECASE)


class Service(SMSService):  # type: ignore[misc]  # the SDK has no types
    """The SDK's address is fixed but for this one place."""

    def __init__(self, settings: Settings, timeout: tuple[float, float]) -> None:
        self._version1 = settings.version1
        self._sender_id = settings.sender_id or None
        self._patience = timeout
        super().__init__(settings.username, settings.api_key)

    def _init_service(self) -> None:
        super()._init_service()
        self._baseUrl = self._version1

    def post(self, text: str, numbers: list[str]) -> object:
        """Raises SendError."""
        try:
            return self.send(text, numbers, self._sender_id, timeout=self._patience)
        except AfricasTalkingException as said:  # it keeps the status code to itself
            if _GATEWAY_TIMEOUT.search(str(said)):
                raise messaging.in_doubt("504: somebody before the API lost its patience") from said
            raise messaging.refused(str(said), operator=messaging.NOT_AUTHORISED in str(said)) from said
        except RequestException as broken:
            raise _broken(broken) from broken


def _broken(error: RequestException) -> SendError:
    """Tell what never left (urllib3 wraps that, and only that, in MaxRetryError) from what may have."""
    never_left = bool(error.args) and isinstance(error.args[0], MaxRetryError)
    return messaging.refused(str(error)) if never_left else messaging.in_doubt(str(error))
