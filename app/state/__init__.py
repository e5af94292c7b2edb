"""The only user of session_state and query_params: the link <-> the Experiment <-> the widgets.

The Experiment is the truth. A widget starts from it and hands its value back into a new one; a change that comes from
elsewhere (a link, a reset, another problem) replaces the Experiment and forgets the widgets, which then start anew.

Other rooms know nothing of its files: they call `state.experiment()`.
"""

from .choices import VIEW, begin_choices, keep, kept, put_choices, put_kept
from .deeds import cancel, cancelled, deed, do, is_news, let_go, run_on, take_rest, watcher
from .link import (
    CLASS,
    LANGUAGE,
    LINK,
    arrived_without_link,
    current,
    experiment,
    faults,
    handout,
    identities,
    language,
    put,
    replace,
)
from .navigation import pages, put_with_choices, said_on_first_page, visit
from .session import SESSION, Deed, Session
from .widgets import WIDGET, key, lasting_key, set_value, value_of, value_or

__all__ = [
    "CLASS",
    "LANGUAGE",
    "LINK",
    "SESSION",
    "VIEW",
    "WIDGET",
    "Deed",
    "Session",
    "arrived_without_link",
    "begin_choices",
    "cancel",
    "cancelled",
    "current",
    "deed",
    "do",
    "experiment",
    "faults",
    "handout",
    "identities",
    "is_news",
    "keep",
    "kept",
    "key",
    "language",
    "lasting_key",
    "let_go",
    "pages",
    "put",
    "put_choices",
    "put_kept",
    "put_with_choices",
    "replace",
    "run_on",
    "said_on_first_page",
    "set_value",
    "take_rest",
    "value_of",
    "value_or",
    "visit",
    "watcher",
]
