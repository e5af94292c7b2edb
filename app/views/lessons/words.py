"""The page's own words, in the language of the lesson."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Words:
    """What the page says beside the texts of the lessons; a name in braces stands for what is put there."""

    lessons: str
    tells: str
    course: str
    clinic: str
    clinic_tells: str
    search: str
    nobody: str
    gone: str
    minutes: str
    done: str
    place: str
    back: str
    sheet: str
    dont_know: str
    first: str
    first_tells: str
    right: str
    wrong: str
    unsure: str
    shown: str
    locked: str
    seen: str
    ask_why: str
    why: str
    training: str
    next: str
    next_lesson: str
    race: str
    computing: str
    turned: str
    as_in_lesson: str
    asked: str
    harmless: str
    fails: str
    works: str
    to_do: str
    more: str


ENGLISH = Words(
    lessons="Lessons",
    tells="Predict, then see it happen: each lesson is a question, a run before your eyes, and the reason why.",
    course="The course",
    clinic="The clinic",
    clinic_tells="What people complain about, with the setting that fails beside the one that works.",
    search="Search the complaints",
    nobody="No complaint has these words. Fewer words find more.",
    gone="The link names a lesson that is not here. These are.",
    minutes="{minutes} min",
    done="done",
    place="Lesson {at} of {all}",
    back="All lessons",
    sheet="Print sheet",
    dont_know="I don't know",
    first="First predict",
    first_tells="Then it runs here.",
    right="Right, that is what happens.",
    wrong="Not this time. The answer with the tick is what happens.",
    unsure="Fair enough. The answer with the tick is what happens.",
    shown="The answer with the tick is what happens.",
    locked="Noted. Your teacher shows what happens.",
    seen="What was seen",
    ask_why="Why?",
    why="Why",
    training="In your training",
    next="Next",
    next_lesson="Next: {title}",
    race="Open in the race",
    computing="The numbers are being computed: {percent} %",
    turned="Turned: the figure differs from the lesson's.",
    as_in_lesson="As in the lesson",
    asked="Asked in",
    harmless="Harmless",
    fails="fails",
    works="works",
    to_do="What to do",
    more="The lesson on it",
)
GERMAN = Words(
    lessons="Lektionen",
    tells="Erst vorhersagen, dann sehen: jede Lektion ist eine Frage, ein Lauf vor deinen Augen und der Grund dafür.",
    course="Der Kurs",
    clinic="Die Sprechstunde",
    clinic_tells="Worüber sich Leute beklagen, mit der Einstellung, die versagt, neben der, die gelingt.",
    search="Beschwerden durchsuchen",
    nobody="Keine Beschwerde enthält diese Wörter. Weniger Wörter finden mehr.",
    gone="Der Link nennt eine Lektion, die es hier nicht gibt. Es gibt diese.",
    minutes="{minutes} min",
    done="erledigt",
    place="Lektion {at} von {all}",
    back="Alle Lektionen",
    sheet="Arbeitsblatt",
    dont_know="Ich weiß es nicht",
    first="Erst vorhersagen",
    first_tells="Dann läuft es hier.",
    right="Richtig, so kommt es.",
    wrong="Diesmal nicht. Die Antwort mit dem Haken trifft zu.",
    unsure="Das ist in Ordnung. Die Antwort mit dem Haken trifft zu.",
    shown="Die Antwort mit dem Haken trifft zu.",
    locked="Notiert. Was geschieht, zeigt die Lehrkraft.",
    seen="Was zu sehen war",
    ask_why="Warum?",
    why="Warum",
    training="In deinem Training",
    next="Weiter",
    next_lesson="Weiter: {title}",
    race="Im Rennen öffnen",
    computing="Die Zahlen werden berechnet: {percent} %",
    turned="Verstellt: Das Bild ist nicht mehr das der Lektion.",
    as_in_lesson="Wie in der Lektion",
    asked="Gefragt in",
    harmless="Harmlos",
    fails="versagt",
    works="gelingt",
    to_do="Was zu tun ist",
    more="Die Lektion dazu",
)
WORDS: Mapping[str, Words] = {"en": ENGLISH, "de": GERMAN}


def words(language: str) -> Words:
    """Return the page's words in a language, in English where nobody has translated them."""
    return WORDS.get(language, ENGLISH)
