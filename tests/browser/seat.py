"""One person's browser window, and everything that went wrong in it."""

import os
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response

from tests.browser.lender import PASSWORD, Lender

TIMEOUT_MS = 60_000


@dataclass(frozen=True)
class Size:
    width: int
    height: int


PHONE = Size(390, 844)
DESK = Size(1280, 900)


class Seat:
    """A window of its own cookies. `page` is Playwright's; the rest is what every journey does."""

    def __init__(self, browser: Browser, lender: Lender, size: Size, language: str) -> None:
        self.lender, self.size = lender, size
        self.context = browser.new_context(
            base_url=lender.url,
            locale=language,
            viewport={"width": size.width, "height": size.height},
            has_touch=size == PHONE,
            accept_downloads=True,
        )
        self.context.set_default_timeout(TIMEOUT_MS)
        self.page: Page = self.context.new_page()
        self._said: list[tuple[str, str]] = []
        self._wrong: list[str] = []
        self._answered: dict[str, int] = {}
        self.context.on("console", self._console)
        self.context.on("weberror", lambda error: self._wrong.append(f"script error: {error.error}"))
        self.context.on("request", self._request)
        self.context.on("response", self._response)

    # --- what is noticed ------------------------------------------------------------------------------------------
    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._said.append((message.text, message.location.get("url", "")))

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != urlsplit(self.lender.url).netloc:
            self._wrong.append(f"{urlsplit(self.page.url).path} asked another host: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self._wrong.append(f"{response.status} from {response.url}")
        if response.request.resource_type == "document" and response.status >= 400:
            self._answered[response.url] = response.status

    def problems(self) -> list[str]:
        """Console errors (a Content-Security-Policy violation is one), script errors, 5xx, and requests to strangers.

        Chromium also complains on the console of a page answered 4xx, such as a form with a wrong value: what the page
        then shows is the journey's to look at, not a problem. (Where DEBUG is on, Django's own page for 404 stands in
        for ours, and names no icon, so that Chromium looks for one.)
        """
        said = [
            f"console at {url}: {text}"
            for text, url in self._said
            if not (text.startswith("Failed to load resource") and self._expected(url))
        ]
        return said + self._wrong

    def forget(self) -> None:
        self._said.clear()
        self._wrong.clear()

    def _expected(self, url: str) -> bool:
        return url in self._answered or (urlsplit(url).path == "/favicon.ico" and bool(self._answered))

    # --- what everybody does --------------------------------------------------------------------------------------
    def go(self, path: str, status: int = 200) -> Page:
        """Open a page and be answered with a status."""
        answer = self.page.goto(path)
        assert answer is not None and answer.status == status, f"{path}: {answer and answer.status}"
        return self.measure()

    def post(self, path: str, **values: str) -> int:
        """Send an act that the page does not offer, as somebody who knows its address would; the status."""
        token = next((one["value"] for one in self.context.cookies() if one["name"] == "csrftoken"), "")
        form = {"csrfmiddlewaretoken": token, **values}
        return self.context.request.post(path, form=form, headers={"Referer": self.page.url}, max_redirects=0).status

    def press(self, selector: str = "main form button.btn-primary[type=submit]") -> Page:
        """Press a button or follow a link that leads to another page, and wait until that page has come."""
        with self.page.expect_navigation(wait_until="load"):
            self.page.locator(selector).first.click()
        return self.measure()

    def measure(self) -> Page:
        """Every page of the portal must fit the phone it is read on: nothing sticks out of the window to the side."""
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        if self.size == PHONE and wide > PHONE.width and self.page.url not in self._answered:
            self._wrong.append(f"{self.path} is {wide} px wide")
        return self.page

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    def text(self, selector: str = "main") -> str:
        return self.page.locator(selector).first.inner_text()

    def sign_in(self, phone: str) -> "Seat":
        """A customer, with the password the demo printed."""
        self.go("/accounts/login/")
        self.page.fill("#id_login", phone)
        self.page.fill("#id_password", PASSWORD)
        self.press()
        assert self.path == "/home/", self.path
        return self

    def sign_in_at_the_desk(self, name: str, *, let_in: bool = True) -> "Seat":
        """A colleague, by user name; who is let in switches the desk to English."""
        self.go("/admin/")
        self.page.fill("#id_username", name)
        self.page.fill("#id_password", PASSWORD)
        self.press("#login-form button[type=submit]")
        assert self.path == "/admin/", self.path
        if not let_in:
            return self
        self.page.locator("[x-on\\:click*='openUserLinks = !openUserLinks']").click()
        self.press("form[action='/i18n/setlang/']:has(input[value='en']) button")
        assert self.page.locator("html").get_attribute("lang") == "en"
        return self

    def picture(self, name: str, *, down_to: str = "") -> None:
        """Save the window as SCREENSHOTS/<name>.png, where that folder is named; `down_to` makes it high enough to show
        the whole of that element."""
        folder = os.environ.get("SCREENSHOTS")
        if not folder:
            return
        Path(folder).mkdir(parents=True, exist_ok=True)
        box = self.page.locator(down_to).first.bounding_box() if down_to else None
        height = round(box["y"] + box["height"]) + 16 if box else self.size.height
        self.page.set_viewport_size({"width": self.size.width, "height": height})
        self.page.evaluate("document.fonts.ready")
        self.page.wait_for_timeout(1200)  # charts draw themselves
        image = Image.open(BytesIO(self.page.screenshot(animations="disabled", caret="hide")))
        smaller = image.convert("RGB").quantize(256, dither=Image.Dither.NONE)
        smaller.save(Path(folder) / f"{name}.png", optimize=True)
        self.page.set_viewport_size({"width": self.size.width, "height": self.size.height})
