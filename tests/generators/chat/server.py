"""A local HTTP server that speaks OpenAI's protocol as vLLM 0.32 does, and fails as real servers do when told to.

What each chat request meets is a `Fate`: a function of the connection and the request. Those not told are answered
with `Server.reply`. The bodies are what vLLM sends, less the fields that nobody reads.
"""

from __future__ import annotations

import json
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODEL = "tiny"
CONTEXT = 4096
PICTURES = 4
USAGE = {
    "prompt_tokens": 42,
    "completion_tokens": 3,
    "total_tokens": 45,
    "prompt_tokens_details": {"cached_tokens": 16},
}


class Server:
    """`fates` are met in order; `asked` keeps the bodies of requests that met one; `hung_up`: a client went away.

    Requests to `paths` meet fates.
    """

    def __init__(self) -> None:
        self.fates: list[Fate] = []
        self.asked: list[dict[str, Any]] = []
        self.times: list[float] = []
        self.keys: list[str | None] = []
        self.hung_up = threading.Event()
        self.guard = threading.Lock()
        self.now = self.most = 0
        self.vllm = True
        self.paths = {"/v1/chat/completions"}
        self.base_url = ""

    def reply(self, words: str = "Revenue grew [1].") -> Fate:
        return whole(words)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    host: Server

    def do_GET(self) -> None:
        if self.path != "/v1/models":
            self.answer(404, {"detail": "Not Found"})
        elif self.host.vllm:
            self.answer(200, {"data": [{"id": MODEL, "object": "model", "owned_by": "vllm", "max_model_len": CONTEXT}]})
        else:
            self.answer(200, {"data": [{"id": MODEL, "object": "model", "owned_by": "someone"}]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        host = self.host
        if self.path == "/tokenize" and host.vllm and self.path not in host.paths:
            self.tokenize(body)
        elif self.path not in host.paths:
            self.answer(404, {"detail": "Not Found"})
        else:
            with host.guard:
                fate = host.fates.pop(0) if host.fates else host.reply()
                host.asked.append(body)
                host.times.append(time.monotonic())
                host.keys.append(self.headers["Authorization"])
                host.now += 1
                host.most = max(host.most, host.now)
            try:
                fate(self, body)
            finally:
                with host.guard:
                    host.now -= 1

    def tokenize(self, body: dict[str, Any]) -> None:
        pictures = sum(
            part["type"] == "image_url" for message in body.get("messages", []) for part in message["content"]
        )
        if pictures > PICTURES:
            said = (
                f"At most {PICTURES} image(s) may be provided in one prompt. Set `--limit-mm-per-prompt` to increase."
            )
            self.refuse(400, said, "BadRequestError")
        else:
            tokens = list(range(len(body["prompt"].split())))
            self.answer(200, {"count": len(tokens), "max_model_len": CONTEXT, "tokens": tokens, "token_strs": None})

    def refuse(self, status: int, said: str, kind: str = "InternalServerError", **headers: str) -> None:
        self.answer(status, {"error": {"message": said, "type": kind, "param": None, "code": status}}, **headers)

    def answer(self, status: int, body: dict[str, Any], **headers: str) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def event(self, body: dict[str, Any] | str) -> None:
        data = f"data: {body if isinstance(body, str) else json.dumps(body)}\n\n".encode()
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def reset(self) -> None:
        """Ends the connection with RST, as a killed process does."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def wait_for_hang_up(self, seconds: float = 5.0) -> bool:
        """Whether the client closes its end in time; noted in the server's `hung_up`."""
        if select.select([self.connection], [], [], seconds)[0] and not self.connection.recv(1, socket.MSG_PEEK):
            self.host.hung_up.set()
            self.close_connection = True
            return True
        return False

    def log_message(self, format: str, *args: object) -> None:
        pass


Fate = Callable[[Handler, dict[str, Any]], None]


def whole(text: str, *, logprobs: dict[str, float] | None = None, seconds: float = 0.0, finish: str = "stop") -> Fate:
    """A good reply, in whichever way it was asked for."""

    def fate(to: Handler, body: dict[str, Any]) -> None:
        time.sleep(seconds)
        if body.get("stream"):
            return streamed(text, finish=finish)(to, body)
        choice: dict[str, Any] = {"index": 0, "finish_reason": finish, "logprobs": None}
        choice["message"] = {"role": "assistant", "content": text}
        if logprobs:
            top = [{"token": token, "logprob": value, "bytes": None} for token, value in logprobs.items()]
            choice["logprobs"] = {"content": [{**top[0], "top_logprobs": top}]}
        to.answer(200, _body("chat.completion", choices=[choice], usage=USAGE))
        return None

    return fate


def streamed(
    text: str,
    *,
    cut: int | None = None,
    end: Callable[[Handler], Any] = Handler.reset,
    thoughts: int = 0,
    pause: float = 0.0,
    finish: str = "stop",
) -> Fate:
    """A streamed reply, word by word, after so many `thoughts`, each `pause` seconds after the piece before it.

    After `cut` words comes `end` instead of the rest.
    """

    def fate(to: Handler, body: dict[str, Any]) -> None:
        to.send_response(200)
        to.send_header("Content-Type", "text/event-stream; charset=utf-8")
        to.send_header("Transfer-Encoding", "chunked")
        to.end_headers()
        to.event(_chunk({"role": "assistant", "content": ""}))
        for _ in range(thoughts):
            time.sleep(pause)
            to.event(_chunk({"reasoning_content": "hm "}))
        for number, word in enumerate(text.split()):
            if number == cut:
                end(to)
                return
            to.event(_chunk({"content": f"{word} "}))
        to.event(_chunk({"content": ""}, finish=finish))
        if body.get("stream_options", {}).get("include_usage"):
            to.event(_body("chat.completion.chunk", choices=[], usage=USAGE))
        to.event("[DONE]")
        to.wfile.write(b"0\r\n\r\n")

    return fate


def refused(status: int, said: str, kind: str = "InternalServerError", **headers: str) -> Fate:
    return lambda to, body: to.refuse(status, said, kind, **headers)


def reset(to: Handler, body: dict[str, Any]) -> None:
    """The connection is lost before any reply."""
    to.reset()


def hanging(to: Handler, body: dict[str, Any]) -> None:
    """No reply, until the client gives up."""
    to.wait_for_hang_up()


def engine_died(to: Handler) -> None:
    """How vLLM tells, within a stream, that its engine is gone."""
    said = "EngineCore encountered an issue. See stack trace (above) for the root cause."
    to.event({"error": {"message": said, "type": "InternalServerError", "param": None, "code": 500}})
    to.event("[DONE]")
    to.wfile.write(b"0\r\n\r\n")


def ended(to: Handler) -> None:
    """The reply stops, as if it was whole, but nothing says that the model finished."""
    to.event("[DONE]")
    to.wfile.write(b"0\r\n\r\n")


def _chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return _body("chat.completion.chunk", choices=[choice])


def _body(kind: str, **fields: Any) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": kind, "created": 1, "model": MODEL, **fields}


@contextmanager
def serving() -> Iterator[Server]:
    """A server on a free port of this machine."""
    host = Server()
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"host": host})) as http:
        http.daemon_threads = True
        host.base_url = f"http://127.0.0.1:{http.server_port}/v1"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield host
        finally:
            http.shutdown()
            thread.join()
