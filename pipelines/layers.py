"""Settings before they are checked: nested mappings from files, the environment and the caller, laid over each other.

Every leaf remembers where it was said, so that an error can name the file or the variable.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from ..errors import SettingsError

ENV_PREFIX = "OCTAVO__"
DEFAULT_PROFILE = "embedded"
_CONFIGS = files(__package__.rpartition(".")[0]).joinpath("configs")
Key = tuple[str, ...]
Origins = dict[Key, str]

# ${NAME} or ${NAME:-default}; $${ is a plain ${
_VARIABLE = re.compile(r"\$(\$\{)|\$\{(\w+)(?::-([^}]*))?\}")
_LONGEST = 1 << 20  # characters of a configuration file
_NOT_SETTINGS = {"relevance", "statements"}  # fitted numbers lie in the same folder


def profiles() -> list[str]:
    """Names of the configuration files that come with Octavo."""
    names = {entry.name.removesuffix(".yaml") for entry in _CONFIGS.iterdir() if entry.name.endswith(".yaml")}
    return sorted(names - _NOT_SETTINGS)


def read_config(name: str | Path, env: Mapping[str, str]) -> tuple[dict[str, Any], str]:
    """The mapping in a configuration file, and the file's name. `name` is a path or the name of a profile."""
    text, where = _text_of(name)
    data = _parsed(text, where, "correct the file")
    if data is None:
        return {}, where
    if not isinstance(data, dict):
        raise SettingsError("a configuration file holds sections, like `retrieval:`", where=where)
    filled = {str(key): _filled(value, env, where) for key, value in data.items()}
    return filled, where


def _text_of(name: str | Path) -> tuple[str, str]:
    path = Path(name).expanduser()
    if path.suffix in {".yaml", ".yml"} or len(path.parts) > 1:
        cure = f"name a readable file or one of the profiles: {', '.join(profiles())}"
        try:
            with path.open(encoding="utf-8") as file:
                text = file.read(_LONGEST + 1)
        except (OSError, UnicodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise SettingsError(f"cannot read the configuration ({why})", where=str(path), cure=cure) from error
        if len(text) > _LONGEST:
            raise SettingsError("this is no configuration: it is far too long", where=str(path), cure=cure)
        return text, str(path)
    if str(name) not in profiles():
        cure = f"use one of {', '.join(profiles())}, or the path of a .yaml file"
        raise SettingsError(f"there is no profile named {str(name)!r}", where="--config", cure=cure)
    return _CONFIGS.joinpath(f"{name}.yaml").read_text(encoding="utf-8"), f"configs/{name}.yaml"


def _parsed(text: str, where: str, cure: str | None = None) -> Any:
    """What YAML says."""
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        at = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise SettingsError(f"not valid YAML: {at}{error.problem}", where=where, cure=cure) from error
    except RecursionError as error:
        raise SettingsError("not valid YAML: it is nested too deeply", where=where, cure=cure) from error
    except (yaml.YAMLError, ValueError) as error:  # the latter of dates that there are not
        why = str(error).splitlines()[0]
        raise SettingsError(f"not valid YAML: {why}", where=where, cure=cure) from error


def _filled(value: Any, env: Mapping[str, str], where: str) -> Any:
    """`value` with `${NAME:-default}` replaced in every string of it."""
    if isinstance(value, dict):
        return {str(key): _filled(item, env, where) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, env, where) for item in value]
    if not isinstance(value, str):
        return value

    def replacement(match: re.Match[str]) -> str:
        escaped, name, default = match.groups()
        if escaped:
            return "${"
        if found := env.get(name, ""):
            return found
        if default is None:
            raise SettingsError(f"the environment variable {name} is not set", where=where, cure=f"export {name}=…")
        return str(default)

    return _VARIABLE.sub(replacement, value)


def read_environment(env: Mapping[str, str]) -> tuple[dict[str, Any], Origins]:
    """What OCTAVO_LIBRARY and OCTAVO__SECTION__KEY say. Values that look like YAML lists or mappings are parsed."""
    said: dict[str, Any] = {}
    origins: Origins = {}
    names = sorted(name for name in env if name.startswith(ENV_PREFIX))
    pairs = [(tuple(name.removeprefix(ENV_PREFIX).lower().split("__")), name) for name in names]
    if env.get("OCTAVO_LIBRARY"):
        pairs.insert(0, (("library", "path"), "OCTAVO_LIBRARY"))
    for key, name in pairs:
        value: Any = env[name]
        if value[:1] in {"[", "{"} or value in {"null", "~"}:
            value = _parsed(value, name)
        said = merged(said, nested(key, value))
        origins[key] = name
    return said, origins


def nested(key: Key, value: Any) -> dict[str, Any]:
    """`{"a": {"b": value}}` for the key `("a", "b")`."""
    for part in reversed(key):
        value = {part: value}
    return dict(value)


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """`above` laid over `below`, section by section; lists and values replace each other whole."""
    result = dict(below)
    for key, value in above.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return result


def leaves(mapping: Mapping[str, Any], prefix: Key = ()) -> Iterator[Key]:
    """The keys of all values that are not themselves sections."""
    for key, value in mapping.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, (*prefix, key))
        else:
            yield (*prefix, key)


def environment() -> Mapping[str, str]:
    return os.environ
