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

    Raises:
        SettingsError: The log cannot be written, or the command not be run.
    """

    def __init__(self, command: Command, address: str, log: Path) -> None:
        self.address, self.log = address, log
        with contextlib.ExitStack() as files:
            try:
                output = files.enter_context(log.open("wb"))
            except OSError as error:
                what = f"the log cannot be written ({error.strerror})"
                raise SettingsError(what, where=str(log), cure="name another file with --log") from error
            try:
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
            except OSError as error:
                what, cure = f"it cannot be run ({error.strerror})", "name the vllm command in OCTAVO_VLLM"
                raise SettingsError(what, where=command.arguments[0], cure=cure) from error

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


def url_of(host: str, port: int) -> str:
    """`http://HOST:PORT`; an IPv6 address stands in brackets."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def check_free(host: str, port: int) -> None:
    """Raises SettingsError when nothing can listen there, e.g. since something does already."""
    try:
        family, *_ = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.create_server((host, port), family=family):
            return
    except socket.gaierror as error:
        what = f"there is no such address ({error.strerror})"
        raise SettingsError(what, where=host, cure="choose another with --host") from error
    except OSError as error:
        what = f"nothing can listen there ({error.strerror})"
        raise SettingsError(what, where=f"{host}:{port}", cure="choose another --port, or --host") from error
