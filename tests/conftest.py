"""What all tests share: no settings from outside, no network, and missing parts that skip or fail by name."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable
from typing import NamedTuple

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"
for _name in [name for name in os.environ if name.startswith("OCTAVO_") and name != "OCTAVO_REQUIRE_ALL"]:
    del os.environ[_name]


class Part(NamedTuple):
    """Something some tests need that a machine may lack."""

    present: Callable[[], bool]
    cure: str


PARTS = {
    "vllm": Part(
        lambda: bool(shutil.which("vllm")) and importlib.util.find_spec("llama_index.llms.openai_like") is not None,
        "put `vllm` on the PATH and pip install 'octavo[vllm]'",
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
