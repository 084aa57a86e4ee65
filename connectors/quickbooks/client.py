"""The only file that knows QuickBooks' wire: addresses, queries, batches, tokens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from connectors.contract import Account
from connectors.quickbooks.faults import (
    RECONNECT,
    Fault,
    judge_item,
    judge_reply,
    read_reply_faults,
)
from integration_hub.core import exactjson
from integration_hub.core.errors import (
    AuthError,
    ConfigError,
    HubError,
    OutcomeUnknown,
    RateLimited,
    RecordError,
    Unavailable,
)
from integration_hub.core.http import Exchange, Reply

# Everything below 75 is served as 75 since August 2025 (Intuit's blog).
VERSION = {"minorversion": "75"}
WINDOW = 1000
JSON = {"Accept": "application/json", "Content-Type": "application/json"}
READ = {"calls": 1, "burst": 1}
BATCH = {"batches": 1, "burst": 1, "calls": 1}
LEAST_ROOM = 5
# A longer query goes as the body of a POST.
LONGEST_ADDRESS = 2000
RETRY_STATUSES = frozenset({429, 500, 502, 503, 504})

Record = Mapping[str, Any]


class Client:
    """Calls of one company. Numbers are read and written exactly."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._session = account.session
        realm = account.credentials.get("realmId", "")
        base = str(account.settings.get("base_url", "")).rstrip("/")
        self._root = f"{base}/v3/company/{realm}"
        self._realm = realm

    @property
    def system(self) -> str:
        """The name of the connection, for texts."""
        return self._account.name

    @property
    def realm(self) -> str:
        """The company's id."""
        return self._realm

    def read_company(self) -> Record:
        """CompanyInfo. Raises AuthError, Unavailable and the like."""
        with all_concerned():
            found = self._read(f"/companyinfo/{self._realm}", {})
        return _part(found, "CompanyInfo")

    def read_preferences(self) -> Record:
        """Preferences."""
        with all_concerned():
            return _part(self._read("/preferences", {}), "Preferences")

    def query(self, text: str, *, private: bool = False) -> list[Record]:
        """The rows of one query. Raises RecordError for one that is not understood.

        ``private`` says that it names people: then no address holds it.
        """
        if private or len(text) > LONGEST_ADDRESS:
            return list_rows(self._read("/query", {}, data=text))
        return list_rows(self._read("/query", {"query": text}))

    def query_all(
        self, entity: str, where: str = "", *, private: bool = False
    ) -> Iterator[Record]:
        """All rows of an entity, asked in windows of 1,000. Raises RecordError."""
        condition = f" where {where}" if where else ""
        start = 1
        while True:
            rows = self.query(
                f"select {list_columns(entity)} from {entity}{condition} "  # noqa: S608  their own language
                f"startposition {start} maxresults {WINDOW}",
                private=private,
            )
            yield from rows
            if len(rows) < WINDOW:
                return
            start += WINDOW

    def send_batch(
        self, request_id: str, items: Sequence[Record]
    ) -> tuple[list[Record], list[Fault], Exchange]:
        """One batch call: its answers, or the faults by which it was refused whole.

        Repeating it with the same ``request_id`` repeats nothing that was done. Raises
        AuthError, RateLimited, ConfigError, Unavailable (nothing was done) and
        OutcomeUnknown.
        """
        reply = self._authorized(
            lambda headers: self._session.send(
                "POST",
                f"{self._root}/batch",
                write=True,
                params={**VERSION, "requestid": request_id},
                headers=headers,
                data=exactjson.dumps({"BatchItemRequest": list(items)}),
                spend=self._spend(len(items)),
            ),
            write=True,
        )
        faults = read_reply_faults(reply)
        if reply.status != 200:
            if not faults:
                raise self._garbled(reply, write=True)
            return [], faults, reply.exchange
        answers = self._parse(reply, write=True).get("BatchItemResponse")
        if not isinstance(answers, list) and not faults:
            raise self._garbled(reply, write=True)
        return list(answers or []), faults, reply.exchange

    def find_room(self, most: int) -> int:
        """How many items the next batch may have without waiting for older calls.

        ``most`` where items are not counted, or so few are left that it is better to
        wait for a full batch.
        """
        if not self._counts_items:
            return most
        room = self._session.find_room(BATCH, "calls")
        return most if room is None or room < LEAST_ROOM else min(most, room)

    @property
    def _counts_items(self) -> bool:
        counted = str(self._account.settings.get("batch_counts_items", "")).lower()
        return counted in ("true", "on", "1", "yes")

    def _spend(self, items: int) -> dict[str, int]:
        calls = items if self._counts_items else 1
        return {**BATCH, "calls": max(1, calls)}

    def _read(
        self, path: str, params: Mapping[str, str], *, data: str | None = None
    ) -> Mapping[str, Any]:
        query = {"Content-Type": "application/text"} if data is not None else {}
        reply = self._authorized(
            lambda headers: self._session.read(
                "GET" if data is None else "POST",
                self._root + path,
                params={**VERSION, **params},
                headers={**headers, **query},
                data=data,
                spend=READ,
                retry_reply=lambda reply: reply.status in RETRY_STATUSES,
            ),
            write=False,
        )
        faults = read_reply_faults(reply)
        if faults:
            error = judge_item(faults[0], subject="a query", system=self.system)
            error.exchange = reply.exchange
            raise error
        if reply.status != 200:
            raise self._garbled(reply, write=False)
        return self._parse(reply, write=False)

    def _authorized(self, call: Any, *, write: bool) -> Reply:
        """Make the call; with a fresh token once more if this one is not accepted."""
        tokens = self._account.tokens
        if tokens is None or not self._realm:
            raise AuthError(
                f"{self.system} is not connected to a company.",
                code="not connected",
                action=RECONNECT,
                system=self.system,
            )
        token = tokens.access_token()
        for turn in (1, 2):
            reply: Reply = call({**JSON, "Authorization": f"Bearer {token}"})
            if reply.status == 401 and turn == 1:
                token = tokens.renew(token)
                continue
            break
        error = judge_reply(reply, write=write, system=self.system)
        if error is None:
            return reply
        if isinstance(error, RateLimited):
            self._session.slow_down(error.retry_after)
        raise error

    def _parse(self, reply: Reply, *, write: bool) -> Mapping[str, Any]:
        try:
            payload = exactjson.loads(reply.body)
        except (ValueError, RecursionError) as error:
            raise self._garbled(reply, write=write) from error
        if not isinstance(payload, Mapping):
            raise self._garbled(reply, write=write)
        return payload

    def _garbled(self, reply: Reply, *, write: bool) -> HubError:
        kind = OutcomeUnknown if write else Unavailable
        return kind(
            f"{self.system} sent an answer that cannot be read.",
            code="garbled",
            action="Check the base address of the connection if this lasts.",
            system=self.system,
            exchange=reply.exchange,
        )


