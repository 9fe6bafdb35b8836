"""A Qwen3-VL of a million random weights, made from its configuration alone. It says nothing sensible, quickly.

After some of its words it comes to an end, as models do that were taught to: random ones go on for ever.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

PATCH = 16
PIXELS = {"shortest_edge": (2 * PATCH) ** 2 * 4, "longest_edge": (2 * PATCH) ** 2 * 256}  # 4 to 256 tokens a picture
CONTEXT = 8192
_LAST = 4  # one word in so many is a last one
_SPECIAL = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|vision_pad|>",
    "<|image_pad|>",
    "<|video_pad|>",
)
_TEMPLATE = """\
{%- for message in messages -%}
<|im_start|>{{ message.role }}
{% if message.content is string %}{{ message.content }}{% else %}
{%- for part in message.content -%}
{%- if part.type in ("image", "image_url") -%}<|vision_start|><|image_pad|><|vision_end|>
{%- elif part.text is defined -%}{{ part.text }}
{%- endif -%}
{%- endfor -%}
{% endif %}<|im_end|>
{% endfor -%}
{%- if add_generation_prompt -%}<|im_start|>assistant
{% endif -%}"""


def write_tiny_vlm(folder: Path, seed: int = 7, *, hidden: int = 128, layers: int = 2) -> Path:
    """Saves model, tokenizer and processor to `folder`, as `vllm serve` and transformers load them.

    `hidden` (a multiple of 64) and `layers` make it larger, for measurements.
    """
    import torch
    from transformers import (
        Qwen2VLImageProcessorPil,
        Qwen3VLConfig,
        Qwen3VLForConditionalGeneration,
    )

    tokenizer = _tokenizer()
    ids = {name: tokenizer.convert_tokens_to_ids(name) for name in _SPECIAL}
    config = Qwen3VLConfig(
        text_config={
            "vocab_size": len(tokenizer),
            "hidden_size": hidden,
            "intermediate_size": 2 * hidden,
            "num_hidden_layers": layers,
            "num_attention_heads": hidden // 32,
            "num_key_value_heads": hidden // 64,
            "head_dim": 32,
            "max_position_embeddings": CONTEXT,
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 1e6,
                "mrope_section": [6, 5, 5],
                "mrope_interleaved": True,
            },
            "eos_token_id": ids["<|im_end|>"],
            "pad_token_id": ids["<|endoftext|>"],
            "tie_word_embeddings": False,
        },
        vision_config={
            "depth": layers,
            "hidden_size": hidden // 2,
            "intermediate_size": hidden,
            "num_heads": hidden // 64,
            "patch_size": PATCH,
            "spatial_merge_size": 2,
            "temporal_patch_size": 2,
            "out_hidden_size": hidden,
            "num_position_embeddings": 256,
            "deepstack_visual_indexes": [0],
        },
        image_token_id=ids["<|image_pad|>"],
        video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"],
        vision_end_token_id=ids["<|vision_end|>"],
        tie_word_embeddings=False,
    )
    torch.manual_seed(seed)
    model = Qwen3VLForConditionalGeneration(config).eval()
    _let_end(model, tokenizer)
    model.generation_config.eos_token_id = [ids["<|im_end|>"], ids["<|endoftext|>"]]
    model.generation_config.pad_token_id = ids["<|endoftext|>"]
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    # The processor of videos needs torchvision to be made, but not to be written down.
    pictures = Qwen2VLImageProcessorPil(
        patch_size=PATCH, temporal_patch_size=2, merge_size=2, size=PIXELS, image_mean=[0.5] * 3, image_std=[0.5] * 3
    ).to_dict()
    pictures |= {"image_processor_type": "Qwen2VLImageProcessor", "processor_class": "Qwen3VLProcessor"}
    videos = pictures | {"video_processor_type": "Qwen3VLVideoProcessor"}
    videos.pop("image_processor_type")
    _write_json(folder / "preprocessor_config.json", pictures)
    _write_json(folder / "video_preprocessor_config.json", videos)
    return folder


def _let_end(model: Any, tokenizer: Any) -> None:
    """Keeps one number of the hidden state for whether this token is a last word, which its embedding alone says.

    Where it is, the reply ends; or in JSON, where that may not be, the string does.
    """
    import torch

    vocabulary = tokenizer.get_vocab()
    last = [id for token, id in vocabulary.items() if id % _LAST == 0 and re.fullmatch("Ġ?[a-z]+", token)]
    with torch.no_grad():
        for layer in model.model.language_model.layers:
            layer.self_attn.o_proj.weight[-1] = layer.mlp.down_proj.weight[-1] = 0
        words, head = model.get_input_embeddings().weight, model.lm_head.weight
        words[:, -1] = head[:, -1] = 0
        words[last, -1] = 1
        head[vocabulary["<|im_end|>"], -1], head[vocabulary['"'], -1] = 3, 2


def _tokenizer() -> Any:
    """Byte-level BPE, trained on what the standard library says of itself."""
    import pydoc_data.topics

    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import Qwen2Tokenizer

    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trained.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=2048 - len(_SPECIAL), initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    trained.train_from_iterator(pydoc_data.topics.topics.values(), trainer)
    learned = json.loads(trained.to_str())["model"]
    merges: Any = [tuple(pair) for pair in learned["merges"]]
    tokenizer = Qwen2Tokenizer(
        vocab=learned["vocab"],
        merges=merges,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        unk_token="<|endoftext|>",
        model_max_length=CONTEXT,
    )
    tokenizer.add_special_tokens({"additional_special_tokens": list(_SPECIAL)})
    tokenizer.add_tokens([AddedToken(word, single_word=True) for word in ("yes", "no")])
    tokenizer.chat_template = _TEMPLATE
    return tokenizer


def _write_json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=1), encoding="utf-8")
