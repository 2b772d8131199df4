"""How any SDK and the aws CLI reach the simulation: an HTTP endpoint on this machine, with a page for the browser.

Each request is answered under one lock, so calls come one after another, as they do in the log. Only this machine is
listened to unless told otherwise, and a page of another site cannot drive it: Host and Origin are checked.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ..simulation import Simulation
from .clock import Clock
from .page import Window
from .session import KEY, SECRET
from .wire import Asked, Reply, answer, failure

LARGEST = 2 * 1024 * 1024
"""How many bytes of body a request may have; a pipeline's definition has a tenth of that."""

LOCAL = ("127.0.0.1", "localhost", "::1")
PATIENCE = 30
"""Seconds of wall time that a connection may be silent."""


class Served(NamedTuple):
    """What is served: the clock with its simulation, what browsers watch of it, and the lock round all."""

    clock: Clock
    lock: threading.Lock
    window: Window


def server(simulation: Simulation, *, host: str = "127.0.0.1", port: int = 0, speed: str = "step") -> Server:
    """An endpoint that is bound and not yet serving: call `serve_forever()`. Port 0 takes a free one. OSError where
    the port is taken; ValueError for what is no speed."""
    return Server((host, port), Served(Clock(simulation, speed), threading.Lock(), Window()))


def environment(endpoint: str, region: str) -> dict[str, str]:
    """What to set so that AWS's tools ask this endpoint, whatever the service: none that the simulation has not may reach a
    real account. The keys are those of AWS's documentation and open nothing."""
    return {"AWS_ENDPOINT_URL": endpoint, "AWS_REGION": region, "AWS_DEFAULT_REGION": region, "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET}


class Server(ThreadingHTTPServer):
    """One thread for each connection; a connection that breaks is nobody's fault."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], served: Served) -> None:
        self.served = served
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, _Connection)

    def server_bind(self) -> None:
        """As the base does, without asking the network for this machine's name."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    @property
    def url(self) -> str:
        name = f"[{self.server_name}]" if ":" in self.server_name else self.server_name
        return f"http://{name}:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


NOTHING = Asked("", "/", {}, b"")


class _Connection(BaseHTTPRequestHandler):
    """One connection: reads requests, writes answers, decides nothing."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "pipeline-sim", ""
    timeout = PATIENCE
    wbufsize = 1 << 16
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        self._reply()

    do_GET = do_HEAD = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_POST

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What is no HTTP gets an answer in AWS's shape, too."""
        self.close_connection = True
        self.command, self.request_version = self.command or "", "HTTP/1.1"
        self._write(failure(NOTHING, "MalformedHttpRequestException", message or "This is no HTTP request.", int(code)))

    def _reply(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, self.path, headers, b"")
        reply = self._against_twice() or self._against(asked)
        if reply is None:
            body = self.rfile.read(int(headers.get("content-length") or 0))
            if len(body) < int(headers.get("content-length") or 0):
                self.close_connection = True  # it broke off in the middle of a request: that was no call
                return
            reply = respond(self.server.served, asked._replace(body=body))
        else:
            self.close_connection = True  # its body is not read
        self._write(reply)

    def _against_twice(self) -> Reply | None:
        """The refusal of a request that says twice how long it is, or where it comes from or goes: which one counts?"""
        twice = [name for name in ("Content-Length", "Host", "Origin") if len(self.headers.get_all(name, [])) > 1]
        return failure(NOTHING, "MalformedHttpRequestException", f"{twice[0]} is given twice.", 400) if twice else None

    def _against(self, asked: Asked) -> Reply | None:
        """The refusal of a request that is not to be read, or None."""
        length = asked.headers.get("content-length", "0")
        if "transfer-encoding" in asked.headers or not (length.isascii() and length.isdecimal()):
            return failure(asked, "SerializationException", "A body must have its Content-Length.", 411)
        if len(length) > 12 or int(length) > LARGEST:
            return failure(asked, "RequestEntityTooLargeException", f"A request may have {LARGEST} bytes.", 413)
        return against_stranger(asked, self.server.server_name, self.server.server_port)

    def _write(self, reply: Reply) -> None:
        self.send_response(reply.status)
        headers = {"Content-Length": str(len(reply.body)), **reply.headers, "X-Content-Type-Options": "nosniff",
                   "Cache-Control": "no-store", **({"Connection": "close"} if self.close_connection else {})}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: calls are in the simulation's own log."""


def against_stranger(asked: Asked, bound: str, port: int) -> Reply | None:
    """A refusal for a request that comes by another name than this server's, or from a page of another site: a browser
    sends Origin, and a name that was made to point here sends its own Host."""
    host, origin = asked.headers.get("host", ""), asked.headers.get("origin")
    names = {bound, *LOCAL}
    if bound not in ("0.0.0.0", "::") and _place(f"//{host}") not in {(name, port) for name in names}:
        return failure(asked, "AccessDeniedException", "This server is not called by that Host.", 403)
    if origin is not None and _place(origin) != _place(f"//{host}"):
        return failure(asked, "AccessDeniedException", "A page of another site may not ask.", 403)
    if asked.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return failure(asked, "AccessDeniedException", "A page of another site may not ask.", 403)
    return None


def _place(url: str) -> tuple[str, int] | None:
    try:
        parts = urlsplit(url)
        return (parts.hostname or "", parts.port or 80)
    except ValueError:
        return None


def respond(served: Served, asked: Asked) -> Reply:
    """Answer a request: the page and the clock by their paths, everything else as AWS's."""
    try:
        with served.lock:
            served.clock.catch_up()
            return _ours(served, asked) or answer(served.clock.simulation, asked)
    except Exception:  # a mistake of ours: told on our own screen, not to the network
        traceback.print_exc()
        return failure(asked, "InternalFailure", "The simulation has made a mistake; its screen says which.", 500)


def _ours(served: Served, asked: Asked) -> Reply | None:
    clock, window = served.clock, served.window
    path, _, query = asked.path.partition("?")
    if "x-amz-target" in asked.headers or "smithy-protocol" in asked.headers or "authorization" in asked.headers:
        return None
    if asked.method in ("OPTIONS", "PATCH"):  # no API of AWS here has such a method; a page of another site would begin so
        return failure(asked, "UnknownOperationException", f"Nothing here is asked by {asked.method}.", 405)
    match ("GET" if asked.method == "HEAD" else asked.method, path):
        case ("GET", "/"):
            return Reply(200, *window.html())
        case ("GET", "/film"):
            return _json(200, window.film(clock, query))
        case ("GET", "/clock"):
            return _json(200, clock.told())
        case ("POST", "/ask"):
            return _asked(served, asked)
        case ("POST", "/clock/advance"):
            return _advance(clock, asked)
    return None


def _asked(served: Served, asked: Asked) -> Reply:
    try:
        return _json(200, served.window.ask(served.clock, asked.body))
    except (ValueError, RecursionError) as problem:
        return failure(asked, "ValidationException", str(problem)[:300] or "The body is nested too deeply.", 400)


def _advance(clock: Clock, asked: Asked) -> Reply:
    try:
        body = json.loads(asked.body or b"{}")
        if not isinstance(body, dict):
            raise ValueError("The body must be an object.")
        made = clock.advance(body)
    except (ValueError, RecursionError) as problem:
        return failure(asked, "ValidationException", str(problem)[:300] or "The body is nested too deeply.", 400)
    return _json(200, {**clock.told(), "recorded": made})


def _json(status: int, value: Any) -> Reply:
    return Reply(status, {"Content-Type": "application/json"}, json.dumps(value, ensure_ascii=False).encode())
