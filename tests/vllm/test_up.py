"""`octavo vlm up`, with the real vLLM."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from octavo.tests.pipelines.command import alive, descendants, octavo, until
from octavo.tests.vllm.conftest import CONTEXT, MODEL, Served, served

pytestmark = pytest.mark.vllm


def test_serves_the_model_under_its_name_with_its_context(vllm: Served) -> None:
    models = httpx.get(f"{vllm.url}/models").json()["data"]
    assert [(model["id"], model["max_model_len"]) for model in models] == [(MODEL, CONTEXT)]
    printed = vllm.printed.read_text()
    assert f"export OCTAVO__VLM__BASE_URL={vllm.url}\n" in printed
    assert f"export OCTAVO__VLM__MODEL={MODEL}\n" in printed


def test_says_that_its_port_is_taken(vllm: Served, tiny_vlm: Path) -> None:
    found = octavo("vlm", "up", "--model", str(tiny_vlm), "--port", str(vllm.port))
    assert found.exit_code != 0
    assert f"127.0.0.1:{vllm.port}" in found.output
    assert "--port" in found.output


def test_a_model_that_is_none_is_told_with_the_end_of_the_log(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    log = tmp_path / "log"
    found = octavo("vlm", "up", "--profile", "cpu-tiny", "--model", str(tmp_path / "model"), "--log", str(log))
    assert found.exit_code == 1
    assert "vLLM ended with exit code" in found.output
    assert log.read_text().splitlines()[-1][:40] in found.output


def test_stops_with_all_its_processes(tiny_vlm: Path, tmp_path: Path) -> None:
    with served(tiny_vlm, tmp_path) as running:
        processes = descendants(running.process.pid)
        assert len(processes) > 1, "the engine has one of its own"
        assert running.stop() == 0
    assert "vLLM was stopped" in running.printed.read_text()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{running.address}/health")
    assert [pid for pid in processes if alive(pid)] == []


def test_ends_with_the_command_that_is_killed(tiny_vlm: Path, tmp_path: Path) -> None:
    with served(tiny_vlm, tmp_path) as running:
        processes = descendants(running.process.pid)
        running.process.kill()
    until(lambda: not any(map(alive, processes)), 60)
    assert [pid for pid in processes if alive(pid)] == []
