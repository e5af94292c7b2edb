"""A small lesson and a small case, as files."""

from __future__ import annotations

HEAD = """\
title = "Small"
order = 1
minutes = 2
question = "How large is D?"
choices = ["Small.", "Large."]
right = "a"

[[experiments]]
name = "bowl"
title = "A bowl"
experiment = '{"version":1,"problem":"shifted_sphere","contenders":[{"optimizer":"prodigy"},{"optimizer":"adam"}],"steps":200}'
turns = [{ contender = 0, knob = "estim_lr0" }]
opening = 20

[[claims]]
says = "D is about 1.5"
measure = "D"
between = [1.4, 1.6]

[seen]
d = { measure = "D" }
"""
BODY = """
## Predict
A bowl.

## What was seen
D ended at {d}, in LaTeX $\\frac{a}{b}$.

## Why
$$x^{2}$$

## In your training
Nothing.

## Next
More.
"""
LESSON = f"+++\n{HEAD}+++\n{BODY}"
GERMAN = """\
+++
title = "Klein"
question = "Wie groß ist D?"
choices = ["Klein.", "Groß."]
titles = { bowl = "Eine Schüssel" }
+++
## Predict
Eine Schüssel.

## What was seen
D war am Ende {d}.

## Why
So.

## In your training
Nichts.

## Next
Mehr.
"""
COMPLAINT = """\
+++
title = "D is too small"
order = 1
asked = [{ where = "prodigy#1", link = "https://github.com/konstmish/prodigy/issues/1" }]
fails = { experiment = "bowl", contender = 0 }
works = { experiment = "bowl", contender = 1 }

[[experiments]]
name = "bowl"
title = "A bowl"
experiment = '{"version":1,"problem":"shifted_sphere","contenders":[{"optimizer":"prodigy"},{"optimizer":"adam"}],"steps":200}'

[[claims]]
says = "it arrives"
measure = "arrives"
equals = true
+++
## Complaint
Small.

## What was seen
It.

## Why
So.

## What to do
Nothing.
"""