@contextmanager
def all_concerned() -> Iterator[None]:
    """Raise ConfigError for a refusal that concerns no single record.

    A list or a day that cannot be asked for stops everything until a person mends it.
    """
    try:
        yield
    except RecordError as error:
        raise ConfigError(
            error.message,
            code=error.code,
            reference=error.reference,
            action=error.action or "Look at the company in QuickBooks.",
            system=error.system,
            exchange=error.exchange,
        ) from error


def list_columns(entity: str) -> str:
    """What a query for whole objects asks for.

    An item's SKU may not be among all columns (an independent client names it).
    """
    return "*, Sku" if entity == "Item" else "*"


def list_rows(payload: Mapping[str, Any]) -> list[Record]:
    """The rows of a QueryResponse; it names no entity when there are none."""
    response = payload.get("QueryResponse")
    if not isinstance(response, Mapping):
        return []
    rows: list[Record] = []
    for value in response.values():
        if isinstance(value, list):
            rows += [row for row in value if isinstance(row, Mapping)]
    return rows


def _part(payload: Mapping[str, Any], name: str) -> Record:
    found = payload.get(name)
    if isinstance(found, Mapping):
        return found
    raise ConfigError(
        f"The answer holds no {name}: this is not QuickBooks Online's API.",
        code="not quickbooks",
        action="Check the base address of the connection.",
    )
