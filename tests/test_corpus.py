"""Corpus files: each broken rule is named with its file and line."""

import datetime
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assistant import corpus
from assistant.errors import CorpusError
from fakes import make_document
from places import SMALL_CORPUS

TODAY = datetime.date(2026, 1, 15)

GOOD = """---
id: sample
title: Sample
country: SG
language: en
publisher: Sample Secretariat
source: Sample page
url: https://example.org/page
authority: guidance
binding: false
as_of: "2025-06"
wording: restated
see_also: []
questions:
  - What is it?
portals:
  - name: Sample portal
    url: null
    listed: true
---

## Sample portal

The sample portal lists
samples.

It has more to say.
"""


def write(folder: Path, text: str, name: str = "sample.md") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def broken(tmp_path: Path, old: str, new: str) -> CorpusError:
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(CorpusError) as caught:
        corpus.read(path)
    assert str(caught.value).startswith(f"{path}:{caught.value.line}: ")
    return caught.value


def test_a_file_becomes_a_document(tmp_path: Path) -> None:
    document = corpus.read(write(tmp_path, GOOD))
    assert (document.id, document.country, document.as_of) == ("sample", "SG", "2025-06")
    assert document.questions == ("What is it?",)
    assert document.body.startswith("## Sample portal")


def test_a_portal_is_described_by_the_first_paragraph_of_its_section(tmp_path: Path) -> None:
    (portal,) = corpus.read(write(tmp_path, GOOD)).portals
    assert portal.description == "The sample portal lists samples."
    assert (portal.url, portal.country, portal.publisher) == (None, "SG", "Sample Secretariat")


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("title: Sample", "title: [Sample", 4, "broken YAML"),
        ("title: Sample", "title: Sample: more", 3, "broken YAML"),
        ("title: Sample", "titel: Sample\ntitle: Sample", 3, "titel is not a known key"),
        ("language: en\n", "", 1, "language is missing"),
        ("authority: guidance", "authority: gossip", 9, "authority"),
        ("binding: false", "binding: perhaps", 10, "binding"),
        ('as_of: "2025-06"', 'as_of: "June 2025"', 11, "as_of"),
        ("id: sample", "id: Sample File", 2, "id"),
        ("country: SG", "country: Singapore", 4, "country"),
        ("    listed: true", "    listed: true\n    colour: red", 20, "not a known key"),
        ("  - name: Sample portal", "  - name: Other portal", 17, "no section of that name"),
        ("    url: null\n", "", 17, "url is missing"),
        ("The sample portal lists\nsamples.\n\nIt has more to say.\n", "", 21, "no paragraph"),
    ],
)
def test_a_broken_rule_is_named_with_its_line(tmp_path: Path, old: str, new: str, line: int, said: str) -> None:
    error = broken(tmp_path, old, new)
    assert said in error.message
    assert error.line == line


def test_front_matter_is_needed(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"sample.md:1: no front matter"):
        corpus.read(write(tmp_path, "# Just words\n"))


def test_an_empty_file_is_no_document(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"sample.md:1: no front matter"):
        corpus.read(write(tmp_path, ""))


def test_front_matter_is_closed(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"sample.md:1: .*not closed"):
        corpus.read(write(tmp_path, "---\nid: sample\n"))


def test_front_matter_is_a_mapping(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"sample.md:2: "):
        corpus.read(write(tmp_path, "---\n- one\n- two\n---\n"))


def test_another_encoding_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "sample.md"
    path.write_bytes(GOOD.replace("publisher: Sample", "publisher: Señor").encode("latin-1"))
    with pytest.raises(CorpusError, match=r"sample.md:6: not UTF-8"):
        corpus.read(path)


def test_an_empty_corpus_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, "# How to write a file", "README.md")
    with pytest.raises(CorpusError, match="no Markdown files"):
        corpus.load(tmp_path)


def test_lint_finds_nothing_in_a_good_corpus() -> None:
    assert corpus.lint(SMALL_CORPUS, TODAY) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("see_also: []", "see_also: [nobody]", 13, "'nobody'"),
        ("url: https://example.org/page", "url: https//example.org/page", 8, "malformed"),
        ("url: https://example.org/page", "url: https://example/page", 8, "malformed"),
        ("url: https://example.org/page", "url: https://example.org/a b", 8, "malformed"),
        ("url: https://example.org/page", "url: javascript:alert(1)", 8, "malformed"),
        ("    url: null", "    url: ftp://example.org", 18, "malformed"),
        ('as_of: "2025-06"', 'as_of: "2026-02"', 11, "future"),
        ('as_of: "2025-06"', 'as_of: "2026-01-16"', 11, "future"),
        ("It has more", "See https://example.org has more", 27, "address in the body"),
        ("title: Sample", "title: [Sample", 4, "broken YAML"),
    ],
)
def test_lint_finds(tmp_path: Path, old: str, new: str, line: int, said: str) -> None:
    write(tmp_path, GOOD)
    assert corpus.lint(tmp_path, TODAY) == []
    write(tmp_path, GOOD.replace(old, new, 1))
    (finding,) = corpus.lint(tmp_path, TODAY)
    assert said in finding.message
    assert finding.line == line


