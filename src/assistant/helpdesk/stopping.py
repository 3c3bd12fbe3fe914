"""Being stopped by Ctrl-C or SIGTERM: at once, but never in the middle of what cannot be taken back."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

STOPS = (signal.SIGINT, signal.SIGTERM)

Handler = Callable[[int, FrameType | None], object] | signal.Handlers


@contextmanager
def stoppable() -> Iterator[None]:
    """SIGTERM raises KeyboardInterrupt as Ctrl-C does; what is cleaned up then is not stopped once more."""
    with _handled(_stop):
        yield


@contextmanager
def unstopped() -> Iterator[None]:
    """What is begun here comes to its end: who wants to stop it comes too late."""
    with _handled(signal.SIG_IGN):
        yield


def _stop(_number: int, _frame: FrameType | None) -> None:
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


@contextmanager
def _handled(handler: Handler) -> Iterator[None]:
    """Signals reach the main thread alone: in any other there is nothing to do."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in STOPS}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)
