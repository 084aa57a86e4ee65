"""What a plan says of its amounts, as a record keeps it: decimals as texts."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.writes import Bridge, Difference


def bridge_data(bridge: Bridge | None) -> dict[str, str]:
    """The bridge as decimal texts, {} for none."""
    if bridge is None:
        return {}
    settled = {"settled": str(bridge.settled)} if bridge.settled else {}
    return {
        "till_total": str(bridge.till_total),
        "liability_tenders": str(bridge.liability_tenders),
        "tips": str(bridge.tips),
        "rounding": str(bridge.rounding),
        "target_total": str(bridge.target_total),
        **settled,
    }


def difference_data(difference: Difference) -> Mapping[str, str]:
    """One recorded difference as texts."""
    return {
        "what": difference.what,
        "source": str(difference.source),
        "target": str(difference.target),
        "reason": difference.reason,
    }
