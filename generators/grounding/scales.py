"""What a heading or a caption gives for all its figures: a scale, a unit, a currency."""

from __future__ import annotations

import re
from decimal import Decimal

from .units import LETTERS, PREFIX, currencies, headed, units

_LETTERS = {**LETTERS, "T": Decimal(10**3), "t": Decimal(10**3)}
_SYMBOL = re.compile(r"\s?(?:US\$|[$€£¥₹])")
_BEFORE = re.compile(rf"\s?{PREFIX}")
_AFTER = re.compile(r"\s?([kKmMBT])(?![^\W_])")


def measure(text: str) -> tuple[Decimal | None, str]:
    """The scale and unit that a column's name or a row's label gives: "Length (m)", "Sales (€m)", "Noise, decibels"."""
    bracketed = " ".join(re.findall(r"[(\[]([^)\]]*)[)\]]", text))
    if not bracketed and (found := stated(text)) != (None, ""):
        return found
    told = bracketed or "".join(re.split(r",(?!\d)", text)[1:][-1:])
    if text.rstrip().endswith(("%", "％")):
        return None, "%"
    if (alone := units.at(text.strip(), 0)) and alone[1] == len(text.strip()):
        return None, alone[0]
    # "€m" are no metres: what is money is read first.
    for match in re.finditer(r"(?<![^\W_])(?=\S)", told):
        scale, currency, _ = _money(told, match.start())
        if currency:
            return scale, currency
    return next(iter(headed.anywhere(told)), None), next(iter(units.anywhere(told)), "")


def stated(text: str) -> tuple[Decimal | None, str]:
    """The scale and currency of "in millions of euros", "(EUR million)", "(£m)", ", CHF 1,000", "(thousands)".

    Other units of a caption are those of some columns only.
    """
    for match in re.finditer(r"\b[Ii]n\b|,\s|[(\[（](?:单位[:：])?", text):
        scale, currency, end = _money(text, match.end())
        comma, word = match.group().startswith(","), match.group().lower() == "in"
        alone = word or text[end : end + 1] in (")", "]", "）")
        if (scale and currency) or (not comma and (currency or (scale and alone))):
            return scale, currency
    return None, ""


def _money(text: str, at: int) -> tuple[Decimal | None, str, int]:
    """The scale and the currency spelled at a place, whichever comes first, each if it is, and where they end."""
    scale, at = headed.at(text, at) or (None, at)
    before = _BEFORE.match(text, at) if scale is None else None
    currency, at = _currency(text, before.end() if before else at + 3 * text.startswith(" of", at))
    if before:
        return _LETTERS[before.group().strip()], currency, at
    if scale is None and currency:
        scale, at = headed.at(text, at + 3 * text.startswith(" in", at)) or (None, at)
        if scale is None and (letter := _AFTER.match(text, at)):
            scale, at = _LETTERS[letter[1]], letter.end()
    return scale, currency, at


def _currency(text: str, at: int) -> tuple[str, int]:
    """A symbol ends by itself, other than a word: "€m"."""
    if symbol := _SYMBOL.match(text, at):
        at, text = symbol.end(), text[: symbol.end()]
        return (currencies.at(text, symbol.start()) or ("", at))[0], at
    return currencies.at(text, at) or ("", at)
