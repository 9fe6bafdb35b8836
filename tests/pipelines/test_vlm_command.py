"""The `vllm serve` command that `octavo vlm up` makes."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from octavo.errors import MissingExtra, UnknownComponent
from octavo.pipelines.settings import Settings
from octavo.pipelines.vlm.command import serve_command, settings_for, vllm_executable
from octavo.tests.pipelines.command import octavo


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


def test_unknown_profiles_are_named() -> None:
    with pytest.raises(UnknownComponent, match="tpu"):
        serve_command("tpu")  # type: ignore[arg-type]


def test_a_missing_vllm_is_told_with_its_cure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OCTAVO_VLLM", str(tmp_path / "vllm"))
    with pytest.raises(MissingExtra) as caught:
        vllm_executable()
    assert "OCTAVO_VLLM" in str(caught.value)
    assert "octavo vlm up --print" in str(caught.value)
