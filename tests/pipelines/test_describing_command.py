"""The real `octavo describe`, killed and interrupted while a server writes: nothing is lost, or asked for again."""

from __future__ import annotations

import hashlib
import os
import pty
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any

import pytest

from octavo import DocumentQA
from octavo.tests.generators.chat.server import MODEL, Handler, Server, serving, whole
from octavo.tests.pipelines.album import read_drawn, write
from octavo.tests.pipelines.command import COMMAND, hears_signals, octavo
from octavo.tests.pipelines.conftest import PoolHere

ALBUMS = 4  # of two pictures each


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        running.fates.extend([told] * 2 * ALBUMS)
        yield running


def told(to: Handler, body: dict[str, Any]) -> None:
    """Something else of each picture, after a while."""
    content = body["messages"][-1]["content"]
    (picture,) = (part["image_url"]["url"] for part in content if part["type"] == "image_url")
    whole(f"It shows {hashlib.sha256(picture.encode()).hexdigest()}.", seconds=0.2)(to, body)


def silent(to: Handler, body: dict[str, Any]) -> None:
    """Nothing, for longer than anybody waits here."""
    to.wait_for_hang_up(100)


@pytest.fixture
def open_(
    tmp_path: Path, quick: dict[str, Any], pool: type[PoolHere], server: Server, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], DocumentQA]:
    """A library of some pictures."""
    monkeypatch.setattr(pool, "read", read_drawn)
    vlm = {"base_url": server.base_url, "model": MODEL}
    opened = partial(DocumentQA.open, tmp_path / "library", **quick, vlm=vlm)
    with opened() as qa:
        for n in range(ALBUMS):
            qa.add(write(tmp_path / f"album {n}.pdf", 0.1 + n / 10, 0.6 + n / 10))
    return opened


@pytest.fixture
def command(tmp_path: Path, quick: dict[str, Any], server: Server) -> list[str]:
    settings = {"embedder.model": quick["embedder"]["model"], "vlm.base_url": server.base_url, "vlm.model": MODEL}
    options = [f"--set={name}={value}" for name, value in {**settings, "vlm.concurrency": 2}.items()]
    return ["--library", str(tmp_path / "library"), *options, "describe"]


def started(
    command: list[str], stdin: int | IO[bytes] = subprocess.DEVNULL, stderr: int | IO[bytes] = subprocess.PIPE
) -> subprocess.Popen[str]:
    """The command as a process, deaf to no signal: a shell makes its background jobs so."""
    return subprocess.Popen(
        [*COMMAND, *command],
        stdin=stdin,
        stderr=stderr,
        text=True,
        start_new_session=True,
        preexec_fn=hears_signals,
    )


def wait_for(server: Server, requests: int, running: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 60
    while len(server.asked) < requests:
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < end
        time.sleep(0.01)


def kept(qa: DocumentQA) -> int:
    return qa.describe(confirm=lambda _: False).estimate.known


def descriptions(qa: DocumentQA) -> list[str]:
    pages = [qa.page(document.id, 1) for document in qa.documents()]
    return [region.text for page in pages for region in page.regions if region.source == "vlm"]


def completes(open_: Callable[[], DocumentQA], command: list[str], server: Server) -> None:
    """What was described is kept; the same command asks for the rest, and for no more."""
    with open_() as qa:
        assert qa.verify() == []
        assert descriptions(qa) == [], "a document gets all of its descriptions at once"
        known = kept(qa)
    assert 0 < known < 2 * ALBUMS
    server.asked.clear()
    server.fates[:] = [told] * 2 * ALBUMS
    again = octavo(*command)
    assert again.exit_code == 0, again.output
    assert len(server.asked) == 2 * ALBUMS - known
    with open_() as qa:
        assert len(set(descriptions(qa))) == 2 * ALBUMS
        assert kept(qa) == 2 * ALBUMS
        assert qa.status().unfinished == ()
        assert qa.verify() == []


def test_killed_it_goes_on(open_: Callable[[], DocumentQA], command: list[str], server: Server) -> None:
    running = started(command)
    wait_for(server, 6, running)
    os.kill(running.pid, signal.SIGKILL)
    assert running.wait(60) == -signal.SIGKILL
    completes(open_, command, server)


def test_interrupted_it_ends_at_once_and_goes_on(
    open_: Callable[[], DocumentQA], command: list[str], server: Server
) -> None:
    server.fates[:] = [told, told, told, silent, silent]
    running = started(command)
    wait_for(server, 5, running)
    os.kill(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=60)  # less than it would wait for replies
    assert running.returncode == 128 + signal.SIGINT
    assert "interrupted; what was finished is kept, and `octavo describe` goes on there" in said
    assert "Traceback" not in said
    assert server.hung_up.wait(5)
    completes(open_, command, server)


def test_interrupted_at_its_question_it_ends_and_asks_no_model(
    open_: Callable[[], DocumentQA], command: list[str], server: Server
) -> None:
    terminal, ours = pty.openpty()
    with os.fdopen(terminal, "rb", buffering=0) as screen, os.fdopen(ours, "rb") as keyboard:
        running = started(command, keyboard, keyboard)
        assert shows(screen, b"Go on?", 60)
        os.kill(running.pid, signal.SIGINT)
        if not shows(screen, b"Aborted", 10):  # it came before the wait for the answer: Python wakes at the next only
            os.kill(running.pid, signal.SIGINT)
            assert shows(screen, b"Aborted", 60)
        assert running.wait(60) == 1
    assert server.asked == []


def shows(screen: IO[bytes], text: bytes, seconds: float) -> bool:
    """Whether `text` appears in time."""
    end, said = time.monotonic() + seconds, b""
    while text not in said and select.select([screen], [], [], max(end - time.monotonic(), 0))[0]:
        said += screen.read(1 << 12)
    return text in said
