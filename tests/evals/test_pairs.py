"""Claims with their evidence: how they are read, judged, and measured where labels are given."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import InputError
from assistant.ports import Tokens
from assistant.verification import Verifier, Weights
from assistant_evals import pairs
from assistant_evals.pairs import Agreement, Pair, Verdict
from fakes import WordEmbedder, ignore

CLAIMS = Path(__file__).parents[2] / "evals" / "grounding"
CLAIM = "Filing costs nothing."
PROOF = "Traders learn that filing costs nothing."
UNRELATED = "Ships sail at dawn."


class WordEncoder:
    """TokenEncoder: one vector for each word, alike only where the words are the same."""

    def __init__(self) -> None:
        self._embedder = WordEmbedder()

    def encode(self, text: str) -> Tokens:
        words = tuple(text.lower().replace(".", "").split())
        return Tokens(words, self._embedder.embed_passages(words))


VERIFIER = Verifier(WordEncoder(), Weights(bias=-10.0, alike=5.0, weakest=5.0, words=5.0, numbers=0.0, names=0.0))


def write(folder: Path, *lines: Mapping[str, Any] | str) -> Path:
    path = folder / "pairs.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), encoding="utf-8")
    return path


def make_pair(**fields: Any) -> Pair:
    return Pair(**{"id": "1", "claim": CLAIM, "evidence": PROOF, **fields})


def judge(*labels_and_scores: tuple[object, float]) -> Agreement | None:
    """The agreement of verdicts with these scores with these labels."""
    found = [make_pair(label=label) for label, _ in labels_and_scores]
    said = [Verdict(id="1", score=score, supported=score >= 0.5) for _, score in labels_and_scores]
    return pairs.agreement(found, said)


def test_pairs_are_read_in_order_and_other_keys_ignored(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        {"id": "a", "claim": CLAIM, "evidence": PROOF, "label": "supported", "source": "somewhere"},
        "",
        {"id": 7, "claim": CLAIM, "evidence": [PROOF, UNRELATED]},
    )
    assert pairs.read(path) == [
        make_pair(id="a", label="supported"),
        make_pair(id="7", evidence=(PROOF, UNRELATED)),
    ]


def test_a_pair_without_an_id_is_named_by_its_line(tmp_path: Path) -> None:
    line = {"claim": CLAIM, "evidence": PROOF}
    assert [pair.id for pair in pairs.read(write(tmp_path, line, "", line))] == ["1", "3"]


@pytest.mark.parametrize(("evidence", "pieces"), [(PROOF, (PROOF,)), ((PROOF, UNRELATED), (PROOF, UNRELATED))])
def test_evidence_is_one_text_or_several(evidence: str | Sequence[str], pieces: Sequence[str]) -> None:
    assert make_pair(evidence=evidence).pieces == pieces


@pytest.mark.parametrize(
    ("label", "truth"),
    [
        (None, None),
        (True, True),
        (False, False),
        (1, True),
        (0, False),
        ("1", True),
        (" Supported ", True),
        ("entailment", True),
        ("partially_supported", False),
        ("not_supported", False),
    ],
)
def test_only_a_label_that_says_supported_is_true(label: object, truth: bool | None) -> None:
    assert make_pair(label=label).truth is truth


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "Expecting"),
        ("[1]", "JSON object"),
        ({"evidence": PROOF}, "claim: Field required"),
        ({"claim": CLAIM}, "evidence: Field required"),
        ({"claim": CLAIM, "evidence": {"text": PROOF}}, r"evidence\."),
    ],
)
def test_a_malformed_line_is_named_with_its_number(tmp_path: Path, line: Mapping[str, Any] | str, reason: str) -> None:
    with pytest.raises(InputError, match=rf"pairs\.jsonl:2: .*{reason}"):
        pairs.read(write(tmp_path, {"claim": CLAIM, "evidence": PROOF}, line))


def test_a_missing_file_and_one_that_is_no_text_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"missing\.jsonl cannot be read"):
        pairs.read(tmp_path / "missing.jsonl")
    (tmp_path / "binary.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match=r"binary\.jsonl cannot be read"):
        pairs.read(tmp_path / "binary.jsonl")


def test_a_file_without_pairs_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no pairs"):
        pairs.read(write(tmp_path, "", " "))


def test_each_pair_has_the_verifiers_word() -> None:
    told: list[tuple[int, int]] = []
    asked = [make_pair(id="a"), make_pair(id="b", evidence=UNRELATED)]
    found = pairs.verdicts(asked, VERIFIER, lambda done, total: told.append((done, total)))
    assert [(verdict.id, verdict.supported) for verdict in found] == [("a", True), ("b", False)]
    assert found[0].score == pytest.approx(VERIFIER.score(CLAIM, [PROOF]), abs=1e-4)
    assert told == [(1, 2), (2, 2)]


def test_proof_counts_wherever_it_stands_in_the_evidence() -> None:
    (verdict,) = pairs.verdicts([make_pair(evidence=(UNRELATED, PROOF))], VERIFIER, ignore)
    assert verdict.supported


def test_verdicts_that_are_all_right_agree_fully() -> None:
    found = judge((True, 0.9), (False, 0.1))
    assert found is not None
    assert (found.supported.value, found.unsupported.value) == (1.0, 1.0)
    assert (found.balanced_accuracy, found.auc) == (1.0, 1.0)


def test_each_kind_of_label_counts_the_same_whatever_its_number() -> None:
    found = judge((True, 0.9), (True, 0.8), (True, 0.7), (False, 0.6))
    assert found is not None
    assert (found.supported.count, found.unsupported.count) == (3, 1)
    assert found.balanced_accuracy == 0.5


def test_the_ranking_is_judged_apart_from_the_threshold() -> None:
    found = judge((True, 0.4), (False, 0.3))
    assert found is not None
    assert (found.balanced_accuracy, found.auc) == (0.5, 1.0)


def test_pairs_without_a_label_are_left_out() -> None:
    assert judge((True, 0.9), (None, 0.1), (False, 0.1)) == judge((True, 0.9), (False, 0.1))


@pytest.mark.parametrize("label", [True, False, None])
def test_there_is_no_agreement_unless_both_kinds_of_label_are_there(label: bool | None) -> None:
    assert judge((label, 0.9), (label, 0.2)) is None


@pytest.mark.parametrize("half", ["dev", "test"])
def test_the_evidence_of_our_own_claims_stands_in_the_corpus(half: str, real_corpus: Path) -> None:
    corpus = " ".join(" ".join(path.read_text(encoding="utf-8").split()) for path in real_corpus.rglob("*.md"))
    rows = pairs.read(CLAIMS / f"{half}.jsonl")
    assert [pair.id for pair in rows for piece in pair.pieces if " ".join(piece.split()) not in corpus] == []
    assert {pair.truth for pair in rows} == {True, False}