def test_lint_finds_two_files_with_one_id(tmp_path: Path) -> None:
    write(tmp_path, GOOD, "one.md")
    write(tmp_path, GOOD, "two.md")
    (finding,) = corpus.lint(tmp_path, TODAY)
    assert Path(finding.path).name == "two.md"
    assert "one.md" in finding.message
    assert finding.line == 2


def test_lint_goes_on_after_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    write(tmp_path, "nothing", "one.md")
    write(tmp_path, GOOD.replace("see_also: []", "see_also: [nobody]"), "two.md")
    assert [Path(finding.path).name for finding in corpus.lint(tmp_path, TODAY)] == ["one.md", "two.md"]


def test_lint_accepts_today(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace('"2025-06"', '"2026-01-15"'))
    assert corpus.lint(tmp_path, TODAY) == []


def test_the_fingerprint_follows_content_and_names(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    first = corpus.fingerprint(tmp_path)
    assert corpus.fingerprint(tmp_path) == first
    renamed = write(tmp_path, GOOD).rename(tmp_path / "other.md")
    second = corpus.fingerprint(tmp_path)
    renamed.write_text(GOOD + "More.\n", encoding="utf-8")
    assert len({first, second, corpus.fingerprint(tmp_path)}) == 3


def test_the_questions_expected_of_sentences_stand_beside_the_document(tmp_path: Path) -> None:
    write(tmp_path, '"portal LISTS samples":\n  - "What does it list?"\n', "sample.questions.yaml")
    (expected,) = corpus.read(write(tmp_path, GOOD)).expected
    assert (expected.words, expected.questions) == ("portal LISTS samples", ("What does it list?",))


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('"more to say":\n  - What?\n"not there":\n  - What?\n', 3, "not there"),
        ('"more to say":\n  - What: this?\n', 1, "quotes"),
        ('"more to say": What?\n', 1, "list of questions"),
        ('"more to say: [\n', 2, "YAML"),
        ("- What?\n", 1, "words of a sentence"),
    ],
)
def test_broken_expected_questions_are_named(tmp_path: Path, text: str, line: int, said: str) -> None:
    questions = write(tmp_path, text, "sample.questions.yaml")
    with pytest.raises(CorpusError, match=said) as caught:
        corpus.read(write(tmp_path, GOOD))
    assert (caught.value.path, caught.value.line) == (str(questions), line)


def test_expected_questions_without_their_document_are_found(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    write(tmp_path, '"more to say":\n  - What?\n', "gone.questions.yaml")
    (finding,) = corpus.lint(tmp_path, TODAY)
    assert "gone.md" in str(finding)


def test_changed_expected_questions_change_the_fingerprint(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    before = corpus.fingerprint(tmp_path)
    write(tmp_path, '"more to say":\n  - What?\n', "sample.questions.yaml")
    assert corpus.fingerprint(tmp_path) != before


@example("two lines\x85of a title", ["x"])
@given(st.text(min_size=1).filter(str.strip), st.lists(st.text("abc é#-*_:'\"ไ", min_size=1), min_size=1))
def test_what_is_written_is_read_again(title: str, paragraphs: list[str]) -> None:
    body = "\n\n".join(paragraphs).strip() or "x"
    document = make_document(body, title=title.strip(), see_also=("other",), country="SG", retrieved_on="2026-11-23")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "new" / "sample.md"
        corpus.write(document, path)
        assert corpus.read(path) == document.model_copy(update={"version": corpus.version(body)})
        assert [each.name for each in path.parent.iterdir()] == ["sample.md"]


def test_a_second_folder_may_be_empty_and_must_not_repeat_an_id(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    corpus.write(make_document("Text.", id="one"), first / "one.md")
    assert [document.id for document in corpus.load(first, second)] == ["one"]
    before = corpus.fingerprint(first, second)
    corpus.write(make_document("Text.", id="two"), second / "two.md")
    corpus.write(make_document("Old text.", id="two"), second / "versions" / "two" / "abc.md")
    assert [document.id for document in corpus.load(first, second)] == ["one", "two"]
    assert corpus.fingerprint(first, second) != before
    corpus.write(make_document("Text.", id="one"), second / "three.md")
    with pytest.raises(CorpusError, match=r"'one' is also in .*one\.md"):
        corpus.load(first, second)
