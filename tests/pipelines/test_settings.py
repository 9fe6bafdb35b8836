"""Where settings come from, which wins, and what a mistake looks like."""

from __future__ import annotations

from pathlib import Path

import pytest

from octavo.errors import SettingsError
from octavo.pipelines.layers import leaves, merged, profiles
from octavo.pipelines.settings import Settings


def write(folder: Path, text: str) -> Path:
    path = folder / "my.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", profiles())
def test_every_profile_that_comes_with_octavo_loads(name: str) -> None:
    assert isinstance(Settings.load(name, env={}), Settings)


def test_there_are_the_three_profiles_of_the_design() -> None:
    assert {"embedded", "gpu", "server"} <= set(profiles())
    assert Settings.load(env={}) == Settings.load("embedded", env={})
    assert Settings.load(env={}).embedder.device == "cpu"
    assert Settings.load("server", env={}).library.chroma == "http://127.0.0.1:8000"
    assert Settings.load("gpu", env={}).embedder.device == "cuda"


def test_what_is_said_later_wins(tmp_path: Path) -> None:
    default = Settings().ingest.ocr_dpi
    config = write(tmp_path, "ingest:\n  ocr_dpi: 100\n  overlap_tokens: 3\n")
    env = {"OCTAVO__INGEST__OCR_DPI": "110"}
    overrides = {"ingest": {"ocr_dpi": 120}}
    assert default not in {100, 110, 120}
    assert Settings.load(env={}).ingest.ocr_dpi == default
    assert Settings.load(config, env={}).ingest.ocr_dpi == 100
    assert Settings.load(config, env=env).ingest.ocr_dpi == 110
    assert Settings.load(config, env=env, overrides=overrides).ingest.ocr_dpi == 120
    # The sections are merged, not replaced.
    assert Settings.load(config, env=env, overrides=overrides).ingest.overlap_tokens == 3


def test_the_environment_names_config_and_library(tmp_path: Path) -> None:
    config = write(tmp_path, "library:\n  path: from-file\n  collection: mine\n")
    env = {"OCTAVO_CONFIG": str(config)}
    assert Settings.load(env=env).library.path == Path("from-file")
    env["OCTAVO_LIBRARY"] = "from-env"
    settings = Settings.load(env=env)
    assert (settings.library.path, settings.library.collection) == (Path("from-env"), "mine")
    assert Settings.load(env=env, overrides={"library": {"path": "said"}}).library.path == Path("said")
    assert Settings.load("embedded", env=env).library.collection == "default"


def test_variables_in_files(tmp_path: Path) -> None:
    config = write(
        tmp_path,
        "library:\n  path: ${BOOKS:-books}/db\n  collection: ${NAME}\n"
        "ingest:\n  ocr_dpi: ${DPI:-200}\nembedder:\n  query_prompt: 'find $${this}: '\n",
    )
    settings = Settings.load(config, env={"NAME": "b1"})
    assert (settings.library.path, settings.library.collection) == (Path("books/db"), "b1")
    assert settings.ingest.ocr_dpi == 200
    assert settings.embedder.query_prompt == "find ${this}: "
    assert Settings.load(config, env={"NAME": "b1", "BOOKS": "/x", "DPI": "99"}).ingest.ocr_dpi == 99
    with pytest.raises(SettingsError, match="NAME is not set"):
        Settings.load(config, env={})


def test_an_unknown_key_is_named_with_its_file_and_its_neighbours(tmp_path: Path) -> None:
    config = write(tmp_path, "ingest:\n  ocr_dip: 100\n")
    with pytest.raises(SettingsError) as caught:
        Settings.load(config, env={})
    assert "ingest.ocr_dip" in caught.value.what
    assert caught.value.where == str(config)
    assert caught.value.cure is not None
    assert "ocr_dpi" in caught.value.cure
    assert caught.value.exit_code == 2


