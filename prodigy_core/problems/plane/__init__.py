"""Functions of the plane, grouped by what makes them hard."""
