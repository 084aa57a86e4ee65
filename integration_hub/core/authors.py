"""Who is at work: the name under which changes are kept.

Like the language of a request, it is set once at the edge (a page, a command) and read
where a change is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

# Who changes something without a person behind it.
HUB = "the hub"

_author: ContextVar[str] = ContextVar("author", default=HUB)


def current_author() -> str:
    """The name of who is at work here."""
    return _author.get()


@contextmanager
def authored_by(name: str) -> Iterator[None]:
    """Everything inside is done by ``name``."""
    before = _author.set(name)
    try:
        yield
    finally:
        _author.reset(before)


class AuthorMiddleware:
    """Each request is the work of whoever is signed in. Behind authentication."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer it under the user's name."""
        name = request.user.get_username() if request.user.is_authenticated else HUB
        with authored_by(name):
            return self.get_response(request)
