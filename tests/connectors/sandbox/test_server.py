from __future__ import annotations

import http.client
import json
import threading
import urllib.error
import urllib.request

import pytest

from connectors.sandbox.faults import Faults, make_rule
from connectors.sandbox.messages import ControlError, Response, json_response
from connectors.sandbox.server import start
from connectors.sandbox.state import State
from connectors.sandbox.switches import Switch, Switches


class Counter:
    """An application whose only operation is to count."""

    key = "counter"

    def __init__(self):
        self.switches = Switches({"step": Switch(1), "mode": Switch("a", ("a", "b"))})
        self.state = State()
        self.count = 0

    def handle(self, request, hold):
        items = int(request.query.get("items") or 1)
        hold.begin("count", items)
        for done in range(1, items + 1):
            self.count += self.switches["step"]
            self.state.save([("count", "1", self.count)])
            hold.inside(done)
        hold.after()
        return json_response(200, {"count": self.count, "sent": request.body.decode()})

    def failure(self, status):
        return Response(status, {"Content-Type": "text/plain"}, b"vendor says no")

    def control(self, action, payload):
        if action != "add":
            raise ControlError(f"There is no {action}.")
        self.count += payload["n"]
        return {"count": self.count}

    def load(self, state):
        self.state = state
        self.count = next((body for *_, body in state.rows()), 0)

    def reset(self):
        self.count = 0
        self.state.clear()


@pytest.fixture
def server():
    running = start(Counter())
    yield running
    running.stop()


def call(server, method, path, body=None, timeout=10):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(server.url + path, data=data, method=method)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def order(server, **rule):
    status, answer = call(server, "POST", "/_sandbox/faults", rule)
    assert status == 200, answer


def run_in_thread(server, path="/x"):
    def run():
        try:
            results.append(call(server, "POST", path))
        except (OSError, http.client.HTTPException) as error:
            results.append(error)

    results: list = []
    thread = threading.Thread(target=run)
    thread.start()
    return thread, results


def wait_held(server):
    return call(server, "GET", "/_sandbox/held?wait=10")[1]["held"]


def test_one_connection_carries_many_requests(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    for expected in (1, 2, 3):
        connection.request("POST", "/x", body=b"abc")
        answer = json.loads(connection.getresponse().read())
        assert answer == {"count": expected, "sent": "abc"}
    connection.close()


def test_body_in_chunks_is_read(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("POST", "/x", body=iter([b"ab", b"cd"]), encode_chunked=True)
    assert json.loads(connection.getresponse().read())["sent"] == "abcd"
    connection.close()


def test_what_is_not_http_is_refused(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("POST", "/x", headers={"Content-Length": "x"})
    assert connection.getresponse().status == 400
    connection.close()


def test_defect_of_the_application_closes_the_connection_and_is_logged(server, caplog):
    with pytest.raises(http.client.RemoteDisconnected):
        call(server, "POST", "/x?items=many")
    assert "The sandbox failed on a request." in caplog.text


def test_switch_is_changed_and_used(server):
    assert call(server, "POST", "/_sandbox/switches", {"step": 5})[1]["step"] == 5
    assert call(server, "POST", "/x")[1]["count"] == 5


@pytest.mark.parametrize("values", [{"stepp": 1}, {"mode": "c"}, {"step": "2"}, []])
def test_wrong_switch_is_refused(server, values):
    assert call(server, "POST", "/_sandbox/switches", values)[0] == 400


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"action": "explode"},
        {"action": "cut", "stage": "never"},
        {"action": "cut", "match": "("},
        {"action": "cut", "unknown": 1},
        "cut",
    ],
)
def test_wrong_fault_is_refused(server, rule):
    assert call(server, "POST", "/_sandbox/faults", rule)[0] == 400


def test_status_before_does_no_work_and_uses_the_vendors_words(server):
    order(server, action="status", status=503)
    assert call(server, "POST", "/x") == (503, b"vendor says no")
    assert server.application.count == 0
    assert call(server, "POST", "/x")[0] == 200


def test_status_after_comes_with_the_work_done(server):
    order(server, action="status", stage="after", status=500, body="oops")
    assert call(server, "POST", "/x") == (500, b"oops")
    assert server.application.count == 1


def test_cut_before_does_no_work(server):
    order(server, action="cut")
    with pytest.raises(http.client.RemoteDisconnected):
        call(server, "POST", "/x")
    assert server.application.count == 0


