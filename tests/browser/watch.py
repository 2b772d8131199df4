"""What went wrong in a browser behind the test's back: script errors, console errors, requests to other machines."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, WebError, WebSocket

AT_HOME = {"127.0.0.1", "localhost", "[::1]"}
NO_JOURNEY = {"about", "blob", "chrome", "chrome-error", "data", "devtools", "file"}

# Errors in the console that JupyterLab itself causes; each with its reason.
KNOWN: tuple[re.Pattern[str], ...] = ()


def watch(context: BrowserContext, faults: list[str]) -> None:
    """Adds a sentence to `faults` for whatever goes wrong in any page of this context from now on."""

    def script_error(error: WebError) -> None:
        faults.append(f"uncaught JavaScript error: {error.error}")

    def console(message: ConsoleMessage) -> None:
        text = f"{message.text} ({message.location.get('url', '')})"
        if message.type == "error" and not any(known.search(text) for known in KNOWN):
            faults.append(f"error in the console: {text}")

    def request(request: Request) -> None:
        if leaves(request.url):
            faults.append(f"request to another machine: {request.url}")

    def socket(socket: WebSocket) -> None:
        if leaves(socket.url):
            faults.append(f"socket to another machine: {socket.url}")

    def page(page: Page) -> None:
        page.on("websocket", socket)

    context.on("weberror", script_error)
    context.on("console", console)
    context.on("request", request)
    context.on("page", page)


def leaves(url: str) -> bool:
    """Whether a request for this address leaves the machine.

    >>> leaves("http://127.0.0.1:8888/lab"), leaves("data:,x"), leaves("https://example.com/"), leaves("//example.com")
    (False, False, True, True)
    """
    parts = urlsplit(url)
    return parts.scheme not in NO_JOURNEY and parts.hostname not in {host.strip("[]") for host in AT_HOME}
