"""Judge the books by the till: a second opinion that shares no code with the hub.

It asks the till and QuickBooks over plain HTTP, decides from what the till sends and
what the shop keeper chose which documents there must be, and names every difference.

    python tests/oracle.py --till URL --ident I --secret S --books URL --realm R \
        --token-file FILE --setup shop.json [--json] [--vat honoured|recomputed] \
        [--not-final RECEIPT-ID ...]

The exit code is 0 when the books are exactly right, 1 when they are not.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

if __package__ in (None, ""):
    # Run as a script: the parts are found from the folder above.
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.oracle_parts.books import BookCustomer, Books, BooksServer, Ledger
from tests.oracle_parts.books import read_ledger as read_ledger
from tests.oracle_parts.compare import HONOURED, RECOMPUTED, Comparison
from tests.oracle_parts.compose import decide
from tests.oracle_parts.expected import Decision, Expected
from tests.oracle_parts.match import Match, Matcher
from tests.oracle_parts.records import Till
from tests.oracle_parts.rules import Shop, find_scale
from tests.oracle_parts.setup import Setup, load_setup
from tests.oracle_parts.snapshot import snapshot as snapshot
from tests.oracle_parts.till import TillServer
from tests.oracle_parts.verdict import Verdict, format_table


def decide_all(
    till: Till, setup: Setup, *, not_final: Iterable[str] = ()
) -> tuple[Decision, ...]:
    """What must become of every receipt of a till."""
    percentages = till.vat_percentages()
    shop = Shop(
        setup=setup,
        relations=till.relations(),
        percentages=percentages,
        scale=find_scale(percentages),
        not_final=frozenset(not_final),
    )
    return tuple(decide(receipt, shop) for receipt in till.receipts())


def expected_documents(
    till: Till, setup: Setup, *, not_final: Iterable[str] = ()
) -> dict[str, Expected]:
    """The documents there must be, by business key ("SalesReceipt R1-1-26-17")."""
    decisions = decide_all(till, setup, not_final=not_final)
    expected = [decision.expected for decision in decisions if decision.expected]
    return {f"{found.entity} {found.numbers[0]}": found for found in expected}


def judge(
    till: Till,
    books: Books,
    setup: Setup,
    *,
    vat: str = HONOURED,
    not_final: Iterable[str] = (),
) -> Verdict:
    """Hold the books against the till.

    ``vat`` says whether the company honours the VAT amounts it is sent or computes
    its own; then cents of difference are told as data and are no problems.
    """
    decisions = decide_all(till, setup, not_final=not_final)
    ledger = read_ledger(books)
    comparison = Comparison(ledger, setup, vat, [])
    matcher = Matcher(ledger, setup.prefix)
    matches = [matcher.match(decision) for decision in decisions]
    problems: list[str] = []
    for match in matches:
        problems += match.problems
        problems += comparison.compare(match)
    problems += [
        f"{document.label} is in QuickBooks, but no receipt asks for it"
        for document in matcher.leftovers()
    ]
    problems += name_doubles(ledger, matches)
    return Verdict(
        decisions=decisions,
        documents=ledger.documents,
        found={match.decision.receipt.id: list_found(match) for match in matches},
        problems=tuple(problems),
        vat_differences=tuple(comparison.vat_differences),
    )


def list_found(match: Match) -> tuple[str, ...]:
    """The labels of the documents found for a receipt."""
    documents = [match.document] if match.document else []
    return tuple(document.label for document in [*documents, *match.payments])


def name_doubles(ledger: Ledger, matches: Sequence[Match]) -> list[str]:
    """Relations with two customers, and articles with two items."""
    customers: Mapping[str, set[BookCustomer]] = defaultdict(set)
    for match in matches:
        expected, document = match.decision.expected, match.document
        if expected and expected.customer and document and document.customer:
            customers[expected.customer.number].add(document.customer)
    items: Mapping[str, list[str]] = defaultdict(list)
    for item in ledger.items:
        if item.get("Sku") and item.get("Active", True):
            items[item["Sku"]].append(str(item["Id"]))
    return [
        f"relation {number} is {len(found)} customers:"
        f" {', '.join(sorted(customer.name for customer in found))}"
        for number, found in customers.items()
        if len(found) > 1
    ] + [
        f"article {sku} is {len(ids)} items: ids {', '.join(ids)}"
        for sku, ids in items.items()
        if len(ids) > 1
    ]


def read_token(path: Path) -> str:
    """A bearer token out of a file: the bare token, or JSON with access_token."""
    text = path.read_text(encoding="utf-8").strip()
    return str(json.loads(text)["access_token"]) if text.startswith("{") else text


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Judge the books by the till.")
    for name in ("till", "ident", "secret", "books", "realm"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--token-file", required=True, type=Path)
    parser.add_argument("--setup", required=True, type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--vat", choices=(HONOURED, RECOMPUTED), default=HONOURED)
    parser.add_argument("--not-final", nargs="*", default=[])
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge, print, and say by the exit code whether the books are right."""
    options = parse_arguments(arguments)
    verdict = judge(
        TillServer(options.till, options.ident, options.secret),
        BooksServer(
            options.books, options.realm, lambda: read_token(options.token_file)
        ),
        load_setup(options.setup),
        vat=options.vat,
        not_final=options.not_final,
    )
    if options.json:
        sys.stdout.write(json.dumps(verdict.to_json(), indent=1) + "\n")
    else:
        lines = [format_table(verdict), *verdict.problems]
        sys.stdout.write("\n".join(lines) + "\n")
    return 0 if verdict.good else 1


if __name__ == "__main__":
    sys.exit(main())
