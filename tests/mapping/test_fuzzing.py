"""10,000 random expressions on 10,000 random documents, the same ones for a seed.

FUZZ_SEED changes the seed; a failure names it with the pair that failed.
"""

from __future__ import annotations

import pytest

from tests.mapping.fuzzing import LIMITS, SEED, count_limits, run

PAIRS, PARTS = 10_000, 4


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_but_the_named_errors_comes_out(part: int) -> None:
    met = count_limits(run(f"{SEED}-{part}", PAIRS // PARTS))
    assert met.total() > 50


def test_the_fuzzer_goes_beyond_every_limit() -> None:
    met = count_limits(run(SEED, 1_500, extreme=True))
    assert set(met) == set(LIMITS)
