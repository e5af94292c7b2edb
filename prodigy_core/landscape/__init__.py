"""The loss around the paths: on a grid, on a plane through paths, along directions."""
