"""Trains the maps of `assistant.adaptation` on the questions expected of the corpus's sentences.

python -m assistant_evals.adaptation src/assistant/data

Each question is drawn towards the sentence that answers it and towards the other questions expected of that sentence,
and away from all others (InfoNCE); the maps are held near the identity. The suites are not looked at. Prints to stderr
how often the right sentence comes first, with the maps and without, for questions that training did not see and for
whole documents that it did not see (there by the sentences alone, as where no questions are expected).
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy, normalize

from assistant import adaptation, chunking, corpus, expected, settings
from assistant.adaptation import UNCHANGED, Adaptation, Maps
from assistant.bootstrap import Builder
from assistant.expected import QUESTION_GAP
from assistant.ports import Embedder, Vectors
from assistant.types import Document

SEED = 0
UNSEEN_QUESTIONS, UNSEEN_DOCUMENTS = 0.15, 0.25  # shares
TEMPERATURE = 0.1
HELD_NEAR = 1e-2  # weight of the squared distance from the identity: less is worse for unseen documents
STEPS, BATCH, RATE = 200, 1_500, 2e-3

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Pairs:
    """All expected questions and all sentences: `answers` is each question's sentence, `owners` each one's document."""

    questions: Vectors
    sentences: Vectors
    answers: Rows
    owners: Sequence[str]


def main(folder: Path) -> None:
    """Report on what parts of the data teach about the rest, then train on all and write."""
    chosen = settings.load()
    embedder = Builder(chosen).embedder
    pairs = read(corpus.load(chosen.corpus_dir), embedder)
    draw = np.random.default_rng(SEED)
    known = draw.random(len(pairs.questions)) >= UNSEEN_QUESTIONS
    adapted = Adaptation(trained(pairs, known))
    _report("questions", pairs, known, adapted)
    documents = sorted(set(pairs.owners))
    unseen = draw.choice(documents, int(UNSEEN_DOCUMENTS * len(documents)), replace=False)
    known = ~np.isin(np.array(pairs.owners)[pairs.answers], unseen)
    adapted = Adaptation(trained(pairs, known, sentences=~np.isin(pairs.owners, unseen)))
    _report("questions about unseen documents", pairs, known, adapted)
    adaptation.save(trained(pairs, np.ones_like(known)), embedder.name, folder)


def read(documents: Sequence[Document], embedder: Embedder) -> Pairs:
    """Embed what the documents and the questions expected of them say."""
    passages = [passage for document in documents for passage in chunking.passages(document)]
    said = [(passage, start, end) for passage in passages for start, end in chunking.sentences(passage.text)]
    rows = {(passage.id, start): row for row, (passage, start, _) in enumerate(said)}
    placed = expected.placed(documents, passages)
    return Pairs(
        questions=embedder.embed_queries([text for _, text in placed], keep=True),
        sentences=embedder.embed_passages([passage.text[start:end] for passage, start, end in said]),
        answers=np.array([rows[place] for place, _ in placed]),
        owners=[passage.document_id for passage, _, _ in said],
    )


def trained(pairs: Pairs, known: NDArray[np.bool_], sentences: NDArray[np.bool_] | None = None) -> Maps:
    """The maps after a fixed number of steps of Adam, from the known questions and only these sentences, if given."""
    torch.manual_seed(SEED)
    kept = np.ones(len(pairs.sentences), dtype=bool) if sentences is None else sentences
    asked, said = torch.tensor(pairs.questions[known]), torch.tensor(pairs.sentences[kept])
    answers = torch.tensor((np.cumsum(kept) - 1)[pairs.answers[known]])
    identity = torch.eye(asked.shape[1])
    maps = [identity.clone().requires_grad_() for _ in range(2)]
    optimizer = torch.optim.Adam(maps, lr=RATE)
    for _ in range(STEPS):
        batch = torch.randperm(len(asked))[:BATCH]
        some = normalize(asked[batch] @ maps[0], dim=1)
        itself = (torch.arange(len(batch)), batch)
        alike = answers[batch][:, None] == answers[None, :]
        alike[itself] = False
        likeness = some @ normalize(asked @ maps[0], dim=1).T / TEMPERATURE
        likeness[itself] = -torch.inf
        chances = torch.log_softmax(likeness, dim=1).masked_fill(~alike, -torch.inf)
        to_questions = -torch.logsumexp(chances[alike.any(dim=1)], dim=1).mean()
        to_sentence = cross_entropy(some @ normalize(said @ maps[1], dim=1).T / TEMPERATURE, answers[batch])
        strayed = torch.stack([((each - identity) ** 2).sum() for each in maps]).sum()
        optimizer.zero_grad()
        (to_questions + to_sentence + HELD_NEAR * strayed).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    questions_map, sentences_map = (each.detach().numpy() for each in maps)
    return questions_map, sentences_map


def first_right(pairs: Pairs, known: NDArray[np.bool_], adapted: Adaptation) -> float:
    """Share of the unknown questions whose sentence is nearest, by itself or by a known question expected of it."""
    asked = adapted.of_questions(pairs.questions)
    nearest = asked[~known] @ adapted.of_sentences(pairs.sentences).T
    by_question = asked[~known] @ asked[known].T - QUESTION_GAP
    np.maximum.at(nearest.T, pairs.answers[known], by_question.T)
    return float(np.mean(nearest.argmax(axis=1) == pairs.answers[~known]))


def _report(what: str, pairs: Pairs, known: NDArray[np.bool_], adapted: Adaptation) -> None:
    without, with_maps = (first_right(pairs, known, each) for each in (UNCHANGED, adapted))
    sys.stderr.write(
        f"{np.sum(~known)} unseen {what}: the right sentence first {without:.3f} without, {with_maps:.3f} with\n"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
