"""What no page of any journey may do: complain, break its policy, ask elsewhere, or fail."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response, WebError

# The console tells only most of them; this says every one, in words of ours.
TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});
"""


class Watch:
    """Listens to everything that happens in a browser context.

    Args:
        context: the one to listen to, before its first page.
        url: the portal's address, the only one that may be asked.
        script: whether pages may run scripts.
    """

    def __init__(self, context: BrowserContext, url: str, *, script: bool = True) -> None:
        self.complaints: list[str] = []
        self._host = urlsplit(url).netloc
        self._expected: set[int] = set()
        if script:
            context.add_init_script(TELL_VIOLATIONS)
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("request", self._request)
        context.on("response", self._response)

    def expect(self, *statuses: int) -> None:
        """From now on a page may be answered with these; Chromium notes them in its console."""
        self._expected |= set(statuses)

    def check(self) -> None:
        assert not self.complaints, "\n".join(self.complaints)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        text = message.text
        if any(f"responded with a status of {status} " in text for status in self._expected):
            return
        self.complaints.append(f"{_where(message.page)}: {message.type}: {text}")

    def _error(self, error: WebError) -> None:
        self.complaints.append(f"{_where(error.page)}: uncaught: {error.error}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.netloc != self._host:
            self.complaints.append(f"asked elsewhere: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.status}: {response.url}")


def _where(page: Page | None) -> str:
    return page.url if page else "?"
