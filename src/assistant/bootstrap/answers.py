"""The database of given answers, which takes half a second to load and is not needed to answer."""

import datetime

from assistant.ports import AnswerLog
from assistant.settings import Settings


def answer_log(settings: Settings) -> AnswerLog:
    """Where answers are kept; what is older than it may be is forgotten."""
    from assistant.bootstrap.people import database  # noqa: PLC0415 (half a second that `assistant ask` need not wait for)
    from assistant.database import Answers  # noqa: PLC0415

    answers = Answers(database(settings))
    answers.forget(datetime.timedelta(days=settings.retention_days))
    return answers
