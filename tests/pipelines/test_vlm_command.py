"""The `vllm serve` command that `octavo vlm up` makes, and how it ends. What vLLM itself does, tests/vllm shows."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from octavo.errors import MissingExtra, UnknownComponent
from octavo.pipelines.settings import Settings
from octavo.pipelines.vlm.command import serve_command, settings_for, vllm_executable
from octavo.pipelines.vlm.serving import url_of
from octavo.tests.pipelines.command import COMMAND, alive, hears_signals, octavo, until
from octavo.tests.vllm.conftest import free_port

# A server that never gets ready, with an engine in a process of its own; both take their time to end.
VLLM = """\
#!{python}
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, lambda *_: {on_term})
engine = os.fork() or time.sleep(60)
print("pids", os.getpid(), engine, flush=True)
time.sleep(60)
"""


def flags(arguments: tuple[str, ...]) -> dict[str, str | None]:
    """Flag → value; of a flag said twice the later one, as vLLM takes it."""
    found: dict[str, str | None] = {}
    for here, after in zip(arguments, [*arguments[1:], "--"], strict=True):
        if here.startswith("--"):
            found[here] = None if after.startswith("--") else after
    return found


def test_the_settings_to_use_it() -> None:
    command = serve_command("gpu", "Qwen/Qwen3-VL-4B-Instruct", gpus=1)
    env = settings_for(command, "http://127.0.0.1:8000", "reader")
    settings = Settings.load(env=env)
    assert (settings.vlm.base_url, settings.vlm.model) == ("http://127.0.0.1:8000/v1", "reader")
    assert (settings.generator.kind, settings.generator.processor) == ("vlm", "Qwen/Qwen3-VL-4B-Instruct")
    assert settings.generator.processor_bounds == json.loads(flags(command.arguments)["--mm-processor-kwargs"] or "")
    other = settings_for(serve_command("cpu-tiny"), "http://127.0.0.1:8000")
    assert set(other) == {"OCTAVO__VLM__BASE_URL", "OCTAVO__VLM__MODEL", "OCTAVO__GENERATOR__KIND"}


def test_a_gpu_is_kept_busy_with_pictures_of_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1,2,3")
    command = serve_command("gpu", "Qwen/Qwen3-VL-4B-Instruct", pictures=5)
    assert command.arguments[:3] == ("vllm", "serve", "Qwen/Qwen3-VL-4B-Instruct")
    said = flags(command.arguments)
    assert said["--tensor-parallel-size"] == "4"
    assert json.loads(said["--limit-mm-per-prompt"] or "") == {"image": 5, "video": 0}
    assert json.loads(said["--mm-processor-kwargs"] or "") == {"size": {"shortest_edge": 4096, "longest_edge": 2293760}}
    assert "--enable-prefix-caching" in said
    assert json.loads(said["--structured-outputs-config"] or "")["backend"] == "guidance"
    assert command.environment["OMP_NUM_THREADS"] == "8"
    assert said["--host"] == "127.0.0.1"


@pytest.mark.parametrize(("gpus", "used"), [(1, 1), (2, 2), (3, 2), (6, 4), (7, 4), (8, 8)])
def test_attention_heads_divide_evenly(gpus: int, used: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", ",".join(map(str, range(gpus))))
    assert flags(serve_command("gpu").arguments)["--tensor-parallel-size"] == str(used)
    assert flags(serve_command("gpu", gpus=3).arguments)["--tensor-parallel-size"] == "3"


@pytest.mark.parametrize(
    ("model", "bounds"),
    [
        ("Qwen/Qwen2.5-VL-7B-Instruct", {"min_pixels": 4096, "max_pixels": 2293760}),
        ("OpenGVLab/InternVL3-8B", None),
    ],
)
def test_bounds_of_pixels_are_said_in_the_words_of_the_model(model: str, bounds: dict[str, int] | None) -> None:
    said = flags(serve_command("gpu", model, gpus=1).arguments).get("--mm-processor-kwargs")
    assert (json.loads(said) if said else None) == bounds


def test_arguments_of_ones_own_win() -> None:
    command = serve_command("cpu-tiny", extra=("--max-num-seqs", "2"))
    assert flags(command.arguments)["--max-num-seqs"] == "2"


def test_what_decides_where_the_server_is_found_is_said_to_octavo() -> None:
    for extra in ("--port 9000", "--port=9000", "--served_model_name x", "--host=0.0.0.0", "--model other"):
        found = octavo("vlm", "up", "--print", "--", *extra.split())
        assert found.exit_code == 2
        assert "before the `--`" in found.output
    assert "--served-name" in octavo("vlm", "up", "--print", "--", "--served-model-name", "x").output


@pytest.mark.parametrize("extra", [("--mm-processor-kwargs", "{}"), ("--mm-processor-kwargs={}",)])
def test_settings_follow_arguments_of_ones_own(extra: tuple[str, ...]) -> None:
    said = settings_for(serve_command("gpu", gpus=1, extra=extra), "http://127.0.0.1:8000")
    assert said["OCTAVO__GENERATOR__PROCESSOR_BOUNDS"] == "{}"


@pytest.mark.parametrize(("extra", "env"), [(("--api-key", "s3cret"), ""), (("--api-key=s3cret",), ""), ((), "s3cret")])
def test_a_key_is_asked_for_and_not_told(
    extra: tuple[str, ...], env: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vllm, port = tmp_path / "vllm", free_port()
    vllm.write_text(f"#!{sys.executable}\n{READY}")
    vllm.chmod(0o700)
    monkeypatch.setenv("OCTAVO_VLLM", str(vllm))
    monkeypatch.setenv("VLLM_API_KEY", env)
    printed = octavo("vlm", "up", "--profile", "cpu-tiny", "--port", port, "--log", tmp_path / "log", "--", *extra)
    assert f"export OCTAVO__VLM__BASE_URL=http://127.0.0.1:{port}/v1\n" in printed.output
    assert "OCTAVO__VLM__API_KEY" in printed.output
    assert "s3cret" not in printed.output


# A server that is well, and ends when it was asked for that.
READY = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
port = int(sys.argv[sys.argv.index("--port") + 1])
http.server.HTTPServer(("127.0.0.1", port), Handler).handle_request()
"""


