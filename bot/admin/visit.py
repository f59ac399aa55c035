"""One request of somebody at the console: who she is, what she posted, and the ways to answer her."""

from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from aiohttp import web
from jinja2 import Environment
from markupsafe import Markup

from bot.accounts import Account
from bot.admin.desk import Desk, Page
from bot.admin.form import EMPTY, FIELD, Form
from bot.admin.said import Speech, urged

HOME = "/admin/"


T = TypeVar("T")


def there(thing: T | None) -> T:
    """What an address names; where there is none, nothing is at that address."""
    if thing is None:
        raise web.HTTPNotFound
    return thing


def place(path: str) -> str:
    """An address as a header may hold it: what somebody wrote into it ends no line."""
    return quote(path, safe="!#$%&'()*+,/:;=?@[]~")


class Visit:
    """Handed to a page's handler. On a public page nobody is signed in: `signed` says so."""

    def __init__(
        self,
        desk: Desk,
        page: Page,
        request: web.Request,
        speech: Speech,
        templates: Environment,
        account: Account | None,
    ) -> None:
        self.desk = desk
        self.page = page
        self.request = request
        self.speech = speech
        self.form: Form = EMPTY
        self.token = ""
        self.proof = ""
        self.menu: list[Page] = []
        self._templates = templates
        self._account = account

    @property
    def signed(self) -> bool:
        return self._account is not None

    @property
    def account(self) -> Account:
        assert self._account is not None, "a public page asks nobody's account"  # noqa: S101
        return self._account

    @property
    def now(self) -> int:
        return self.desk.clock()

    @property
    def query(self) -> dict[str, str]:
        return dict(self.request.query)

    def say(self, key: str, **values: object) -> str:
        return self.speech.say(key, **values)

    def named(self, name: str) -> str:
        """A part of the address, as the page's path calls it."""
        return self.request.match_info[name]

    def show(self, template: str, status: int = 200, **values: Any) -> web.Response:
        """A page of the frame; templates call `t("key")` for words, and have `visit`."""
        html = self._templates.get_template(template).render(
            visit=self,
            t=self.speech.say,
            speech=self.speech,
            said=self._notice(),
            csrf=self._field,
            **values,
        )
        return web.Response(text=html, status=status, content_type="text/html", charset="utf-8")

    def go(self, path: str, said: str = "", **query: str) -> web.Response:
        """To another page by GET, which then says that key: what was posted is not posted again."""
        asked = urlencode(urged({**query, "said": said}))
        return web.Response(
            status=303, headers={"Location": place(f"/admin{path}" + (f"?{asked}" if asked else ""))}
        )

    async def note(self, what: str, subject: str, before: str = "", after: str = "") -> None:
        """In the audit log; call it before the change itself."""
        await self.desk.audit.note(self.now, self.account.name, what, subject, before, after)

    def _field(self) -> Markup:
        """What every form of ours carries: `{{ csrf() }}` inside each `<form method="post">`."""
        return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, self.proof)

    @property
    def section(self) -> str:
        """The place of the menu that this page belongs to."""
        return "/" + self.page.path.split("/")[1] if self.page.path else "/"

    def _notice(self) -> str:
        key = self.request.query.get("said", "")
        return self.say(key) if key.startswith("said.") and self.speech.knows(key) else ""
