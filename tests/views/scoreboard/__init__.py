"""The scoreboard: its numbers, its figures, its page."""
