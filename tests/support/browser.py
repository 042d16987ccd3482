"""A headless Chromium, told what to do by Debian's chromedriver (W3C WebDriver, no package)."""

import json
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
# The memory that processes share is small in a container.
_ARGUMENTS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
              "--window-size=1280,2400"]  # fmt: skip
PROGRAMS = ("chromium", "chromedriver")


def missing_programs() -> list[str]:
    return [name for name in PROGRAMS if shutil.which(name) is None]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def wait_for(ask: Any, what: str, seconds: float = 60) -> Any:
    """Return the first answer of `ask` that is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := ask():
            return answer
        time.sleep(0.2)
    raise AssertionError(f"{what} did not come within {seconds} seconds")


class Browser:
    """One window."""

    def __init__(self, port: int) -> None:
        self._base = f"http://127.0.0.1:{port}"
        wait_for(self._is_ready, "chromedriver")
        options = {"args": _ARGUMENTS}
        made = self._send(
            "POST", "/session", {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}}
        )
        self._session = f"/session/{made['sessionId']}"

    def open(self, url: str) -> None:
        self._send("POST", f"{self._session}/url", {"url": url})

    def run(self, script: str) -> Any:
        """Return what a script of the page returns."""
        return self._send("POST", f"{self._session}/execute/sync", {"script": script, "args": []})

    def type(self, css: str, keys: str) -> None:
        """Send keys to the first element of a selector, as a keyboard does."""
        found = wait_for(lambda: self._find(css), css)
        self._send("POST", f"{self._session}/element/{found}/value", {"text": keys})

    def text(self) -> str:
        return self.run("return document.body.innerText") or ""

    def close(self) -> None:
        self._send("DELETE", self._session)

    def _find(self, css: str) -> str | None:
        found = self._send(
            "POST", f"{self._session}/elements", {"using": "css selector", "value": css}
        )
        return found[0][_ELEMENT] if found else None

    def _is_ready(self) -> bool:
        try:
            return self._send("GET", "/status")["ready"]
        except OSError:
            return False

    def _send(self, method: str, path: str, content: Any = None) -> Any:
        data = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(self._base + path, data, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]


@contextmanager
def browser() -> Iterator[Browser]:
    """Give a window of a browser that ends with the test."""
    port = free_port()
    driver = subprocess.Popen(
        ["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        window = Browser(port)
        try:
            yield window
        finally:
            window.close()
    finally:
        driver.terminate()
        driver.wait(10)
