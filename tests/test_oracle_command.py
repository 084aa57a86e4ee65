from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.oracle import main
from tests.oracle_example.books import make_ref
from tests.oracle_example.example import make_example
from tests.oracle_example.servers import Scene, serve_scene
from tests.oracle_example.wire import source_id
from tests.oracle_parts.books import BooksError, BooksServer
from tests.oracle_parts.till import TillError, TillServer

SHOP = Path(__file__).parents[1] / "integration_hub" / "demo" / "shop.json"


@pytest.fixture
def scene() -> Scene:
    return Scene(*make_example())


@pytest.fixture
def url(scene: Scene) -> Iterator[str]:
    with serve_scene(scene) as address:
        yield address


@pytest.fixture
def arguments(url: str, tmp_path: Path) -> list[str]:
    token = tmp_path / "token"
    token.write_text("fresh\n")
    return [
        *("--till", url, "--ident", "i", "--secret", "s"),
        *("--books", url, "--realm", "1", "--token-file", str(token)),
        *("--setup", str(SHOP)),
    ]


def test_right_books_give_zero_and_a_table(arguments, capsys):
    assert main(arguments) == 0
    table = capsys.readouterr().out
    assert "receipts read" in table
    assert "difference" in table


def test_wrong_books_give_one_and_are_named(arguments, scene, capsys):
    row = scene.books.find("SalesReceipt", "R1-2-26-1")
    row["DepartmentRef"] = make_ref("Haven")
    assert main(arguments) == 1
    assert "has location 'unknown id Haven', not 'Centrum'" in capsys.readouterr().out


def test_json_tells_what_became_of_each_receipt(arguments, capsys):
    main([*arguments, "--json"])
    answer = json.loads(capsys.readouterr().out)
    assert answer["good"]
    outcomes = {found["outcome"] for found in answer["documents"].values()}
    assert outcomes == {"posted", "skipped", "waiting", "failed"}


def test_token_may_be_json(arguments, tmp_path):
    (tmp_path / "token").write_text('{"access_token": "fresh"}')
    assert main(arguments) == 0


def test_pages_are_walked_whatever_their_order(arguments, scene):
    scene.page = 3
    assert main(arguments) == 0


def test_books_are_read_in_windows(url, scene):
    row = scene.books.find("SalesReceipt", "R1-2-26-1")
    scene.books.objects["SalesReceipt"] = [row] * 2500
    books = BooksServer(url, "1", lambda: "fresh")
    assert len(list(books.rows("SalesReceipt"))) == 2500
    assert [query.split("startposition")[1] for query in scene.asked] == [
        " 1 maxresults 1000",
        " 1001 maxresults 1000",
        " 2001 maxresults 1000",
    ]


def test_throttling_is_waited_out(arguments, scene):
    scene.throttled = 3
    assert main(arguments) == 0


def test_refused_token_is_an_error(url):
    with pytest.raises(BooksError, match="answered 401"):
        list(BooksServer(url, "1", lambda: "stale").rows("Invoice"))


def test_wrong_secret_is_an_error(url):
    with pytest.raises(TillError, match="answered 500"):
        list(TillServer(url, "i", "wrong").receipts())


def test_trial_balance_is_told_in_euros(arguments, scene, capsys):
    scene.books.objects["SalesReceipt"] = []
    assert main([*arguments, "--trial-balance", "--json"]) == 0
    accounts = json.loads(capsys.readouterr().out)["accounts"]
    assert accounts["Tips to pay out"] == "-1.00"
    assert "Split tenders" not in accounts
    assert main([*arguments, "--trial-balance"]) == 0
    assert "Tips to pay out" in capsys.readouterr().out


def test_late_receipts_are_named_on_the_command_line(arguments, scene, capsys):
    closed = {"Id": "1", "AccountingInfoPrefs": {"BookCloseDate": "2026-03-05"}}
    scene.books.objects["Preferences"] = [closed]
    assert main([*arguments, "--late"]) == 0
    assert main([*arguments, "--late", source_id(1)]) == 1
    assert "must have no document (waiting: closed per" in capsys.readouterr().out


def test_till_that_knows_no_cash_counts_has_none(url, scene, monkeypatch):
    monkeypatch.setattr(TillServer, "_ask", refuse)
    assert TillServer(url, "i", "s").cash_counts() == ()


def refuse(till: TillServer, inner: str) -> None:
    raise TillError("Method 'ns:getCashCountList' not implemented")
