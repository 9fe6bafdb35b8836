"""Which processor a model has: from its own configuration where that can be read, else from its name."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...errors import SettingsError
from .visual_tokens import BestCanvas, PatchGrid, RowsOfTiles, Unknown, VisualTokens

_FILES = ("preprocessor_config.json", "processor_config.json")

# What the makers publish with their models, by name; the first that matches.
_QWEN_2 = {
    "image_processor_type": "Qwen2VLImageProcessor",
    "size": {"shortest_edge": 3136, "longest_edge": 12_845_056},
}
_QWEN_3 = {
    "image_processor_type": "Qwen2VLImageProcessor",
    "patch_size": 16,
    "size": {"shortest_edge": 65_536, "longest_edge": 16_777_216},
}
_PUBLISHED: tuple[tuple[str, dict[str, Any]], ...] = (
    (r"qwen3-?vl", _QWEN_3),
    (r"qwen2(\.5)?-?vl", _QWEN_2),
    (
        r"smolvlm.*-(256|500)m|smoldocling|granite-docling",
        {
            "image_processor_type": "SmolVLMImageProcessor",
            "size": {"longest_edge": 2048},
            "max_image_size": {"longest_edge": 512},
            "image_seq_len": 64,
        },
    ),
    (
        r"smolvlm",
        {
            "image_processor_type": "SmolVLMImageProcessor",
            "size": {"longest_edge": 1536},
            "max_image_size": {"longest_edge": 384},
            "image_seq_len": 81,
        },
    ),
    (r"idefics3", {"image_processor_type": "Idefics3ImageProcessor"}),
    (r"internvl", {"image_processor_type": "GotOcr2ImageProcessor", "size": {"height": 448, "width": 448}}),
)


def visual_tokens_of(model: str | Mapping[str, Any], bounds: Mapping[str, Any] | None = None) -> VisualTokens:
    """How `model` sees pictures.

    Args:
        model: The processor's configuration (preprocessor_config.json, processor_config.json, or both in one), or a
            model's folder or Hugging Face name. A name is looked up in the local cache, then among the known families;
            nothing is downloaded. A model of none of them gets `Unknown`.
        bounds: What the server was told to use instead (vLLM's `--mm-processor-kwargs`).

    Raises:
        SettingsError: The configuration holds what no processor can use.
    """
    said = [_read(model), _published(model)] if isinstance(model, str) else [model]
    for config in said:
        try:
            known = _of({**config, **(config.get("image_processor") or {})}, bounds or {})
        except (TypeError, ValueError, AttributeError) as error:
            cure = "check the model's preprocessor_config.json and vLLM's --mm-processor-kwargs"
            what = "the picture settings of the model make no sense"
            raise SettingsError(what, where=f"{config} {bounds or ''}", cure=cure) from error
        if known is not None:
            return known
    return Unknown()


def _of(config: Mapping[str, Any], bounds: Mapping[str, Any]) -> VisualTokens | None:
    """None for a processor of no known family."""
    kind = str(config.get("image_processor_type") or config.get("processor_class") or "")
    if "size" in bounds:  # in pixels they go before the size
        config = {name: value for name, value in config.items() if name not in ("min_pixels", "max_pixels")}
    config = {**config, **bounds}
    size, tile = config.get("size") or {}, config.get("max_image_size") or {}

    def number(name: str, default: int, among: Mapping[str, Any] = config) -> int:
        found = int(among.get(name) or default)
        if found < 1:
            raise ValueError(f"{name} must be 1 or more")
        return found

    # Where the configuration is silent, the classes' own defaults.
    if kind.startswith(("Qwen2VL", "Qwen2_5_VL", "Qwen3VL")):
        least, most = number("shortest_edge", 3136, size), number("longest_edge", 1_003_520, size)
        least, most = number("min_pixels", least), number("max_pixels", most)
        return PatchGrid(number("patch_size", 14), number("merge_size", 2), least, most)
    if kind.startswith(("Idefics3", "SmolVLM")):
        split = bool(config.get("do_image_splitting", True))
        longest = number("longest_edge", 1456, size)
        return RowsOfTiles(number("longest_edge", 364, tile), longest, number("image_seq_len", 169), split)
    if kind.startswith(("GotOcr2", "InternVL")):
        # InternVL's processor cuts tiles whatever `crop_to_patches` says in the picture's own configuration.
        fewest, most = number("min_patches", 1), number("max_patches", 12)
        return BestCanvas(number("height", 448, size), fewest, most, number("image_seq_length", 256))
    return None


def _read(model: str) -> dict[str, Any]:
    """What the model's folder, or its place in the local cache, says; empty where it says nothing.

    Raises SettingsError for a file that cannot be read.
    """
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    config: dict[str, Any] = {}
    for name in _FILES:
        path: Any = Path(model) / name
        if not path.is_file():
            try:
                path = try_to_load_from_cache(model, name)
            except HFValidationError:  # a folder's path, or a name that no hub knows
                continue
        if isinstance(path, str | Path):
            try:
                config |= json.loads(Path(path).read_text(encoding="utf-8"))
            except (OSError, ValueError, TypeError) as error:
                cure = "get the model again"
                raise SettingsError("this is no configuration of a processor", where=str(path), cure=cure) from error
    return config


def _published(model: str) -> Mapping[str, Any]:
    name = model.lower().replace("_", "-")
    return next((config for pattern, config in _PUBLISHED if re.search(pattern, name)), {})
