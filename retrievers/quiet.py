"""Loading models without a bar on the user's screen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_loading_bar() -> Iterator[None]:
    """transformers draws a bar over a second's reading of weights. Downloads, which take minutes, keep theirs."""
    from huggingface_hub.utils.tqdm import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars
    from transformers.utils import logging

    if not logging.is_progress_bar_enabled():
        yield
        return
    # transformers' switch turns the hub's as well; that one is put back to where it was.
    leave_downloads = disable_progress_bars if are_progress_bars_disabled() else enable_progress_bars
    logging.disable_progress_bar()
    leave_downloads()
    try:
        yield
    finally:
        logging.enable_progress_bar()
        leave_downloads()
