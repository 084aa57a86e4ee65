"""What can be done to the till through the control endpoint."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from connectors.mplus.sandbox.changes import (
    change_receipt,
    finish_receipt,
    pay_receipt,
)
from connectors.mplus.sandbox.counting import close_day
from connectors.mplus.sandbox.seed.draft import Draft, Draw
from connectors.mplus.sandbox.seed.later_sorts import ALL_SORTS
from connectors.mplus.sandbox.seed.moments import (
    LAST_DAY,
    Moment,
    draw_moment,
)
from connectors.mplus.sandbox.seed.receipts import ring_up, ring_up_many
from connectors.mplus.sandbox.seed.shop import Record
from connectors.mplus.sandbox.seed.shop_sorts import mark_own_use
from connectors.mplus.sandbox.selection import Lateness
from connectors.mplus.sandbox.store import Entry, Store
from connectors.mplus.sandbox.till import (
    INCLUSIVE,
    Sold,
    build_line,
    total_lines,
)
from connectors.mplus.schema import STRUCTS
from connectors.sandbox.messages import ControlError

Payload = Mapping[str, Any]
_NOON = 12 * 3600


class Actions:
    """The domain actions of the control endpoint, by name."""

    def __init__(self, store: Store, lateness: Lateness) -> None:
        self._store = store
        self._lateness = lateness
        self._known: dict[str, Callable[[Payload], Mapping[str, Any]]] = {
            "ring_up": self._ring_up,
            "add_receipts": self._add_receipts,
            "change_receipt": self._change_receipt,
            "finish_receipt": self._finish_receipt,
            "close_day": self._close_day,
            "pay_receipt": self._pay_receipt,
            "edit_relation": self._edit_relation,
            "receipts": self._list_receipts,
            "show_late": lambda _: {"shown": self._lateness.release()},
        }

    def do(self, action: str, payload: Payload) -> Mapping[str, Any]:
        """Do an action. Raises ControlError."""
        if action not in self._known:
            known = ", ".join(sorted(self._known))
            raise ControlError(f"There is no action {action}; there are {known}.")
        with self._store.lock:
            try:
                return self._known[action](payload)
            except (KeyError, TypeError) as error:
                raise ControlError(f"{action} cannot use this: {error!r}") from error

    def seed(self, count: int, *, days: int, seed: int) -> None:
        """Ring up the seed's receipts."""
        store = self._store
        store.add_receipts(
            ring_up_many(
                count, store.catalog, days=days, numbers=store.numbers, seed=seed
            )
        )

    def _ring_up(self, payload: Payload) -> Mapping[str, Any]:
        rng = self._take_rng()
        if "lines" in payload or "payments" in payload:
            sort, draft = payload.get("sort", "custom"), self._read_draft(payload)
        else:
            sort = payload.get("sort", "sale")
            draft = self._draw(sort, rng)
        self._dress(draft, payload)
        moment = _read_moment(payload, rng)
        numbers = self._store.numbers
        rung_up = ring_up(sort, draft, moment, numbers=numbers, rng=rng)
        _date_payments(rung_up.receipt, payload)
        _charge_abroad(rung_up.receipt, payload)
        return _summarize(self._store.add_receipts([rung_up])[0])

    def _add_receipts(self, payload: Payload) -> Mapping[str, Any]:
        count = int(payload.get("count", 1))
        rng = self._take_rng()
        sorts = (
            [*ALL_SORTS] if payload.get("every_sort") else [payload.get("sort", "sale")]
        )
        added = []
        for index in range(count):
            sort = sorts[index % len(sorts)]
            draft = self._draw(sort, rng)
            moment = _read_moment(payload, rng)
            numbers = self._store.numbers
            added.append(ring_up(sort, draft, moment, numbers=numbers, rng=rng))
        entries = self._store.add_receipts(added)
        return {"receipts": [_summarize(entry) for entry in entries]}

    def _change_receipt(self, payload: Payload) -> Mapping[str, Any]:
        entry = self._find(payload)
        lines = None
        if "lines" in payload:
            lines = self._read_draft(payload).lines
        if payload.get("what") == "relation":
            payload = {**payload, "relation": self._find_relation(payload["relation"])}
        receipt = change_receipt(
            entry.read(), payload, rng=self._take_rng(), lines=lines
        )
        return self._replace(entry, receipt)

    def _finish_receipt(self, payload: Payload) -> Mapping[str, Any]:
        entry = self._find(payload)
        receipt = finish_receipt(entry.read(), payload, rng=self._take_rng())
        return self._replace(entry, receipt)

    def _pay_receipt(self, payload: Payload) -> Mapping[str, Any]:
        entry = self._find(payload)
        receipt = pay_receipt(entry.read(), payload, rng=self._take_rng())
        return self._replace(entry, receipt)

    def _close_day(self, payload: Payload) -> Mapping[str, Any]:
        return {"cashCounts": close_day(self._store, payload, rng=self._take_rng())}

    def _edit_relation(self, payload: Payload) -> Mapping[str, Any]:
        number = payload.get("relationNumber")
        known = self._store.relations.get(int(number or 0))
        if known is None:
            raise ControlError(f"There is no relation {number}.")
        fields = {element.name for element in STRUCTS["Relation"].elements}
        if unknown := sorted(set(payload) - fields):
            raise ControlError(f"A relation has no {', '.join(unknown)}.")
        changed = {**known, **payload}
        self._store.replace_relation(changed)
        return changed

    def _list_receipts(self, payload: Payload) -> Mapping[str, Any]:
        sort = payload.get("sort")
        since = int(payload.get("since", 0))
        full = payload.get("full", False)
        return {
            "receipts": [
                _summarize(entry) | ({"receipt": entry.read()} if full else {})
                for entry in self._store.receipts_from(since)
                if sort in (None, entry.sort)
            ]
        }

    def _replace(self, entry: Entry, receipt: Record) -> Mapping[str, Any]:
        changed = self._store.replace_receipt(entry, receipt, features=entry.features)
        return _summarize(changed)

    def _find(self, payload: Payload) -> Entry:
        entry = self._store.find_receipt(str(payload.get("receiptId", "")))
        if entry is None:
            raise ControlError(f"There is no receipt {payload.get('receiptId')}.")
        return entry

    def _find_relation(self, number: int) -> Record | None:
        """The relation of a number; 0 is none."""
        if number and number not in self._store.relations:
            raise ControlError(f"There is no relation {number}.")
        return self._store.relations.get(number)

    def _take_rng(self) -> random.Random:
        return random.Random(f"serial {self._store.take_serial()}")  # noqa: S311 - repeatable on purpose

    def _draw(self, sort: str, rng: random.Random) -> Draft:
        if sort not in ALL_SORTS:
            known = ", ".join(ALL_SORTS)
            raise ControlError(f"There is no sort {sort}; there are {known}.")
        store = self._store

        def find_sale(wanted: str) -> Record | None:
            return store.find_sale(wanted, rng)

        return ALL_SORTS[sort](Draw(store.catalog, rng, find_sale=find_sale))

    def _read_draft(self, payload: Payload) -> Draft:
        method = payload.get("vatMethod", INCLUSIVE)
        sold = [self._read_sold(each) for each in payload.get("lines", ())]
        lines = [build_line(each, method) for each in sold]
        for line, each in zip(lines, payload.get("lines", ()), strict=True):
            if each.get("used"):
                mark_own_use(line, int(each["used"]))
        draft = Draft(lines, total_lines(lines, method), method)
        draft.type = payload.get("type", draft.type)
        draft.state = payload.get("state", draft.state)
        draft.credits = payload.get("credits", "")
        for each in payload.get("payments", ()):
            draft.pay(each["method"], each.get("amount"))
        return draft

    def _read_sold(self, values: Payload) -> Sold:
        article = self._store.catalog.articles.get(int(values.get("article", 0)))
        if article is None:
            raise ControlError(f"There is no article {values.get('article')}.")
        return Sold(
            article,
            int(values.get("quantity", 1)),
            price=values.get("price"),
            discount=int(values.get("discount", 0)),
            text=values.get("text", ""),
            reason=values.get("reason", ""),
        )

    def _dress(self, draft: Draft, payload: Payload) -> None:
        if "relation" in payload:
            draft.relation = self._find_relation(payload["relation"])
        draft.reference = payload.get("reference", draft.reference)