def test_an_unknown_section_is_named() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.load(env={"OCTAVO__INJEST__OCR": "never"})
    assert "injest" in caught.value.what
    assert caught.value.where == "OCTAVO__INJEST__OCR"
    assert caught.value.cure == "did you mean ingest?"


def test_a_setting_in_the_wrong_section_is_shown_the_right_one() -> None:
    for said in ({"k": 3}, {"retrieval": {"k": 3}}):
        with pytest.raises(SettingsError) as caught:
            Settings.load(env={}, overrides=said)
        assert caught.value.cure == "did you mean relevance.k?"
    with pytest.raises(SettingsError) as caught:
        Settings.load(env={}, overrides={"foo": 1})
    assert caught.value.cure == "known here: embedder, generator, ingest, library, relevance, retrieval, vlm"


def test_a_value_that_does_not_fit_is_named_with_its_variable() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.load(env={"OCTAVO__INGEST__OCR_DPI": "sharp"})
    assert "ingest.ocr_dpi = 'sharp'" in caught.value.what
    assert caught.value.where == "OCTAVO__INGEST__OCR_DPI"


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    config = write(tmp_path, "ingest:\n  ocr_dip: 100\n  ocr: perhaps\n")
    with pytest.raises(SettingsError) as caught:
        Settings.load(config, env={"OCTAVO__RELEVANCE__K": "0"})
    assert "ingest.ocr_dip" in caught.value.what
    assert "ingest.ocr = 'perhaps'" in caught.value.what
    assert "relevance.k" in caught.value.what
    assert caught.value.where == f"{config}, OCTAVO__RELEVANCE__K" or caught.value.where == (
        f"OCTAVO__RELEVANCE__K, {config}"
    )


def test_lists_and_null_in_the_environment() -> None:
    settings = Settings.load("server", env={"OCTAVO__LIBRARY__CHROMA": "null"})
    assert settings.library.chroma is None
    with pytest.raises(SettingsError, match="not valid YAML"):
        Settings.load(env={"OCTAVO__LIBRARY__CHROMA": "[1, 2"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ingest: [", "not valid YAML"),
        ("- a\n- b\n", "holds sections"),
        ("ingest: 3\n", "ingest = 3"),
        ("ingest:\n  ocr_language: 2024-13-45\n", "not valid YAML: month"),
        ("a: " + "[" * 9999, "nested too deeply"),
        ("ingest:\n  ? [a]\n  : 3\n", "line 2: found unhashable key"),
        ("#" * (2 << 20), "far too long"),
    ],
)
def test_a_malformed_file_is_an_error_with_its_name(tmp_path: Path, text: str, message: str) -> None:
    config = write(tmp_path, text)
    with pytest.raises(SettingsError, match=message) as caught:
        Settings.load(config, env={})
    assert caught.value.where == str(config)


def test_a_profile_or_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no profile named 'huge'") as caught:
        Settings.load("huge", env={})
    assert caught.value.cure is not None
    assert "embedded, gpu, server" in caught.value.cure
    with pytest.raises(SettingsError, match="cannot read"):
        Settings.load(tmp_path / "none.yaml", env={})


def test_a_folder_or_a_device_is_no_configuration(tmp_path: Path) -> None:
    for path in (tmp_path, Path("/dev/zero")):
        with pytest.raises(SettingsError, match=r"cannot read|far too long"):
            Settings.load(path, env={})


def test_an_empty_file_is_the_defaults(tmp_path: Path) -> None:
    assert Settings.load(write(tmp_path, "# nothing\n"), env={}) == Settings()


def test_merged_and_leaves() -> None:
    below = {"a": {"x": 1, "y": [1, 2]}, "b": 1}
    assert merged(below, {"a": {"y": [3]}, "c": {}}) == {"a": {"x": 1, "y": [3]}, "b": 1, "c": {}}
    assert below == {"a": {"x": 1, "y": [1, 2]}, "b": 1}
    assert list(leaves({"a": {"x": 1, "y": {}}, "b": None})) == [("a", "x"), ("a", "y"), ("b",)]
