"""Maps turn vectors of the model that they were trained for, and of no other."""

from pathlib import Path

import numpy as np
import pytest

from assistant import adaptation
from assistant.adaptation import UNCHANGED, Adaptation

VECTORS = np.eye(3, dtype=np.float32)
SWAP = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1]], dtype=np.float32)
STRETCH = np.array([[1, 2, 0], [0, 1, 0], [0, 0, 3]], dtype=np.float32)


def test_questions_and_sentences_are_turned_each_by_their_map_and_stay_unit_vectors() -> None:
    adapted = Adaptation((SWAP, STRETCH))
    assert adapted.of_questions(VECTORS[0]).tolist() == [0, 1, 0]
    turned = adapted.of_sentences(VECTORS)
    assert np.allclose(np.linalg.norm(turned, axis=1), 1)
    assert np.allclose(turned[0], np.array([1, 2, 0]) / np.sqrt(5))


def test_what_is_saved_for_a_model_is_loaded_for_it_and_leaves_every_other_model_alone(tmp_path: Path) -> None:
    adaptation.save((SWAP, STRETCH), "bundled:some", tmp_path)
    loaded = adaptation.load("bundled:some", tmp_path)
    assert loaded.maps is not None
    assert [np.array_equal(*pair) for pair in zip(loaded.maps, (SWAP, STRETCH), strict=True)] == [True, True]
    other = adaptation.load("BAAI/bge-m3", tmp_path)
    assert other is UNCHANGED
    assert np.array_equal(other.of_sentences(VECTORS), VECTORS)
    assert np.array_equal(other.of_questions(VECTORS[0]), VECTORS[0])


@pytest.mark.parametrize("side", ["of_questions", "of_sentences"])
def test_the_package_carries_maps_for_the_model_it_starts_with(side: str) -> None:
    adapted = adaptation.load("bundled:multilingual-e5-small")
    vectors = np.eye(384, dtype=np.float32)
    turned = getattr(adapted, side)(vectors)
    assert not np.allclose(turned, vectors, atol=1e-3)
    assert np.mean(np.diag(turned)) > 0.5  # held near what the model says by itself
