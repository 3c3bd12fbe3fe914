"""Settings to wired parts: the only place that constructs adapters."""

from assistant.bootstrap.building import Builder
from assistant.bootstrap.ingesting import Change, Sources
from assistant.bootstrap.serving import LOOK_AGAIN, Assistant, assistant

__all__ = ["LOOK_AGAIN", "Assistant", "Builder", "Change", "Sources", "assistant"]
