"""Prints how many right and wrong sentences the gate for generated text lets through, and the verifier alone.

python benchmarks/gate.py evals/grounding/generated.jsonl [MORE.jsonl ...]

Rows are claims with their evidence and label. Evidence of three lines or more is a passage with title and section.
"""

import argparse
from pathlib import Path

from assistant import bootstrap, countries, grounding
from assistant.grounding import Gate
from assistant.settings import load
from assistant.types import Claim, Hit, Passage, Written
from assistant_evals import pairs

UNKNOWN = {"source": "", "publisher": "", "url": None, "authority": "guidance", "binding": False, "as_of": None}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", type=Path, nargs="+")
    builder = bootstrap.Builder(load())
    verifier = builder.verifier()
    gate = Gate(verifier, builder.embedder, countries.load())
    for path in parser.parse_args().pairs:
        rows = [pair for pair in pairs.read(path) if pair.truth is not None]
        passed = [isinstance(gate.check(Written(text=row.claim), hits(row.pieces), "en"), Claim) for row in rows]
        believed = [verifier.score(row.claim, row.pieces) >= grounding.SUPPORTED_FROM for row in rows]
        for name, let in (("gate", passed), ("verifier alone", believed)):
            right = [yes for row, yes in zip(rows, let, strict=True) if row.truth]
            wrong = [yes for row, yes in zip(rows, let, strict=True) if not row.truth]
            print(f"{path.name}: {name}: right {sum(right)} of {len(right)}, wrong {sum(wrong)} of {len(wrong)} pass")


def hits(pieces: tuple[str, ...]) -> list[Hit]:
    return [Hit(passage=passage(str(number), piece), score=1.0) for number, piece in enumerate(pieces)]


def passage(name: str, piece: str) -> Passage:
    lines = piece.split("\n", 2)
    title, section, text = lines if len(lines) == 3 else ("", "", piece)
    place = {"id": name, "document_id": name, "position": 0, "language": "en", "wording": "restated"}
    return Passage(**UNKNOWN, **place, title=title, section=section, text=text)


if __name__ == "__main__":
    main()
