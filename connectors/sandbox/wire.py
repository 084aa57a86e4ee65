"""HTTP/1.1 on a socket: just what clients of a sandbox send, read quickly.

Requests with a length or in chunks, kept-alive connections, no TLS.
"""

from __future__ import annotations

from io import BufferedIOBase
from urllib.parse import parse_qsl, unquote, urlsplit

from connectors.sandbox.messages import Request, Response

MAX_LINE = 65_536
MAX_BODY = 120_000_000
REASONS = {
    200: "OK",
    302: "Found",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Payload Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


class BadRequest(Exception):
    """What came in is not HTTP, or too large."""


def read_request(stream: BufferedIOBase, output: BufferedIOBase) -> Request | None:
    """The next request, or None when the client has closed. Raises BadRequest."""
    line = stream.readline(MAX_LINE)
    if not line.strip():
        return None
    parts = line.decode("latin-1").split()
    if len(parts) != 3:
        raise BadRequest("Not a request line.")
    headers = _read_headers(stream)
    if headers.get("expect", "").lower() == "100-continue":
        output.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    target = urlsplit(parts[1])
    # Kept for wants_close: an older client wants one answer per connection.
    if parts[2] == "HTTP/1.0":
        headers.setdefault("connection", "close")
    return Request(
        method=parts[0].upper(),
        path=unquote(target.path),
        query=dict(parse_qsl(target.query, keep_blank_values=True)),
        headers=headers,
        body=_read_body(stream, headers),
        raw_query=target.query,
    )


def wants_close(request: Request) -> bool:
    """Whether the client wants the connection closed after the answer."""
    return request.headers.get("connection", "").lower() == "close"


def format_response(response: Response, *, head: bool = False) -> bytes:
    """The answer as bytes; without its body for a HEAD request."""
    reason = REASONS.get(response.status, "Unknown")
    lines = [f"HTTP/1.1 {response.status} {reason}"]
    lines += [f"{name}: {value}" for name, value in response.headers.items()]
    lines.append(f"Content-Length: {len(response.body)}\r\n\r\n")
    return "\r\n".join(lines).encode("latin-1") + (b"" if head else response.body)


def _read_headers(stream: BufferedIOBase) -> dict[str, str]:
    headers: dict[str, str] = {}
    while True:
        line = stream.readline(MAX_LINE)
        if line in (b"\r\n", b"\n", b""):
            return headers
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon:
            raise BadRequest("Not a header line.")
        headers[name.strip().lower()] = value.strip()


def _read_body(stream: BufferedIOBase, headers: dict[str, str]) -> bytes:
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return _read_chunks(stream)
    try:
        length = int(headers.get("content-length") or 0)
    except ValueError as error:
        raise BadRequest("Content-Length is not a number.") from error
    if not 0 <= length <= MAX_BODY:
        raise BadRequest("The body is too large.")
    body = stream.read(length) if length else b""
    if len(body) != length:
        raise BadRequest("The body is shorter than its length.")
    return body


def _read_chunks(stream: BufferedIOBase) -> bytes:
    chunks = []
    total = 0
    while True:
        try:
            size = int(stream.readline(MAX_LINE).split(b";")[0], 16)
        except ValueError as error:
            raise BadRequest("Not a chunk size.") from error
        total += size
        if size < 0 or total > MAX_BODY:
            raise BadRequest("The body is too large.")
        chunks.append(stream.read(size))
        stream.readline(MAX_LINE)
        if size == 0:
            return b"".join(chunks)
