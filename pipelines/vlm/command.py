"""The `vllm serve` command for pictures of document pages, by profile."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, get_args

from ...errors import MissingExtra, SettingsError, UnknownComponent
from ...ingest.types import Value

Profile = Literal["gpu", "cpu-tiny"]

MODELS: Mapping[Profile, str] = {"gpu": "Qwen/Qwen3-VL-8B-Instruct", "cpu-tiny": "HuggingFaceTB/SmolVLM-256M-Instruct"}
PICTURES = 8
"""Pictures of one prompt, at most: those of an answer's evidence."""

# A4 at 150 dpi has 2.2 million pixels: more than that shows no smaller print, and costs tokens. The lower bound keeps
# a crop of one line from being magnified.
_PIXELS = (64 * 64, 1280 * 1792)

_GPU: Mapping[str, Any] = {
    "max-model-len": 32768,
    "gpu-memory-utilization": 0.9,
    "enable-prefix-caching": True,  # relevance asks about the same picture again and again
    "max-logprobs": 20,
    "mm-processor-cache-gb": 16,  # 32 MB a page before they are cast: the default of 4 GB holds some hundred
}
_CPU_TINY: Mapping[str, Any] = {
    "dtype": "float32",
    "max-model-len": 8192,
    "max-num-seqs": 8,
    "kv-cache-memory-bytes": 1 << 28,  # without a size vLLM claims nearly all memory, and refuses to start
    "enforce-eager": True,
    "skip-mm-profiling": True,
    "enable-prefix-caching": True,
    "max-logprobs": 20,
    "mm-processor-cache-gb": 0.25,
    "distributed-executor-backend": "uni",
}

_OWNED = {"--host": "--host", "--port": "--port", "--served-model-name": "--served-name", "--model": "--model"}


class Command(Value):
    """A command with the environment it wants beside the usual one."""

    arguments: tuple[str, ...]
    environment: dict[str, str]

    def __str__(self) -> str:
        """As one types it in a shell."""
        said = [f"{name}={shlex.quote(value)}" for name, value in self.environment.items()]
        return " ".join([*said, shlex.join(self.arguments)])


def serve_command(
    profile: Profile,
    model: str | None = None,
    *,
    executable: str = "vllm",
    host: str = "127.0.0.1",
    port: int = 8000,
    served_name: str | None = None,
    pictures: int = PICTURES,
    context: int | None = None,
    gpus: int | None = None,
    extra: tuple[str, ...] = (),
) -> Command:
    """How vLLM is started; `model` is a name or a folder, by default the profile's.

    Args:
        pictures: how many one prompt may show.
        context: tokens of prompt and reply together; the profile's by default.
        gpus: over how many the model is spread; by default the largest power of two of them, since attention heads
            must divide evenly.
        extra: further arguments; they win over the same ones here. SettingsError for those that have an option.
    """
    _check_extra(extra)
    if profile not in get_args(Profile):
        raise UnknownComponent(
            f"there is no profile {profile!r}", where="--profile", cure=f"use {' or '.join(get_args(Profile))}"
        )
    fewest, most = _PIXELS
    flags: dict[str, Any] = dict(_GPU if profile == "gpu" else _CPU_TINY)
    flags |= {"host": host, "port": port, "served-model-name": served_name}
    flags |= {"limit-mm-per-prompt": {"image": pictures, "video": 0}}
    flags |= {"mm-processor-kwargs": _pixel_bounds(model or MODELS[profile], fewest, most)}
    # Models that never close a brace fill a reply with blanks; only this backend can forbid them.
    flags |= {"structured-outputs-config": {"backend": "guidance", "disable_any_whitespace": True}}
    if context is not None:
        flags["max-model-len"] = context
    if profile == "gpu":
        flags["tensor-parallel-size"] = gpus or 1 << (_gpu_count().bit_length() - 1)
    arguments = [executable, "serve", model or MODELS[profile]]
    for name, value in flags.items():
        arguments += _argument(name, value)
    return Command(arguments=(*arguments, *extra), environment=_environment(profile))


