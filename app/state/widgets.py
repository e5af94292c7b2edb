"""The keys and values of widgets, which start anew where something else than a hand changed the experiment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from .session import page_hash, session

WIDGET = "widget/"  # the beginning of the keys of all widgets


def lasting_key(*parts: object) -> str:
    """Return the key of a widget that is never started anew."""
    return WIDGET + "/".join(str(part) for part in parts)


def key(*parts: object) -> str:
    """Return the key of a widget: another one each time that `replace` started it anew."""
    name = lasting_key(*parts)
    times = sum(count for scope, count in session().renewals.items() if name.startswith(scope))
    return f"{name}~{times}" if times else name


def value_of(name: str, start: Callable[[], Any]) -> Any:
    """Return the value behind a widget's key; if it has none yet, give it the one that it starts with."""
    if name not in st.session_state:
        st.session_state[name] = start()
    return st.session_state[name]


def value_or(name: str, otherwise: Any) -> Any:
    """Return the value behind a widget's key, also of one that is drawn no more since this very run; else the other value."""
    return st.session_state.get(name, otherwise)


def set_value(name: str, value: Any) -> None:
    """Move a widget; for callbacks, and before the widget is drawn."""
    st.session_state[name] = value


def forget_other_page() -> None:
    """Forget the widgets of another page. Those of this one have the same keys, but are new to Streamlit: empty."""
    here, page = session(), page_hash()
    if here.page not in (None, page):
        forget(WIDGET)
        here.bare = False
    here.page = page


def renew(*scopes: str) -> None:
    """Start the widgets of these scopes anew, under keys that no message of the browser can mean yet.

    A message may have left the browser before it heard of the change, with the values that the widgets had before it; under
    the same keys they would undo it.
    """
    plain = [scope.partition("~")[0] for scope in scopes]
    forget(*plain)
    renewals = session().renewals
    for scope in plain:
        renewals[scope] = renewals.get(scope, 0) + 1


def forget(*scopes: str) -> None:
    for name in [name for name in st.session_state if str(name).startswith(scopes)]:
        del st.session_state[name]
