"""Two lessons and two cases, as short as they may be."""

BOWL = '{"version":2,"problem":"booth","contenders":[{"optimizer":"prodigy"},{"optimizer":"prodigy","knobs":{"beta3":0.9}}],'
# Akin to the race that a bare address opens.
USUAL = '{"version":2,"contenders":[{"optimizer":"prodigy"},{"optimizer":"adam"}],'
_LESSON = """+++
title = "The memory"
order = 1
minutes = 3
question = "The memory is short. What becomes of D?"
choices = ["It is smaller.", "It is larger.", "It is no different."]
right = "b"

[[experiments]]
name = "bowl"
title = "A bowl"
experiment = 'BOWL"steps":100}'
turns = [{ contender = 1, knob = "beta3" }]
opening = 20

[[experiments]]
name = "far"
title = "A bowl, farther away"
experiment = 'BOWL"start":[-9.0,-9.0],"steps":100}'

[[claims]]
says = "D is larger"
measure = "D"
contender = 1
divided_by = { contender = 0 }
above = 1

[seen]
long = { experiment = "bowl", measure = "D" }
short = { experiment = "far", contender = 1, measure = "D" }
+++
## Predict

Sums fade.

## What was seen

It ended at {long}, and farther away at {short}.

## Why

Since $d$ is a mean.

## In your training

Leave it alone.

## Next

Turn it.
"""
FIRST = _LESSON.replace("BOWL", BOWL)

GERMAN = """+++
title = "Das Gedächtnis"
question = "Das Gedächtnis ist kurz. Was wird aus D?"
choices = ["Es ist kleiner.", "Es ist größer.", "Kein Unterschied."]
titles = { bowl = "Eine Schale", far = "Eine fernere" }
+++
## Predict

Summen verblassen.

## What was seen

Es endete bei {long}, weiter weg bei {short}.

## Why

Es ist ein Mittel.

## In your training

Nicht anfassen.

## Next

Drehen.
"""

SECOND = (
    _LESSON.replace("BOWL", USUAL)
    .replace('"The memory"', '"The first guess"')
    .replace("order = 1", "order = 7")
    .replace('contender = 1, knob = "beta3"', 'contender = 1, knob = "learning_rate"')
    .replace("[-9.0,-9.0]", "[-3.0,-3.0]")
    .replace("contender = 1, measure", "measure")
)

CASE = """+++
title = "Why does D never move?"
order = 1
fails = { experiment = "small", contender = 1 }
works = { experiment = "small", contender = 0 }
lesson = "first"

[[asked]]
where = "prodigy#13"
link = "https://example.org/13"

[[experiments]]
name = "small"
title = "A bowl"
experiment = '{"version":2,"problem":"booth","contenders":[{"optimizer":"prodigy"},{"optimizer":"adam"}],"steps":100}'

[[claims]]
says = "D rises"
measure = "D"
above = 0

[seen]
d = { experiment = "small", measure = "D" }
+++
## Complaint

An hour, and nothing.

## What was seen

It was {d}.

## Why

It had no gradients.

## What to do

Look at the gradients.
"""
HARMLESS = "\n".join(
    line for line in CASE.replace("Why does D never move?", "Why is the estimate negative?").splitlines()
    if not line.startswith(("works", "fails", "lesson"))
).replace("order = 1", "order = 2\nharmless = true") + "\n"  # fmt: skip
CASES = {"stuck": CASE, "negative": HARMLESS}
