"""Lessons and the clinic, as files: their records, the numbers their texts quote, and the check of what they claim.

FORMAT. A lesson is one Markdown file of this folder, NAME.md: a head of TOML between two lines `+++`, then the texts under
fixed headings. `python -m app.lessons NAME` tries its claims and prints what was measured; `--shift 400` does so with other
seeds, `--texts` prints the texts with their numbers. A field that nobody knows is refused.

    +++
    title = "A first guess"
    order = 3                   # its place in the course
    minutes = 3                 # at most 5
    question = "estim_lr0 is set ten thousand times smaller. How much later does D arrive?"
    choices = ["About 20 steps.", "About 200 steps.", "10,000 times later."]
    right = "a"                 # a, b, c ...: which of the choices

    [[experiments]]             # one or more
    name = "booth"              # its name below
    title = "Booth's function"  # a few words on the page
    experiment = '{"version":1,"problem":"booth","contenders":[{"optimizer":"prodigy"}],"steps":300}'
    turns = [{ contender = 0, knob = "estim_lr0" }]   # hyperparameters in the figure, one or two; contenders count from 0
    opening = 28                # it plays once from this step; left out: it stands at the end
    # shown = false             # for claims only: the page does not show it, and it needs no title

    [[claims]]                  # one or more: what the texts say, in a form that is checked
    says = "every estim_lr0 from 1e-8 to 1e-2 arrives, from 36 starts"
    measure = "arrives"         # see below
    experiment = "booth"        # left out: the first one
    contender = 0               # left out: 0; or contenders = [0, 1], each a value of its own
    vary = [{ knob = "estim_lr0", low = 1e-8, high = 1e-2, count = 25 }]
    problems = ["booth", "beale"]   # in place of the experiment's own, each from its usual start
    starts = 6                  # 6 x 6 over the plane's domain; or a list of points [[-8.0, -5.0], [2.0, 2.0]]
    seeds = 5                   # how many, or a list
    equals = true               # or between = [a, b], at_least, at_most, above, below

The experiment is the app's JSON, or a table of the same fields, `[experiments.experiment]`. `vary` may have `values = [...]` in
place of a range, and names a hyperparameter of the contender or of the experiment: "noise_size", "settings.ratio".

The runs are all combinations. Each must be in the range, unless `share = { at_most = 0.2 }` or `count = { at_least = 10 }` says
how many of each problem's and contender's runs must. `reduce = "median"` ("mean", "smallest", "largest", "spread": largest over
smallest) makes one number of them first. `divided_by = { contender = 1 }` or `minus = {...}` compares with another reading,
which takes over what it does not say: experiment, contender, measure. `given = { knob = "learning_rate", contender = 0, times =
0.5 }` runs the measured contender with a hyperparameter at half of the last D of contender 0 in the same experiment.

Measures (`measures.MEASURES` has their meaning): D, D_of_distance, steps_to_part_of_D (part = 0.5), rises_of_D, falls_of_D,
negative_share, effective_step, loss, loss_left, steps_to, arrives, status (equals = "diverged"), stopped_at, distance_gone,
share_of_way, coordinate (coordinate = 0), metric (named = "validation_accuracy"), finding (named = "stuck_by_rounding"),
hyperparameter (named = "beta3"). D, loss, metric and others take `at = 30`, a step, or `at = 0.5`, a part of the run. A loss
counts from the known minimum; the `steps_to` of a run that never arrives is infinite.

    [seen]                      # numbers that the texts quote, from the traces that the page has just run
    d_small = { experiment = "booth", measure = "D", format = "number" }   # also contender, divided_by, minus

Formats: number (three digits), short (two), whole, percent, steps ("more than 300" of a run that did not arrive).

    +++
    ## Predict
    ## What was seen
    D ended at {d_small}. Braces in LaTeX, $\\frac{a}{b}$, and in code are left alone.
    ## Why
    ## In your training
    ## Next

A case of the clinic is clinic/NAME.md. In place of minutes, question, choices and right it has `[[asked]]` tables (`where =
"prodigy#13"`, `link = "https://..."`), `fails = { experiment = "booth", contender = 0 }` and `works = {...}`, or
`harmless = true`, and perhaps `lesson = "clipping"`. Its headings: Complaint, What was seen, Why, What to do.

A translation is NAME.de.md beside it, with texts only: title, question, choices (as many, in the same order), a table `titles`
of the experiments' titles by name, and the same headings, which stay English: the page has them in its own words.
"""

from .checking import Outcome, Runs, check
from .claims import Claim, Reading
from .measures import MEASURES, Race
from .reading import LessonError
from .records import Asked, Choice, Complaint, Lesson, Place, Seen, Shown, Study, Turn
from .shelf import clinic, complaint, lesson, lessons
from .telling import seen, told

__all__ = [
    "MEASURES",
    "Asked",
    "Choice",
    "Claim",
    "Complaint",
    "Lesson",
    "LessonError",
    "Outcome",
    "Place",
    "Race",
    "Reading",
    "Runs",
    "Seen",
    "Shown",
    "Study",
    "Turn",
    "check",
    "clinic",
    "complaint",
    "lesson",
    "lessons",
    "seen",
    "told",
]
