"""A vLLM server as a child of this process: started, awaited, stopped."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from ...errors import ServerUnavailable, SettingsError
from .command import Command

_POLL_S = 0.5
_STOP_S = 20.0  # for open requests to end; then it is killed
_LAST_LINES = 30
_PR_SET_PDEATHSIG = 1  # of prctl(2)


class Server:
    """`vllm serve`, with what it says in `log`. A context manager: leaving it stops the server.

    Args:
        address: where it will listen, e.g. `http://127.0.0.1:8000`.
    """

    def __init__(self, command: Command, address: str, log: Path) -> None:
        self.address, self.log = address, log
        with log.open("wb") as output:
            # A session of its own: Ctrl-C reaches the server once, from here, and its processes end with it.
            self._process = subprocess.Popen(
                command.arguments,
                env={**os.environ, **command.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_ends_with_this_process(),
            )

    def await_health(self, limit_s: float, waiting: Callable[[float], None] = lambda seconds: None) -> None:
        """Returns once the server answers; `waiting` is told the seconds so far.

        Raises:
            ServerUnavailable: It ended, or took longer than `limit_s`; `last_words` says why.
        """
        import httpx

        begun = time.monotonic()
        while (seconds := time.monotonic() - begun) < limit_s:
            if self._process.poll() is not None:
                raise self._failed(f"vLLM ended with exit code {self._process.returncode}")
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.address}/health", timeout=5, trust_env=False).is_success:
                    return
            waiting(seconds)
            time.sleep(_POLL_S)
        raise self._failed(f"vLLM was not ready after {limit_s:g} s")

    def wait(self) -> None:
        """Returns when the server ends by itself, which it should not: raises ServerUnavailable."""
        code = self._process.wait()
        raise self._failed(f"vLLM ended with exit code {code}")

    def stop(self) -> None:
        """Ends the server and its processes: politely first. Who interrupts that does not want to wait."""
        try:
            if self._process.poll() is None:
                self._process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(_STOP_S)
        finally:
            # Its engine is a process of its own, which may outlive a server that was killed or crashed.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def last_words(self) -> list[str]:
        """The end of its log."""
        return self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LAST_LINES:]

    def _failed(self, what: str) -> ServerUnavailable:
        return ServerUnavailable(what, where=self.address, cure=f"its log says why: {self.log}")


def _ends_with_this_process() -> Callable[[], object] | None:
    """What a child calls so that Linux sends it SIGTERM when this thread ends, and be it killed; None elsewhere."""
    if sys.platform != "linux":
        return None
    import ctypes

    return partial(ctypes.CDLL(None).prctl, _PR_SET_PDEATHSIG, signal.SIGTERM)


def check_free(host: str, port: int) -> None:
    """Raises SettingsError when something listens there already."""
    try:
        with socket.create_server((host, port)):
            return
    except OSError as error:
        what = f"nothing can listen there ({error.strerror})"
        raise SettingsError(what, where=f"{host}:{port}", cure="choose another with --port") from error
