"""A page on which something is drawn that is no region."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with a paragraph, a frame around it, a rule, and a bar chart that nobody knows of."""
    with pymupdf.open() as document:
        page = document.new_page(width=600, height=800)
        page.insert_text((60, 100), "Landings grew in every port.", fontsize=12)
        page.draw_rect((50, 70, 550, 130))
        page.draw_line((50, 760), (550, 760))
        for n in range(8):
            page.draw_rect((120 + 45 * n, 600 - 30 * n, 150 + 45 * n, 640), fill=(0.1, 0.3, 0.6))
        path = tmp_path_factory.mktemp("drawn") / "harbour.pdf"
        document.save(path)
    return path
