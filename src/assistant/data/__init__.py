"""The data files that come with the package: wording, countries, labelled examples, word lists, calibration."""

from importlib.resources import files
from typing import Any

import yaml

FOLDER = files("assistant.data")


def read(name: str) -> Any:
    """A YAML file of this folder, parsed."""
    source = (FOLDER / name).read_text(encoding="utf-8")
    return yaml.load(source, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 (both are safe)