def settings_for(command: Command, address: str, served_name: str | None = None) -> dict[str, str]:
    """The environment in which Octavo uses what `command` serves at `address`, and counts its pictures rightly."""
    model, arguments = command.arguments[2], command.arguments
    said = {"VLM__BASE_URL": f"{address}/v1", "VLM__MODEL": served_name or model, "GENERATOR__KIND": "vlm"}
    if served_name is not None:
        said["GENERATOR__PROCESSOR"] = model
    if bounds := _last(arguments, "--mm-processor-kwargs"):
        said["GENERATOR__PROCESSOR_BOUNDS"] = bounds
    return {f"OCTAVO__{name}": value for name, value in said.items()}


def has_key(command: Command) -> bool:
    """Whether what `command` serves asks for a key."""
    return _last(command.arguments, "--api-key") is not None or bool(os.environ.get("VLLM_API_KEY"))


def _check_extra(extra: Sequence[str]) -> None:
    """Raises SettingsError for what decides where the server is found: it is waited for there, and settings name it."""
    for flag, option in _OWNED.items():
        if _last(extra, flag) is not None:
            cure = f"say `{option}` of `octavo vlm up`, before the `--`"
            raise SettingsError(f"{flag} cannot be given to vLLM alone", where="vlm up", cure=cure)


def _last(arguments: Sequence[str], flag: str) -> str | None:
    """The value of `flag`, of several the last, which is the one that vLLM takes; `--flag=value` is a form, too."""
    found = None
    for here, after in pairwise([*arguments, ""]):
        name, equals, value = here.partition("=")
        if name.replace("_", "-") == flag:
            found = value if equals else after
    return found


def _pixel_bounds(model: str, fewest: int, most: int) -> dict[str, Any] | None:
    """Bounds of a picture's size, where the model's processor takes them: those of Qwen resize as they are told."""
    name = model.lower()
    if "qwen3" in name:
        return {"size": {"shortest_edge": fewest, "longest_edge": most}}
    return {"min_pixels": fewest, "max_pixels": most} if "qwen" in name else None


def _argument(name: str, value: Any) -> list[str]:
    if value is None or value is False:
        return []
    if value is True:
        return [f"--{name}"]
    return [f"--{name}", json.dumps(value, separators=(",", ":")) if isinstance(value, dict) else str(value)]


def _environment(profile: Profile) -> dict[str, str]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quiet = {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}
    if profile == "gpu":
        # One thread, the default, prepares pictures more slowly than a large GPU reads them: half its rate is lost.
        return quiet | {"OMP_NUM_THREADS": "8"}
    # Compiling takes longer than a tiny model ever saves, and OpenMP's binding fails where cores are restricted.
    return quiet | {
        "OMP_NUM_THREADS": str(max(1, cores // 2)),
        "TORCHDYNAMO_DISABLE": "1",
        "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    }


def _gpu_count() -> int:
    """GPUs that CUDA shows; 1 where that cannot be told, e.g. where the command is only printed."""
    if (visible := os.environ.get("CUDA_VISIBLE_DEVICES")) is not None:
        return max(1, len([part for part in visible.split(",") if part.strip()]))
    devices = Path("/proc/driver/nvidia/gpus")
    return max(1, len(list(devices.iterdir())) if devices.is_dir() else 1)


def vllm_executable() -> str:
    """The `vllm` command: `OCTAVO_VLLM`, or the one on the PATH, or beside this Python. Raises MissingExtra."""
    named = os.environ.get("OCTAVO_VLLM")
    beside = Path(sys.executable).with_name("vllm")
    found = shutil.which(named or "vllm") or (str(beside) if named is None and beside.is_file() else None)
    if found is None:
        raise MissingExtra(
            "vLLM is not here",
            where=named and f"OCTAVO_VLLM = {named}",
            cure="install vllm in an environment of its own and name its command in OCTAVO_VLLM, or run what "
            "`octavo vlm up --print` says in a container",
        )
    return found
