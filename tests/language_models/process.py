"""The llama.cpp server as a process that tests may stop, continue, kill and start again."""

import contextlib
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

SCRIPT = Path(__file__).with_name("llama.py")
STARTS_WITHIN = 120  # seconds


class Llama:
    """One server on one port, whether it runs or not."""

    model = "SmolLM2-135M-Instruct"

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = int(probe.getsockname()[1])
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """What a client is given as its base address."""
        return f"http://127.0.0.1:{self._port}/v1"

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [sys.executable, str(SCRIPT), str(self._port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        deadline = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), opener.open(f"http://127.0.0.1:{self._port}/health", timeout=5):
                return
            time.sleep(0.2)
        raise TimeoutError(f"llama.cpp did not answer within {STARTS_WITHIN} s")

    def freeze(self) -> None:
        """Stop it in the middle of whatever it does."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)
