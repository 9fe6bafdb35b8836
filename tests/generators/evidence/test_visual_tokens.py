"""Sizes and token counts are those of transformers' own processors."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer, models
from transformers import Idefics3Processor, InternVLProcessor, PreTrainedTokenizerFast, Qwen2VLProcessor
from transformers.models.got_ocr2.image_processing_pil_got_ocr2 import (
    GotOcr2ImageProcessorPil,
    get_optimal_tiled_canvas,
)
from transformers.models.idefics3.image_processing_pil_idefics3 import Idefics3ImageProcessorPil
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil
from transformers.models.smolvlm.image_processing_pil_smolvlm import SmolVLMImageProcessorPil

from octavo.generators.evidence.families import visual_tokens_of

SPECIAL = ["<fake_token_around_image>", "<image>", "<global-img>", "<end_of_utterance>", "<|image_pad|>"]
SPECIAL += ["<|vision_start|>", "<|vision_end|>", "<|video_pad|>", "<img>", "</img>", "<IMG_CONTEXT>", "<video>"]
QWEN_2 = {"shortest_edge": 3136, "longest_edge": 12_845_056}
QWEN_3 = {"shortest_edge": 65_536, "longest_edge": 16_777_216}
# Only where pixels go is of interest, not what becomes of them.
AS_THEY_ARE: dict[str, Any] = {"do_rescale": False, "do_normalize": False, "resample": 0}


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    """One token for each mark, and for one or two ends of lines, as the models' own tokenizers have."""
    marks = [*SPECIAL, *(f"<row_{r}_col_{c}>" for r in range(1, 9) for c in range(1, 9))]
    # A letter that no mark holds is needed for the two line ends to be merged.
    words = models.BPE(vocab={"?": 0, "\n": 1, "\n\n": 2}, merges=[("\n", "\n")], unk_token="?")
    made = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(words), unk_token="?", additional_special_tokens=marks)
    for name, mark in {
        "start_image_token": "<img>",
        "end_image_token": "</img>",
        "context_image_token": "<IMG_CONTEXT>",
        "video_token": "<video>",
    }.items():
        setattr(made, name, mark)
        setattr(made, f"{name}_id", made.convert_tokens_to_ids(mark))
    return made


def pictures(seed: int, largest: int = 1400, smallest: int = 8) -> Iterator[tuple[int, int, np.ndarray]]:
    """200 random sizes, from small to large, flat to tall, and their pictures."""
    chance = random.Random(seed)
    for _ in range(200):
        width, height = (round(smallest * (largest / smallest) ** chance.random()) for _ in range(2))
        yield width, height, np.zeros((height, width, 3), np.uint8)


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("Qwen/Qwen2.5-VL-7B-Instruct", {"size": {"shortest_edge": 3136, "longest_edge": 12_845_056}}),
        ("Qwen/Qwen2-VL-2B-Instruct", {"size": {"shortest_edge": 3136, "longest_edge": 12_845_056}}),
        (
            "Qwen/Qwen3-VL-4B-Instruct",
            {"patch_size": 16, "size": {"shortest_edge": 65_536, "longest_edge": 16_777_216}},
        ),
        ("Qwen/Qwen2.5-VL-7B-Instruct", {"min_pixels": 50_176, "max_pixels": 200_704}),
    ],
)
def test_qwen(name: str, config: dict[str, Any], tokenizer: PreTrainedTokenizerFast) -> None:
    real: Any = Qwen2VLImageProcessorPil(**config)
    counter = visual_tokens_of(name, config if "max_pixels" in config else None)
    processor = Qwen2VLProcessor.__new__(Qwen2VLProcessor)
    processor.image_processor, processor.image_token = real, "<|image_pad|>"
    for width, height, picture in pictures(1, smallest=16):
        made = real(picture, return_tensors="np", **AS_THEY_ARE)
        _, rows, columns = made["image_grid_thw"][0]
        patch = real.patch_size
        assert counter.resize(width, height) == (columns * patch, rows * patch)
        marks = processor.replace_image_token(made, 0)
        assert counter.tokens(width, height) == len(tokenizer(marks)["input_ids"])


