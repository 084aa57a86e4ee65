"""Country codes as rules need them."""

from __future__ import annotations

# Member states by ISO 3166 alpha-2, as the European Union lists them.
EU_MEMBERS = frozenset(
    {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES"}
    | {"FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU"}
    | {"LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"}
)

# What VAT numbers and habit call countries that ISO 3166 calls otherwise.
_OTHER_NAMES = {"EL": "GR", "UK": "GB"}


def normalize_country(text: str) -> str | None:
    """The alpha-2 code in capitals, or None for a text that has not two letters."""
    code = text.strip().upper()
    if len(code) != 2 or not (code.isascii() and code.isalpha()):
        return None
    return _OTHER_NAMES.get(code, code)


def is_eu_member(text: str) -> bool:
    """Whether the country is a member of the European Union."""
    return normalize_country(text) in EU_MEMBERS
