"""Files, folders and archives as a flat list, whatever an archive tries."""

import io
import zipfile
from pathlib import Path

import pytest

from assistant.errors import InputError
from assistant.sources import expand
from assistant.sources.files import MAX_BYTES, MAX_ENTRIES


def packed(path: Path, **entries: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in entries.items():
            archive.writestr(name, raw)
    return path


def errors(path: Path) -> dict[str, str]:
    return {file.name.removeprefix(f"{path}/"): file.error or "" for file in expand(path)}


def test_a_file_is_itself(tmp_path: Path) -> None:
    (tmp_path / "note.md").write_bytes(b"Text.")
    [file] = expand(tmp_path / "note.md")
    assert (file.name, file.raw, file.error) == (str(tmp_path / "note.md"), b"Text.", None)


def test_a_folder_is_what_lies_below_it_but_for_hidden_files(tmp_path: Path) -> None:
    for name in ("b/two.md", "a.md", ".git/config", "__MACOSX/a.md", "Thumbs.db"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"Text.")
    assert [Path(file.name).name for file in expand(tmp_path)] == ["a.md", "two.md"]


def test_an_archive_is_what_is_packed_in_it(tmp_path: Path) -> None:
    path = packed(tmp_path / "all.zip", **{"a.md": b"One.", "b/c.md": b"Two.", "__MACOSX/a.md": b"x"})
    assert [(file.name, file.raw) for file in expand(path)] == [(f"{path}/a.md", b"One."), (f"{path}/b/c.md", b"Two.")]


@pytest.mark.parametrize("name", ["../up.md", "a/../../up.md", "/etc/passwd", "..\\up.md", "C:\\up.md", "\\up.md"])
def test_a_path_that_climbs_out_is_not_taken(tmp_path: Path, name: str) -> None:
    path = packed(tmp_path / "trap.zip", **{name: b"x", "good.md": b"Text."})
    found = list(expand(path))
    assert "climbs out" in (found[0].error or "")
    assert found[1].raw == b"Text."
    assert [each.name for each in tmp_path.iterdir()] == ["trap.zip"]


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = packed(tmp_path / "bomb.zip", **{"zeros.txt": bytes(MAX_BYTES + 1), "good.md": b"Text."})
    assert "unpacks to more than" in errors(path)["zeros.txt"]
    assert errors(path)["good.md"] == ""


def test_an_archive_of_too_many_files_is_not_opened(tmp_path: Path) -> None:
    path = packed(tmp_path / "many.zip", **{f"{number}.md": b"" for number in range(MAX_ENTRIES + 1)})
    assert "5,000 are taken at most" in errors(path)[str(path)]


def test_an_archive_in_an_archive_is_not_opened(tmp_path: Path) -> None:
    inner = io.BytesIO()
    zipfile.ZipFile(inner, "w").close()
    path = packed(tmp_path / "outer.zip", **{"inner.zip": inner.getvalue()})
    assert "unpack it first" in errors(path)["inner.zip"]


@pytest.mark.parametrize("raw", [b"", b"no archive", b"PK\x03\x04 cut"])
def test_a_damaged_archive_is_told_to_be_one(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "broken.zip"
    path.write_bytes(raw)
    assert "damaged or no ZIP" in errors(path)[str(path)]


def test_an_entry_that_is_damaged_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = packed(tmp_path / "half.zip", **{"a.md": b"One and one more. " * 50, "b.md": b"Two."})
    raw = bytearray(path.read_bytes())
    raw[40:60] = bytes(20)
    path.write_bytes(raw)
    assert "damaged" in errors(path)["a.md"]
    assert errors(path)["b.md"] == ""


def test_where_there_is_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        list(expand(tmp_path / "nowhere"))
