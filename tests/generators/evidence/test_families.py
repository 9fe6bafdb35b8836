"""Which processor a model is taken to have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from octavo.errors import SettingsError
from octavo.generators.evidence.families import visual_tokens_of
from octavo.generators.evidence.visual_tokens import BestCanvas, PatchGrid, RowsOfTiles, Unknown, VisualTokens


def facts(counter: VisualTokens) -> dict[str, Any]:
    return dict(vars(counter))


@pytest.mark.parametrize(
    ("name", "kind", "some"),
    [
        ("Qwen/Qwen2-VL-7B-Instruct", PatchGrid, {"cell": 28, "max_pixels": 12_845_056}),
        ("Qwen/Qwen2.5-VL-32B-Instruct-AWQ", PatchGrid, {"cell": 28, "min_pixels": 3136}),
        ("Qwen/Qwen3-VL-30B-A3B-Instruct-FP8", PatchGrid, {"cell": 32, "min_pixels": 65_536}),
        ("HuggingFaceTB/SmolVLM2-2.2B-Instruct", RowsOfTiles, {"tile": 384, "longest": 1536, "per_tile": 81}),
        ("HuggingFaceTB/SmolVLM-256M-Instruct", RowsOfTiles, {"tile": 512, "longest": 2048, "per_tile": 64}),
        ("HuggingFaceM4/Idefics3-8B-Llama3", RowsOfTiles, {"tile": 364, "longest": 1456, "per_tile": 169}),
        ("OpenGVLab/InternVL3_5-8B", BestCanvas, {"tile": 448, "most": 12, "per_tile": 256}),
    ],
)
def test_by_name(name: str, kind: type, some: dict[str, int]) -> None:
    counter = visual_tokens_of(name)
    assert type(counter) is kind
    assert some.items() <= facts(counter).items()


def test_the_models_own_configuration_goes_before_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "smolvlm"
    folder.mkdir()
    said = {"image_processor_type": "Qwen2VLImageProcessorFast", "patch_size": 16, "merge_size": 2}
    said["size"] = {"shortest_edge": 4096, "longest_edge": 262_144}
    (folder / "preprocessor_config.json").write_text(json.dumps(said))
    assert facts(visual_tokens_of(str(folder))) == {"cell": 32, "min_pixels": 4096, "max_pixels": 262_144}


def test_one_file_for_the_whole_processor(tmp_path: Path) -> None:
    inner = {"image_processor_type": "SmolVLMImageProcessor", "max_image_size": {"longest_edge": 256}}
    inner["size"] = {"longest_edge": 512}
    (tmp_path / "processor_config.json").write_text(json.dumps({"image_processor": inner, "image_seq_len": 16}))
    found = facts(visual_tokens_of(str(tmp_path)))
    assert found == {"tile": 256, "longest": 512, "per_tile": 16, "split": True}


def test_what_the_server_was_told_goes_before_all() -> None:
    counter = visual_tokens_of("Qwen/Qwen3-VL-4B-Instruct", {"max_pixels": 1024 * 32 * 32})
    assert counter.tokens(4000, 3000) <= 1024
    assert visual_tokens_of("Qwen/Qwen3-VL-4B-Instruct").tokens(4000, 3000) > 11_000


def test_an_unknown_model_is_counted_cautiously() -> None:
    counter = visual_tokens_of("nobody/never-heard-of-it")
    assert isinstance(counter, Unknown)
    assert counter.tokens(560, 280) == 250  # 20 × 10 cells and a quarter more
    width, height = counter.resize(4000, 3000)
    assert width * height <= 1_003_520


def test_a_size_that_the_server_was_told_goes_before_the_models_bounds_in_pixels() -> None:
    config = {"image_processor_type": "Qwen2VLImageProcessor", "min_pixels": 3136, "max_pixels": 12_845_056}
    counter = visual_tokens_of(config, {"size": {"shortest_edge": 1024, "longest_edge": 65_536}})
    assert facts(counter) == {"cell": 28, "min_pixels": 1024, "max_pixels": 65_536}


def test_a_processor_of_no_known_family_in_a_model_of_one(tmp_path: Path) -> None:
    """InternVL's own repositories name the picture's processor of CLIP, and cut the tiles themselves."""
    folder = tmp_path / "InternVL3-8B"
    folder.mkdir()
    (folder / "preprocessor_config.json").write_text('{"feature_extractor_type": "CLIPFeatureExtractor", "size": 448}')
    assert isinstance(visual_tokens_of(str(folder)), BestCanvas)


@pytest.mark.parametrize("patch", ["wide", -14])
def test_nonsense_is_named(patch: object) -> None:
    with pytest.raises(SettingsError, match="make no sense"):
        visual_tokens_of({"image_processor_type": "Qwen2VLImageProcessor", "patch_size": patch})


@pytest.mark.parametrize("content", ["{", "[1]"])
def test_a_file_that_is_no_configuration_is_named(content: str, tmp_path: Path) -> None:
    (tmp_path / "preprocessor_config.json").write_text(content)
    with pytest.raises(SettingsError, match="no configuration"):
        visual_tokens_of(str(tmp_path))