def test_what_is_printed_is_what_a_shell_runs() -> None:
    command = serve_command("cpu-tiny", "a model", context=1024)
    words = shlex.split(str(command))
    assert tuple(words[len(command.environment) :]) == command.arguments
    assert "TORCHDYNAMO_DISABLE=1" in words
    printed = octavo("vlm", "up", "--profile", "cpu-tiny", "--model", "a model", "--context", 1024, "--print")
    assert printed.output == f"{command}\n"


def test_more_arguments_follow_a_double_dash() -> None:
    printed = octavo("vlm", "up", "--profile", "cpu-tiny", "--print", "--", "--max-num-seqs", "2")
    assert printed.output.endswith(" --max-num-seqs 2\n")


@pytest.mark.parametrize("said", [("--profle", "cpu-tiny"), ("--prnt",), ("a/model",)])
def test_what_is_misspelt_does_not_go_to_vllm(said: tuple[str, ...]) -> None:
    found = octavo("vlm", "up", *said, "--print")
    assert found.exit_code == 2
    assert said[0] in found.output
    assert "serve" not in found.output


@pytest.mark.parametrize("where", ["--log", "--host", "OCTAVO_VLLM"])
def test_what_cannot_be_started_is_told_with_its_cure(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "vllm"
    program.write_text("no program" if where == "OCTAVO_VLLM" else "#!/bin/sh\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setenv("OCTAVO_VLLM", str(program))
    given = {"--log": tmp_path / "none" / "log", "--host": "no.such.host.invalid"}
    found = octavo("vlm", "up", "--port", free_port(), *((where, given[where]) if where in given else ()))
    assert found.exit_code == 2
    assert where in found.output.rsplit("\n", 2)[-2]


def test_an_ipv6_address_stands_in_brackets() -> None:
    assert (url_of("::1", 8000), url_of("localhost", 80)) == ("http://[::1]:8000", "http://localhost:80")


def test_unknown_profiles_are_named() -> None:
    with pytest.raises(UnknownComponent, match="tpu"):
        serve_command("tpu")  # type: ignore[arg-type]


def test_a_missing_vllm_is_told_with_its_cure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OCTAVO_VLLM", str(tmp_path / "vllm"))
    with pytest.raises(MissingExtra) as caught:
        vllm_executable()
    assert "OCTAVO_VLLM" in str(caught.value)
    assert "octavo vlm up --print" in str(caught.value)


@pytest.mark.skipif(sys.platform != "linux", reason="tells by /proc what still runs")
@pytest.mark.parametrize(
    ("signals", "on_term"),
    [
        ((signal.SIGINT, signal.SIGINT), "None"),
        ((signal.SIGTERM, signal.SIGINT), "None"),
        ((signal.SIGHUP, signal.SIGTERM), "None"),
        ((signal.SIGINT,), "os.kill(os.getpid(), 9)"),
        ((signal.SIGKILL,), "os.killpg(0, 9)"),
    ],
    ids=lambda value: "+".join(one.name for one in value) if isinstance(value, tuple) else "",
)
def test_nothing_is_left_however_it_is_ended(signals: Sequence[signal.Signals], on_term: str, tmp_path: Path) -> None:
    vllm, log = tmp_path / "vllm", tmp_path / "log"
    vllm.write_text(VLLM.format(python=sys.executable, on_term=on_term))
    vllm.chmod(0o700)
    arguments = ("vlm", "up", "--profile", "cpu-tiny", "--port", str(free_port()), "--log", str(log))
    up = subprocess.Popen(
        [*COMMAND, *arguments],
        env={**os.environ, "OCTAVO_VLLM": str(vllm)},
        preexec_fn=hears_signals,
    )
    until(lambda: log.exists() and "\n" in log.read_text())
    pids = [int(word) for word in log.read_text().split()[1:]]
    for one in signals:
        up.send_signal(one)
        time.sleep(0.3)
    up.wait(10)
    until(lambda: not any(map(alive, pids)))
    assert [pid for pid in pids if alive(pid)] == []
