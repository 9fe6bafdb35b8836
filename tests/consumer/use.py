"""A program of somebody else's that uses the installed wheel: `.ci/wheel` runs it and type-checks it."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import octavo
from octavo import Answer, DocumentQA, Hit, Settings
from octavo.ingest.types import BBox

TEXT = (
    "The lighthouse at Ravensholm was built in 1874 by the engineer Ada Thorne. It is 31 metres high and stands on the "
    "northern cliff of the island, where its lamp can be seen from a distance of nineteen nautical miles."
)


def write_pdf(path: Path) -> None:
    import pymupdf

    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((72, 120), "Ravensholm", fontsize=20)
    page.insert_textbox((72, 160, 523, 400), TEXT, fontsize=12)
    document.save(str(path))


def use(folder: Path) -> tuple[list[Hit], Answer, bytes]:
    write_pdf(folder / "lighthouse.pdf")
    with DocumentQA.open(folder / "library") as qa:
        report = qa.add(folder / "lighthouse.pdf")
        if (report.added, report.failed) != (1, ()):
            raise SystemExit(f"add: {report}")
        hits = qa.search("When was the lighthouse built?", k=3)
        answer = qa.ask("When was the lighthouse built?")
        return hits, answer, qa.image(answer.citations[0])


def main() -> None:
    site = Path(sys.argv[1])
    if not Path(octavo.__file__).is_relative_to(site):
        raise SystemExit(f"octavo comes from {octavo.__file__}, not from the wheel in {site}")
    settings: Settings = Settings.load("gpu")  # a YAML file inside the wheel
    with tempfile.TemporaryDirectory() as folder:
        hits, answer, picture = use(Path(folder))
    box: BBox = answer.citations[0].places[0].bbox
    if "1874" not in answer.text or not hits or not picture.startswith(b"\x89PNG"):
        raise SystemExit(f"unexpected answer: {answer}")
    print(f"Octavo {octavo.__version__}: {answer.text!r} on page {answer.citations[0].page} at {box}")
    print(f"profile gpu: {settings.embedder.model}")


if __name__ == "__main__":
    main()
