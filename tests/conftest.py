"""What all tests share: no settings from outside, no network, and missing parts that skip or fail by name."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"
_OF_THE_TESTS = ("OCTAVO_REQUIRE_ALL", "OCTAVO_VLLM")
for _name in [name for name in os.environ if name.startswith("OCTAVO_") and name not in _OF_THE_TESTS]:
    del os.environ[_name]


class Part(NamedTuple):
    """Something some tests need that a machine may lack."""

    present: Callable[[], bool]
    cure: str


PARTS = {
    "vllm": Part(
        lambda: (
            bool(shutil.which(os.environ.get("OCTAVO_VLLM", "vllm")))
            and importlib.util.find_spec("llama_index.llms.openai_like") is not None
        ),
        "`bash .ci/vllm .vllm` makes one for CPUs; then `export OCTAVO_VLLM=$PWD/.vllm/bin/vllm`",
    ),
    "browser": Part(
        lambda: any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")),
        "install chromium",
    ),
    "libreoffice": Part(
        lambda: any(shutil.which(name) for name in ("soffice", "libreoffice")),
        "apt install libreoffice-writer-nogui libreoffice-calc-nogui libreoffice-impress-nogui",
    ),
}


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what cannot run here, saying why and what would help; with OCTAVO_REQUIRE_ALL=1 that is a failure."""
    for name, part in PARTS.items():
        if item.get_closest_marker(name) is not None and not part.present():
            reason = f"needs {name}, which is not here: {part.cure}"
            if os.environ.get("OCTAVO_REQUIRE_ALL") == "1":
                pytest.fail(reason, pytrace=False)
            pytest.skip(reason)


class SmallDisk:
    """A file system of its own, in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self, leaving: int = 0) -> None:
        with self._ballast.open("ab", buffering=0) as file:
            for size in (1 << 20, 4096):
                with suppress(OSError):
                    while file.write(bytes(size)) == size:
                        pass
        if leaving:
            os.truncate(self._ballast, max(self._ballast.stat().st_size - leaving, 0))

    def empty(self) -> None:
        self._ballast.unlink(missing_ok=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "none", str(folder)]
    mounted = subprocess.run(mount, check=False, capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"cannot mount a small file system here ({mounted.stderr.strip()}): run the tests as root")
    yield SmallDisk(folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
