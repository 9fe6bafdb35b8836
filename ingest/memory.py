"""Memory given back to the system."""

from __future__ import annotations

import ctypes
import sys


def give_back() -> None:
    """Return what is free. Work on pieces of ever other sizes leaves holes, which the C library keeps for itself."""
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)) is not None:
        trim(0)