@pytest.mark.parametrize(
    ("name", "kind", "config", "per_tile"),
    [
        ("HuggingFaceM4/Idefics3-8B-Llama3", Idefics3ImageProcessorPil, {}, 169),
        ("HuggingFaceTB/SmolVLM-Instruct", SmolVLMImageProcessorPil, (1536, 384), 81),
        ("HuggingFaceTB/SmolVLM2-500M-Video-Instruct", SmolVLMImageProcessorPil, (2048, 512), 64),
    ],
)
def test_idefics_and_smolvlm(
    name: str, kind: Any, config: Any, per_tile: int, tokenizer: PreTrainedTokenizerFast
) -> None:
    sizes = {"size": {"longest_edge": config[0]}, "max_image_size": {"longest_edge": config[1]}} if config else {}
    real = kind(**sizes)
    tile = real.max_image_size["longest_edge"]
    processor = Idefics3Processor(real, tokenizer, image_seq_len=per_tile)
    counter = visual_tokens_of(name)
    for width, height, picture in pictures(2, smallest=24):
        made = real(picture, return_row_col_info=True, do_pad=False, **AS_THEY_ARE)
        rows, columns = made["rows"][0][0] or 1, made["cols"][0][0] or 1
        assert counter.resize(width, height) == (columns * tile, rows * tile)
        assert counter.tokens(width, height) == len(tokenizer(processor.replace_image_token(made, 0))["input_ids"])


def test_idefics_without_tiles(tokenizer: PreTrainedTokenizerFast) -> None:
    real: Any = Idefics3ImageProcessorPil(do_image_splitting=False)
    processor = Idefics3Processor(real, tokenizer, image_seq_len=169)
    counter = visual_tokens_of("HuggingFaceM4/Idefics3-8B-Llama3", {"do_image_splitting": False})
    made = real(np.zeros((700, 300, 3), np.uint8), return_row_col_info=True, do_pad=False, **AS_THEY_ARE)
    assert made["pixel_values"][0][0].shape[-2:] == counter.resize(300, 700) == (364, 364)
    assert counter.tokens(300, 700) == len(tokenizer(processor.replace_image_token(made, 0))["input_ids"])


@pytest.mark.parametrize("most", [12, 6, 1])
def test_internvl(most: int, tokenizer: PreTrainedTokenizerFast) -> None:
    tile = 448
    real: Any = GotOcr2ImageProcessorPil(size={"height": tile, "width": tile}, max_patches=most)
    processor = InternVLProcessor.__new__(InternVLProcessor)
    processor.start_image_token, processor.end_image_token = "<img>", "</img>"
    processor.image_token, processor.image_seq_length = "<IMG_CONTEXT>", 256
    counter = visual_tokens_of("OpenGVLab/InternVL3-8B", {"max_patches": most})
    for width, height, picture in pictures(3):
        made = real(picture, crop_to_patches=True, return_tensors=None, **AS_THEY_ARE)
        columns, rows = (side // tile for side in counter.resize(width, height))
        assert (columns, rows) == get_optimal_tiled_canvas((height, width), (tile, tile), 1, most)
        tiles = int(made["num_patches"][0])
        assert tiles == (1 if columns * rows == 1 else columns * rows + 1)
        assert counter.tokens(width, height) == len(tokenizer(processor.replace_image_token(made, 0))["input_ids"])


@pytest.mark.parametrize("name", ["OpenGVLab/InternVL3-8B", "SmolVLM-Instruct", "SmolVLM-500M", "Idefics3"])
def test_a_picture_that_is_a_canvas_stays_as_it_is(name: str) -> None:
    counter = visual_tokens_of(name)
    chance = random.Random(4)
    sizes = [(chance.randint(50, 3000), chance.randint(50, 3000)) for _ in range(200)]
    assert {counter.resize(*size) for size in sizes} <= set(counter.canvases())
    assert all(counter.resize(*size) == size for size in counter.canvases())
