from __future__ import annotations

import pytest

from connectors.mplus.sources.countries import from_alpha_3, from_text


@pytest.mark.parametrize(
    ("code", "country"),
    [("NLD", "NL"), ("bel", "BE"), (" DEU ", "DE"), ("", ""), ("ZZZ", "")],
)
def test_alpha_3(code, country):
    assert from_alpha_3(code) == country


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("Nederland", "NL"),
        ("NEDERLAND ", "NL"),
        ("nl", "NL"),
        ("NLD", "NL"),
        ("The Netherlands", "NL"),
        ("België", "BE"),
        ("Deutschland", "DE"),
        ("U.K", ""),
        ("", ""),
        ("Atlantis", ""),
    ],
)
def test_countries_typed_by_people(text, country):
    assert from_text(text) == country