def _read_moment(payload: Payload, rng: random.Random) -> Moment:
    day = date.fromisoformat(payload.get("date", LAST_DAY.isoformat()))
    moment = draw_moment(rng, day, _NOON + rng.randrange(6 * 3600))
    entered = moment.entered
    if "entered" in payload:
        entered = datetime.fromisoformat(payload["entered"]).astimezone(
            moment.entered.tzinfo
        )
    return Moment(
        int(payload.get("branch", moment.branch)),
        int(payload.get("till", moment.till)),
        moment.employee,
        day,
        entered,
    )


def _date_payments(receipt: Record, payload: Payload) -> None:
    """Payments that are told with a date of their own are of that day."""
    payments = receipt["paymentList"]["payment"]
    # A drawn sort has payments that nobody told.
    for payment, each in zip(payments, payload.get("payments", ()), strict=False):
        if "date" in each:
            payment["financialDate"] = date.fromisoformat(each["date"]).isoformat()


def _charge_abroad(receipt: Record, payload: Payload) -> None:
    """``vatCountry`` (three letters) is that of the VAT, where it is another's."""
    for group in receipt["vatGroupList"]["vatGroup"]:
        if "vatCountry" in payload:
            group["countryIso3"] = payload["vatCountry"]
            group.pop("countryCode", None)


def _summarize(entry: Entry) -> dict[str, Any]:
    receipt = entry.read()
    return {
        "receiptId": entry.id,
        "syncMarker": entry.marker,
        "sort": entry.sort,
        "features": list(entry.features),
        "transactionString": receipt["transactionString"],
        "financialDate": entry.day,
        "financialBranchNumber": entry.branch,
        "totalInclAmount": receipt["totalInclAmount"],
        "paidAmount": receipt["paidAmount"],
        "state": receipt["state"],
    }
