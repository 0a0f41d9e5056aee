"""Who may see the page: no other site's, and nobody without the password."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
import websocket
from selenium.webdriver.common.keys import Keys
from starlette.responses import PlainTextResponse

import page.door
from page.door import COOKIE, MOST_TRIES, Door
from page.settings import read_settings
from tests.kit.browser import Browser
from tests.kit.pages import PASSWORD, Kitchen, Page
from tests.page.axe import check_each, violations

pytestmark = pytest.mark.browser

SOCKET = "/_nicegui_ws/socket.io/?EIO=4&transport="
EVIL = "http://evil.example"


def handshake(page: Page, **more: Any) -> int:
    """The status that a WebSocket's handshake is answered with."""
    try:
        opened = websocket.create_connection(
            f"ws://127.0.0.1:{page.port}{SOCKET}websocket", timeout=10, http_no_proxy=["127.0.0.1"], **more
        )
    except websocket.WebSocketBadStatusException as refusal:
        return int(refusal.status_code)
    opened.close()
    return 101


# ---- other sites ----


@pytest.mark.parametrize("path", ["/", "/lamp?id=kitchen", "/history.csv?id=kitchen", "/login", "/_nicegui/x", "/x"])
def test_another_name_for_this_machine_is_refused(kitchen: Kitchen, path: str) -> None:
    """As a site has it that lets its name point to 127.0.0.1."""
    for host in ("evil.example", f"evil.example:{kitchen.page.port}", "127.0.0.1.evil.example", "[", ""):
        answer = kitchen.page.get(path, Host=host)
        assert answer.status_code in (400, 421), (host, answer.status_code)
        assert "kitchen" not in answer.text


def test_this_machines_own_names_are_welcome(kitchen: Kitchen) -> None:
    for host in ("127.0.0.1", f"127.0.0.1:{kitchen.page.port}", "localhost:1", "[::1]:8080"):
        assert kitchen.page.get("/", Host=host).status_code == 200, host


def test_what_another_site_asks_is_refused(kitchen: Kitchen) -> None:
    own = kitchen.page.url
    for path in ("/", "/history.csv?id=kitchen", f"{SOCKET}polling"):
        assert kitchen.page.get(path, Origin=own).status_code == 200, path
        for origin in (
            EVIL,
            "null",
            f"http://127.0.0.1:{kitchen.page.port}0",
            "http://127.0.0.1",
            f"{own}.evil.example",
        ):
            answer = kitchen.page.get(path, Origin=origin)
            assert answer.status_code == 403, (path, origin)
            assert "access-control-allow-origin" not in answer.headers


def test_its_websocket_as_well(kitchen: Kitchen) -> None:
    assert handshake(kitchen.page, origin=kitchen.page.url) == 101
    for origin in (EVIL, "null", "http://127.0.0.1"):
        assert handshake(kitchen.page, origin=origin) == 403, origin
    assert handshake(kitchen.page, host="evil.example") == 403


def test_a_link_from_another_site_may_be_followed_but_nothing_be_loaded(kitchen: Kitchen) -> None:
    visit = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
    assert kitchen.page.get("/", **visit).status_code == 200
    for mode, kind in (("no-cors", "image"), ("no-cors", "script"), ("cors", "empty"), ("navigate", "iframe")):
        asked = {**visit, "Sec_Fetch_Mode": mode, "Sec_Fetch_Dest": kind}
        assert kitchen.page.get("/history.csv?id=kitchen", **asked).status_code == 403, (mode, kind)


def test_it_is_in_no_other_sites_frame_and_asks_nobody_else(kitchen: Kitchen) -> None:
    for path in ("/", "/history.csv?id=nobody"):
        headers = kitchen.page.get(path).headers
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]


# ---- the password ----


def log_in(browser: Browser, page: Page, password: str) -> None:
    browser.open(page.url)
    browser.one("input[type=password]").send_keys(password)
    browser.button("Come in").click()


def test_without_the_password_one_is_led_to_the_login(locked: Page) -> None:
    answer = locked.get("/", Accept="text/html")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    for path in (
        "/lamp?id=kitchen",
        "/history.csv?id=kitchen",
        f"{SOCKET}polling",
        "/_nicegui/3.18.0/static/nicegui.js",
    ):
        answer = locked.get(path)
        assert answer.status_code == 401, path
        assert answer.text == "The page wants its password: /login\n"


def test_nor_is_its_websocket_opened(locked: Page) -> None:
    assert handshake(locked, origin=locked.url) == 403
    assert handshake(locked, origin=locked.url, cookie=f"{COOKIE}=invented.aaaaaa.bbbbbb") == 403


def test_a_wrong_password_is_refused_and_the_right_one_lets_in(
    locked: Page, kitchen: Kitchen, browser: Browser
) -> None:
    log_in(browser, locked, "correct")
    browser.wait_for("That is not the password.")
    browser.one("input[type=password]").send_keys(PASSWORD)
    browser.button("Come in").click()
    browser.wait_for_lamp("kitchen", "off")
    kitchen.board.set_light(80)
    browser.wait_for_lamp("kitchen", "on")
    [cookie] = [cookie for cookie in browser.driver.get_cookies() if cookie["name"] == COOKIE]
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    session = {"cookie": f"{COOKIE}={cookie['value']}"}
    assert handshake(locked, origin=locked.url, **session) == 101
    assert handshake(locked, origin=EVIL, **session) == 403, "another site, with the session"
    assert locked.get("/history.csv", Cookie=session["cookie"], Origin=EVIL).status_code == 403


