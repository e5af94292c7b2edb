"""The pages of the project, and what writes those parts of them that follow from the code: `python -m docs`."""
