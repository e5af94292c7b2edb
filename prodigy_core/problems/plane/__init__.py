"""Functions of the plane, by what they are hard for."""
