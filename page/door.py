"""Door: who may see the page. No other site's, nobody without the password, and no request to elsewhere."""

from __future__ import annotations

import hashlib
import hmac
import html
import os
import secrets
import time
from collections import OrderedDict, deque
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from itsdangerous import BadSignature, TimestampSigner
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nightlight.notices import warn
from page.settings import PageSettings, is_loopback
from page.words import Words

COOKIE = "nightlight_session"
A_MONTH = 30 * 86_400  # seconds that a session lasts
MOST_TRIES, PER = 10, 60.0  # so many wrong passwords from an address, in so many seconds
MOST_ADDRESSES = 1_000  # are remembered for that
LONGEST_FORM = 8_000  # bytes

HEADERS = {
    # The page asks this machine for everything, and is in no other site's frame. NiceGUI's own scripts are inline.
    "Content-Security-Policy": "default-src 'self' 'unsafe-inline' 'unsafe-eval'; img-src 'self' data:;"
    " font-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}

LOGIN = """<!doctype html><html lang="{language}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title><style>{style}</style>
<body><main class="login"><h1>{title}</h1><form method="post" action="/login" class="card">
<label>{password} <input type="password" name="password" autocomplete="current-password" required autofocus></label>
<p role="alert" class="fact problem">{problem}</p><button>{come_in}</button></form></main>"""


class Door:
    """Stands before everything that the page answers, WebSockets too (an ASGI middleware)."""

    def __init__(self, app: ASGIApp, settings: PageSettings) -> None:
        self._app = app
        self._is_for_this_machine = is_loopback(settings.host)
        self._password = settings.password
        self._tries: OrderedDict[str, deque[float]] = OrderedDict()
        self._style = (Path(__file__).parent / "look/look.css").read_text(encoding="utf-8")
        if self._password:
            # With another password, all sessions are over.
            key = hashlib.sha256(_secret(settings.keep_in) + self._password.encode()).digest()
            self._signer = TimestampSigner(key, salt="session")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refusal = self._refuse(scope) or await self._ask_for_password(scope, receive)
        if not refusal:
            await self._app(scope, receive, _with_headers(send))
        elif scope["type"] == "http":
            await refusal(scope, receive, _with_headers(send))
        else:
            await send({"type": "websocket.close", "code": 1008})  # before it is accepted: HTTP status 403

    def _refuse(self, scope: Scope) -> Response | None:
        """What no honest browser sends, or sends for somebody else's page."""
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        try:
            name, origin_host = urlsplit(f"//{host}").hostname or "", urlsplit(origin or "").netloc
        except ValueError:
            return PlainTextResponse("Which host is that?\n", status_code=400)
        if self._is_for_this_machine and not is_loopback(name):
            return PlainTextResponse("This page is for its own machine only: http://127.0.0.1\n", status_code=421)
        if origin is not None and origin_host.lower() != host.lower():
            return PlainTextResponse("This page answers no other site.\n", status_code=403)
        is_visit = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
        if headers.get("sec-fetch-site") == "cross-site" and not (is_visit and scope.get("method") == "GET"):
            return PlainTextResponse("This page answers no other site.\n", status_code=403)
        return None

    async def _ask_for_password(self, scope: Scope, receive: Receive) -> Response | None:
        if not self._password or self._has_session(scope):
            return None
        if scope["type"] == "websocket":
            return PlainTextResponse("", status_code=403)
        request = Request(scope, receive)
        words = Words(request.headers.get("accept-language", ""))
        if request.url.path == "/login" and request.method == "POST":
            return await self._log_in(request, words)
        if request.url.path == "/login":
            return self._form(words)
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            return RedirectResponse("/login", status_code=303)
        return PlainTextResponse("The page wants its password: /login\n", status_code=401)

    async def _log_in(self, request: Request, words: Words) -> Response:
        address = request.client.host if request.client else ""
        if self._has_tried_too_often(address):
            return self._form(words, words("Too many wrong passwords. Try again in a minute."), 429)
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > LONGEST_FORM:
                return self._form(words, words("That is not the password."), 413)
        if self._has_tried_too_often(address):  # meanwhile: many may have begun at once
            return self._form(words, words("Too many wrong passwords. Try again in a minute."), 429)
        given = parse_qs(body.decode(errors="replace")).get("password", [""])[0]
        if not hmac.compare_digest(given.encode(), (self._password or "").encode()):
            self._remember_try(address)
            return self._form(words, words("That is not the password."), 403)
        entrance = RedirectResponse("/", status_code=303)
        session = self._signer.sign(secrets.token_hex(16)).decode()
        secure = request.url.scheme == "https"
        entrance.set_cookie(COOKIE, session, max_age=A_MONTH, httponly=True, samesite="lax", secure=secure)
        return entrance

    def _has_session(self, scope: Scope) -> bool:
        cookie = Request({**scope, "type": "http"}).cookies.get(COOKIE, "")
        try:
            self._signer.unsign(cookie, max_age=A_MONTH)
        except BadSignature:
            return False
        return True

    def _form(self, words: Words, problem: str = "", status: int = 200) -> Response:
        texts = {"title": words("Nightlight"), "password": words("Password"), "come_in": words("Come in")}
        texts |= {"problem": problem, "language": "zh-CN" if words.language == "zh" else "en"}
        escaped = {name: html.escape(text) for name, text in texts.items()}
        return HTMLResponse(LOGIN.format(style=self._style, **escaped), status_code=status)

    def _has_tried_too_often(self, address: str) -> bool:
        tries = self._tries.get(address)
        while tries and tries[0] < time.monotonic() - PER:
            tries.popleft()
        return len(tries or ()) >= MOST_TRIES

    def _remember_try(self, address: str) -> None:
        self._tries.setdefault(address, deque()).append(time.monotonic())
        self._tries.move_to_end(address)
        if len(self._tries) > MOST_ADDRESSES:
            self._tries.popitem(last=False)


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(HEADERS)
        await send(message)

    return send_with_headers


def _secret(folder: Path) -> bytes:
    """What sessions are signed with; it outlives this program, so that they do."""
    file = folder / "page-sessions.secret"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with open(os.open(file, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as opened:
            secret = opened.read()
            if len(secret) < 32:
                secret = secrets.token_bytes(32)
                opened.seek(0)
                opened.write(secret)
            return secret
    except OSError as error:
        warn(f"Sessions end with this program, since {file} cannot be used: {error.strerror}.")
        return secrets.token_bytes(32)