def test_cut_inside_leaves_the_first_items_done(server):
    order(server, action="cut", stage="inside", after_items=2)
    with pytest.raises(http.client.RemoteDisconnected):
        call(server, "POST", "/x?items=5")
    assert server.application.count == 2


def test_lost_answer_leaves_everything_done(server):
    order(server, action="lose")
    with pytest.raises(http.client.RemoteDisconnected):
        call(server, "POST", "/x?items=5")
    assert server.application.count == 5


def test_garbled_answer_is_not_json(server):
    order(server, action="garble")
    with pytest.raises(json.JSONDecodeError):
        call(server, "POST", "/x")


@pytest.mark.parametrize(
    ("stage", "done"), [("before", 0), ("inside", 2), ("after", 4)]
)
def test_held_call_waits_at_its_stage_until_released(server, stage, done):
    order(server, action="hold", stage=stage, after_items=2)
    thread, results = run_in_thread(server, "/x?items=4")
    (held,) = wait_held(server)
    assert (held["stage"], held["operation"]) == (stage, "count")
    assert server.application.count == done
    call(server, "POST", "/_sandbox/release", {"id": held["id"]})
    thread.join(10)
    assert results[0][1]["count"] == 4


def test_held_call_goes_on_after_its_seconds(server):
    order(server, action="hold", seconds=0.01)
    assert call(server, "POST", "/x")[0] == 200


def test_late_write_is_committed_after_the_client_was_cut(server):
    order(server, action="late")
    thread, results = run_in_thread(server)
    wait_held(server)
    thread.join(10)
    assert isinstance(results[0], http.client.RemoteDisconnected)
    assert server.application.count == 0
    order(server, action="hold", stage="after")
    call(server, "POST", "/_sandbox/release")
    assert wait_held(server)[0]["stage"] == "after"
    assert server.application.count == 1


def test_rule_strikes_only_what_it_matches_and_skips_the_first(server):
    order(server, action="status", match="^POST /x count$", after=1, times=2)
    assert call(server, "GET", "/x")[0] == 200
    found = [call(server, "POST", "/x")[0] for _ in range(4)]
    assert found == [200, 503, 503, 200]


def test_probability_is_repeatable_and_near_its_value():
    faults = Faults()
    faults.add(make_rule({"action": "cut", "probability": 0.3, "times": None}))
    struck = sum(bool(faults.due("before", "POST /x count")) for _ in range(1000))
    assert 250 < struck < 350


def test_cleared_fault_strikes_no_more(server):
    order(server, action="status", times=None)
    rules = call(server, "GET", "/_sandbox/faults")[1]["faults"]
    call(server, "DELETE", f"/_sandbox/faults?id={rules[0]['id']}")
    assert call(server, "POST", "/x")[0] == 200


def test_log_names_each_request_with_its_operation_items_and_status(server):
    call(server, "POST", "/x?items=3")
    order(server, action="cut")
    with pytest.raises(http.client.RemoteDisconnected):
        call(server, "GET", "/y")
    first, second = call(server, "GET", "/_sandbox/log")[1]["log"]
    assert (first["n"], first["items"], first["status"]) == (1, 3, 200)
    assert (second["method"], second["path"], second["status"]) == ("GET", "/y", 0)
    assert call(server, "GET", "/_sandbox/log?since=1")[1]["log"] == [second]


def test_domain_action_is_passed_on(server):
    assert call(server, "POST", "/_sandbox/do/add", {"n": 4}) == (200, {"count": 4})
    assert call(server, "POST", "/_sandbox/do/fly", {})[0] == 400


@pytest.mark.parametrize("path", ["/_sandbox/nothing", "/_sandbox/log?since=x"])
def test_unknown_control_request_is_refused(server, path):
    assert call(server, "GET", path)[0] == 400


def test_reset_puts_everything_back(server):
    order(server, action="status")
    call(server, "POST", "/_sandbox/switches", {"step": 5})
    call(server, "POST", "/_sandbox/reset")
    assert call(server, "POST", "/x")[1]["count"] == 1


def test_state_survives_a_restart(tmp_path):
    path = str(tmp_path / "state.sqlite3")
    for expected in (1, 2):
        running = start(Counter(), state_file=path)
        assert call(running, "POST", "/x")[1]["count"] == expected
        running.stop()


def test_state_forgets_what_is_gone(tmp_path):
    state = State(str(tmp_path / "state.sqlite3"))
    state.save([("a", "1", {"x": 1}), ("a", "2", None)])
    state.save([("a", "1", {"x": 2})], [("a", "2")])
    assert list(state.rows()) == [("a", "1", {"x": 2})]
    state.close()
