"""A real vLLM: a tiny model of random weights, served by `octavo vlm up` for as long as these tests run."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from octavo.tests.pipelines.command import COMMAND, hears_signals
from octavo.tests.vllm.tiny import write_tiny_vlm

CONTEXT, PICTURES = 4096, 4
MODEL = "tiny"
_START_S = 240


class Served(NamedTuple):
    """A running `octavo vlm up`: its process, what it printed, and vLLM's log."""

    process: subprocess.Popen[bytes]
    port: int
    printed: Path
    log: Path

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.address}/v1"

    def stop(self) -> int:
        """As Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def served(model: Path, folder: Path, *more: str) -> Iterator[Served]:
    """`octavo vlm up` until its settings are printed; `more` goes to vLLM."""
    port, printed, log = free_port(), folder / "printed", folder / "vllm.log"
    arguments = ["vlm", "up", "--profile", "cpu-tiny", "--model", str(model), "--served-name", MODEL]
    arguments += ["--port", str(port), "--context", str(CONTEXT), "--pictures", str(PICTURES), "--log", str(log)]
    with printed.open("wb") as output:
        process = subprocess.Popen(
            [*COMMAND, *arguments, "--", *more],
            stdout=output,
            stderr=output,
            env=os.environ,
            preexec_fn=hears_signals,
        )
    running = Served(process, port, printed, log)
    deadline = time.monotonic() + _START_S
    try:
        while "OCTAVO__GENERATOR__KIND" not in printed.read_text():
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"vLLM did not start: {printed.read_text()}\n{log.read_text()[-3000:]}", pytrace=False)
            time.sleep(0.2)
        yield running
    finally:
        if process.poll() is None:
            running.stop()


@pytest.fixture(scope="session")
def tiny_vlm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_vlm(tmp_path_factory.mktemp("tiny-vlm"))


@pytest.fixture(scope="session")
def vllm(tiny_vlm: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    # Log-probabilities are told with the bias that a test asks for: a random model has its own idea of a likely word.
    with served(tiny_vlm, tmp_path_factory.mktemp("vllm"), "--logprobs-mode", "processed_logprobs") as running:
        yield running
