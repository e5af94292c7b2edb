"""The app's Streamlit settings: Streamlit ignores a misspelt one with a warning in the log, and a pale text not at all."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from streamlit import config

APP = Path(__file__).resolve().parent.parent / "app"
CONFIG: dict[str, Any] = tomllib.loads((APP / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
AA_TEXT, AA_CONTROL = 4.5, 3.0  # WCAG 2.2, success criteria 1.4.3 and 1.4.11


def _options(table, prefix=""):
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _options(value, f"{prefix}{key}.")
        else:
            yield prefix + key


@pytest.mark.parametrize("option", list(_options(CONFIG)))
def test_streamlit_knows_the_option(option):
    assert option in config.get_config_options()


def test_no_traceback_and_no_usage_statistics_leave_the_server():
    assert CONFIG["client"]["showErrorDetails"] == "none"
    assert CONFIG["browser"]["gatherUsageStats"] is False


def test_no_files_are_watched():
    """A quarter of the server's time would go into it, though only who edits the app has a use for it."""
    assert CONFIG["server"]["fileWatcherType"] == "none"


@pytest.mark.parametrize("place", ["main", "sidebar"])
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_colours_have_contrast(mode, place):
    theme = CONFIG["theme"] | CONFIG["theme"][mode]
    if place == "sidebar":
        theme |= CONFIG["theme"][mode]["sidebar"]
    grounds = [theme["backgroundColor"], theme["secondaryBackgroundColor"]]
    for ground in grounds:
        assert _contrast(theme["textColor"], ground) >= AA_TEXT
        assert _contrast(theme["linkColor"], ground) >= AA_TEXT
        assert _contrast(theme["primaryColor"], ground) >= AA_CONTROL
    assert _contrast("#ffffff", theme["primaryColor"]) >= AA_TEXT  # buttons
    assert _contrast(theme["primaryColor"], theme["backgroundColor"]) >= AA_TEXT  # slider values, tabs


def test_the_style_sheet_has_a_rule_for_every_class_of_the_app_and_no_other():
    """A rule whose class is gone misleads who reads it; a class without a rule is a misspelt one."""
    style = re.sub(r"/\*.*?\*/", "", (APP / "theme.css").read_text(encoding="utf-8"), flags=re.DOTALL)
    code = "".join(path.read_text(encoding="utf-8") for path in (*APP.rglob("*.py"), APP / "page.js"))
    assert set(re.findall(r"\.(lab-[a-z]+)", style)) == set(re.findall(r"\b(lab-(?!lab)[a-z]+)(?=\")", code))
    keys = set(re.findall(r"st-key-([a-z-]+)", style))
    assert keys
    for key in keys:
        assert (f'key=f"{key}' if key.endswith("-") else f'key="{key}"') in code, key
    assert style.count("{") == style.count("}")


def _contrast(one: str, other: str) -> float:
    """Contrast ratio of two sRGB colours, 1 to 21 (WCAG 2.2)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
