"""The command that looks whether everything works."""

from __future__ import annotations

import base64
import io
import json
import shutil
from pathlib import Path

import chromadb
import numpy as np
import pytest
from PIL import Image

from octavo.pipelines import doctor
from octavo.pipelines.settings import Settings
from octavo.tests.generators.chat.server import MODEL, serving, whole
from octavo.tests.generators.relevance.test_reranker import ranked

from .command import octavo
from .conftest import LIGHTHOUSE, write_pdf


def test_doctor_finds_this_machine_well(library: Path) -> None:
    with serving() as server:
        server.fates = [whole("It is 1874.")]
        address = server.base_url.replace("://", "://user:s3cret@")
        model = ("--set", f"vlm.base_url={address}", "--set", f"vlm.model={MODEL}")
        found = octavo(*model, "doctor", "--json", library=library)
    checks = {check["name"]: check for check in json.loads(found.stdout)}
    assert {name: check["state"] for name, check in checks.items() if check["state"] == "failed"} == {}
    assert found.exit_code == 0
    assert "English" in checks["what MiniLM cannot do"]["detail"]
    assert "documents 2" in checks["library"]["detail"]
    assert "4096 tokens, 4 pictures" in checks["vision-language model"]["detail"]
    assert "'It is 1874.'" in checks["vision-language model"]["detail"]
    assert "s3cret" not in found.stdout
    picture = server.asked[0]["messages"][0]["content"][0]["image_url"]["url"].removeprefix("data:image/png;base64,")
    assert Image.open(io.BytesIO(base64.b64decode(picture))).size == (320, 160)


def test_doctor_goes_on_after_a_failure(tmp_path: Path) -> None:
    (tmp_path / "no-model").mkdir()
    wrong = ("--set", f"embedder.model={tmp_path / 'no-model'}", "--set", "library.chroma=http://127.0.0.1:9")
    model = ("--set", "vlm.base_url=http://127.0.0.1:9/v1", "--set", "vlm.model=tiny")
    found = octavo(*wrong, *model, "doctor", "--json", library=tmp_path / "none")
    states = {check["name"]: check["state"] for check in json.loads(found.stdout)}
    assert found.exit_code == 1
    assert states["embedder"] == states["Chroma"] == states["vision-language model"] == "failed"
    assert states["Python"] == states["reading and OCR"] == "ok"
    assert states["library"] == "warning"


def test_doctor_tries_a_reranker(tmp_path: Path) -> None:
    def judged(first: float, second: float) -> dict[str, str]:
        with serving() as server:
            server.paths = {"/v1/rerank"}
            server.fates = [ranked((0, first), (1, second))]
            model = ("--set", f"relevance.base_url={server.base_url}", "--set", "relevance.model=tiny")
            found = octavo(*rerank, *model, "doctor", "--json", library=tmp_path)
        checks: dict[str, dict[str, str]] = {check["name"]: check for check in json.loads(found.stdout)}
        return checks["reranker"]

    rerank = ("--set", "relevance.kind=rerank")
    assert "0.90 for a passage that answers, 0.10" in judged(0.9, 0.1)["detail"]
    assert (judged(0.9, 0.1)["state"], judged(0.5, 0.5)["state"]) == ("ok", "warning")


@pytest.mark.parametrize(
    ("setting", "name"),
    [
        ("generator.kind=vlm", "vision-language model"),
        ("generator.decompose=true", "vision-language model"),
        ("relevance.kind=vlm", "vision-language model"),
        ("relevance.kind=rerank", "reranker"),
    ],
)
def test_doctor_says_that_a_model_has_no_address(
    setting: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for check in ("_reading", "_libreoffice", "_embedder", "_chroma"):  # seconds each
        monkeypatch.setattr(doctor, check, lambda *_: "well")
    key, value = setting.split("=")
    section, field = key.split(".")
    settings = Settings.load(overrides={section: {field: value}, "library": {"path": tmp_path}}, env={})
    (found,) = [check for check in doctor.examine(settings) if check.name == name]
    assert found.state == "failed"
    assert found.cure


def test_doctor_mends_the_vector_index(tmp_path: Path) -> None:
    where = tmp_path / "library"
    octavo("--set", "ingest.workers=1", "add", write_pdf(tmp_path / "one.pdf", LIGHTHOUSE, "Ravensholm"), library=where)
    client = chromadb.PersistentClient(where / "chroma")
    collection = client.get_collection(client.list_collections()[0].name, embedding_function=None)
    lost = collection.get()["ids"]
    collection.delete(ids=lost[:1])
    collection.upsert(
        ids=["stray", "stray2"], embeddings=np.full((2, 384), 0.1, np.float32)
    )  # as many as there should be
    client.close()  # type: ignore[attr-defined]
    sick = octavo("doctor", library=where)
    assert sick.exit_code == 1
    assert "the vector index lacks 1 passage, e.g." in sick.stdout
    mended = octavo("doctor", "--repair", library=where)
    assert (mended.exit_code, "1 row written" in mended.stdout) == (0, True)
    assert octavo("doctor", library=where).exit_code == 0


def test_a_status_says_what_could_not_be_looked_at(library: Path, tmp_path: Path) -> None:
    there = shutil.copytree(library, tmp_path / "library")
    shutil.rmtree(there / "originals")
    (there / "originals").write_text("a file in the way")
    found = octavo("status", library=there)
    assert (found.exit_code, "2 (3 pages" in found.stdout) == (0, True)
    assert "copied files" in found.stdout
    assert "Not a directory" in found.stdout