def test_a_session_outlives_the_program(locked: Page, kitchen: Kitchen, browser: Browser) -> None:
    log_in(browser, locked, PASSWORD)
    browser.wait_for_lamp("kitchen", "off")
    locked.program.kill()
    locked.start()
    browser.open(locked.url)
    browser.wait_for_lamp("kitchen", "off")


def test_the_login_speaks_the_readers_language(locked: Page, browser: Browser) -> None:
    browser.be(language="zh-CN")
    browser.open(locked.url)
    assert browser.one("label").text == "密码"
    assert browser.run("return document.documentElement.lang") == "zh-CN"


def test_axe_finds_nothing_wrong_with_the_login(locked: Page, browser: Browser, axe: str) -> None:
    def open() -> None:
        browser.open(f"{locked.url}/login")

    check_each(browser, axe, open)
    browser.one("input[type=password]").send_keys("wrong", Keys.ENTER)
    browser.until(lambda: browser.one("[role=alert]").text, "the refusal")
    assert violations(browser, axe) == []


def test_the_password_is_nowhere_in_what_is_sent(locked: Page, browser: Browser) -> None:
    log_in(browser, locked, PASSWORD)
    browser.wait_for_lamp("kitchen", "off")
    assert PASSWORD not in browser.driver.page_source
    assert PASSWORD not in locked.program.text
    secret = locked.folder / "nightlight" / "page-sessions.secret"
    assert secret.stat().st_mode & 0o077 == 0


# ---- the broker's password ----


def test_the_brokers_password_is_never_sent_to_a_browser(kitchen: Kitchen, tmp_path: Path, browser: Browser) -> None:
    url = f"mqtt://lovelace:s3cret-of-the-broker@127.0.0.1:{kitchen.broker.port}"
    with closing(Page(kitchen.broker, tmp_path, "kitchen", broker_url=url)) as page:
        browser.open(page.url)
        browser.wait_for_lamp("kitchen", "off")
        kitchen.broker.kill()
        browser.wait_for("No connection to the broker 127.0.0.1")
        received = [browser.driver.page_source, *browser.received(), page.get("/").text]
        assert any("No connection" in text for text in received[1:]), "the WebSocket's messages are among it"
        assert not [text for text in received if "s3cret" in text or "lovelace" in text]
        assert "s3cret" not in page.program.text
        kitchen.broker.start()


# ---- the door alone ----


@pytest.fixture
def knock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., httpx.Response]:
    """As in knock("10.0.0.1", "wrong"): what the login answers that address."""
    file = tmp_path / "password"
    file.write_text(PASSWORD)
    file.chmod(0o600)
    monkeypatch.delenv("NIGHTLIGHT_ID", raising=False)
    settings = read_settings(["--host", "0.0.0.0", "--page-password-file", str(file), "--keep-in", str(tmp_path)])
    door = Door(PlainTextResponse("within"), settings)

    def knock(address: str, password: str) -> httpx.Response:
        async def post() -> httpx.Response:
            transport = httpx.ASGITransport(door, client=(address, 1))
            async with httpx.AsyncClient(transport=transport, base_url="http://page") as client:
                return await client.post("/login", data={"password": password})

        return asyncio.run(post())

    return knock


def test_too_many_wrong_passwords_are_slowed(
    knock: Callable[..., httpx.Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(MOST_TRIES):
        assert knock("10.0.0.1", "wrong").status_code == 403
    answer = knock("10.0.0.1", PASSWORD)
    assert answer.status_code == 429
    assert "Too many wrong passwords. Try again in a minute." in answer.text
    assert knock("10.0.0.2", PASSWORD).status_code == 303, "others are not"
    monkeypatch.setattr(page.door, "PER", 0.0)  # the minute is over
    assert knock("10.0.0.1", PASSWORD).status_code == 303


def test_the_addresses_that_are_remembered_are_bounded(
    knock: Callable[..., httpx.Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page.door, "MOST_ADDRESSES", 3)
    monkeypatch.setattr(page.door, "MOST_TRIES", 1)
    for number in range(4):
        knock(f"10.0.0.{number}", "wrong")
    assert knock("10.0.0.0", "wrong").status_code == 403, "it was forgotten"
    assert knock("10.0.0.3", "wrong").status_code == 429


@pytest.mark.parametrize("password", ["", "x" * 100_000, "\x00", "Correct horse & <battery>", f"{PASSWORD} ", "密码"])
def test_what_is_not_the_password(knock: Callable[..., httpx.Response], password: str) -> None:
    assert knock("10.0.0.1", password).status_code in (403, 413)


def test_with_another_password_all_sessions_are_over(tmp_path: Path) -> None:
    file = tmp_path / "password"
    cookies, doors = [], []
    for password in ("first", "second"):
        file.write_text(password)
        file.chmod(0o600)
        settings = read_settings(["--page-password-file", str(file), "--keep-in", str(tmp_path)])
        doors.append(Door(PlainTextResponse("within"), settings))

    async def visit() -> None:
        for door, password in zip(doors, ("first", "second"), strict=True):
            transport = httpx.ASGITransport(door)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                entered = await client.post("/login", data={"password": password})
                cookies.append(entered.cookies[COOKIE])
        statuses = []
        for door in doors:
            for cookie in [*cookies, "", "x", json.dumps({}), cookies[0][:-1], "." * 5000]:
                transport = httpx.ASGITransport(door)
                async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                    client.headers["cookie"] = f"{COOKIE}={cookie}"
                    statuses.append((await client.get("/")).status_code)
        assert statuses == [200, 401, *[401] * 5, 401, 200, *[401] * 5]

    asyncio.run(visit())
