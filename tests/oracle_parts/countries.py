"""Countries as tills, shop keepers and customers' cards name them."""

from __future__ import annotations

from .records import Relation

# The till names countries by three letters, the shop keeper by two.
ISO2 = {
    "AUT": "AT",
    "BEL": "BE",
    "CHE": "CH",
    "DEU": "DE",
    "DNK": "DK",
    "ESP": "ES",
    "FRA": "FR",
    "GBR": "GB",
    "ITA": "IT",
    "LUX": "LU",
    "NLD": "NL",
    "NOR": "NO",
    "POL": "PL",
    "SWE": "SE",
    "USA": "US",
}
EU = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    ]
)
# A card holds whatever somebody typed.
NAMES = {
    "belgie": "BE",
    "belgië": "BE",
    "belgium": "BE",
    "denemarken": "DK",
    "deutschland": "DE",
    "duitsland": "DE",
    "engeland": "GB",
    "frankrijk": "FR",
    "germany": "DE",
    "groot-brittannië": "GB",
    "italië": "IT",
    "luxemburg": "LU",
    "nederland": "NL",
    "netherlands": "NL",
    "noorwegen": "NO",
    "norway": "NO",
    "oostenrijk": "AT",
    "polen": "PL",
    "schweiz": "CH",
    "spanje": "ES",
    "switzerland": "CH",
    "the netherlands": "NL",
    "united kingdom": "GB",
    "united states": "US",
    "usa": "US",
    "verenigd koninkrijk": "GB",
    "verenigde staten": "US",
    "zweden": "SE",
    "zwitserland": "CH",
}


def find_country(relation: Relation) -> str:
    """The two letters of a relation's country, "" where nobody can tell.

    What the address says comes first; a VAT number tells where there is no address.
    """
    text = relation.country.strip()
    known = NAMES.get(text.lower()) or ISO2.get(text.upper(), "")
    if not known and len(text) == 2:
        known = text.upper()
    prefix = relation.vat_number[:2].upper()
    prefix = "GR" if prefix == "EL" else prefix
    return known or (prefix if prefix.isalpha() else "")
