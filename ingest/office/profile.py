"""The profile that LibreOffice converts with: one macro of ours, none of others', no links, no way into the network."""

from __future__ import annotations

import html
from importlib.resources import files
from pathlib import Path

MACRO = "macro:///Standard.Octavo.Main"

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACES = 'xmlns:library="http://openoffice.org/2000/library" xmlns:xlink="http://www.w3.org/1999/xlink"'
# Where no proxy listens, nothing can be asked; port 9 discards.
_SETTINGS = {
    "Office.Common/Security/Scripting": {"MacroSecurityLevel": "3", "BlockUntrustedRefererLinks": "true"},
    "Office.Writer/Content/Update": {"Link": "2"},  # never
    "Office.Calc/Content/Update": {"Link": "1"},  # never
    "Inet/Settings": {
        "ooInetProxyType": "2",  # by hand
        "ooInetHTTPProxyName": "127.0.0.1",
        "ooInetHTTPProxyPort": "9",
        "ooInetHTTPSProxyName": "127.0.0.1",
        "ooInetHTTPSProxyPort": "9",
        "ooInetFTPProxyName": "127.0.0.1",
        "ooInetFTPProxyPort": "9",
        "ooInetNoProxy": "",
    },
    # Else the first start copies its own, empty library of macros over ours.
    "Setup/Office": {"ooSetupInstCompleted": "true"},
}


def write_profile(folder: Path) -> Path:
    """A new profile in `folder`, which `-env:UserInstallation` names."""
    library = folder / "user" / "basic" / "Standard"
    library.mkdir(parents=True)
    _write(folder / "user" / "registrymodifications.xcu", _registry())
    for kind in ("script", "dialog"):
        element = '<library:element library:name="Octavo"/>' if kind == "script" else ""
        _write(
            library.parent / f"{kind}.xlc",
            f'<library:libraries {_NAMESPACES}><library:library library:name="Standard" library:link="false"/>'
            "</library:libraries>",
        )
        _write(
            library / f"{kind}.xlb",
            f'<library:library {_NAMESPACES} library:name="Standard" library:readonly="false"'
            f' library:passwordprotected="false">{element}</library:library>',
        )
    source = files(__package__).joinpath("convert.bas").read_text(encoding="utf-8")
    _write(
        library / "Octavo.xba",
        '<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Octavo"'
        f' script:language="StarBasic">{html.escape(source, quote=False)}</script:module>',
    )
    return folder


def _registry() -> str:
    items = [
        f'<item oor:path="/org.openoffice.{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop>'
        "</item>"
        for path, values in _SETTINGS.items()
        for name, value in values.items()
    ]
    return f'<oor:items xmlns:oor="http://openoffice.org/2001/registry">{"".join(items)}</oor:items>'


def _write(path: Path, content: str) -> None:
    path.write_text(_HEAD + content, encoding="utf-8")
