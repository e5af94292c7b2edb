"""A person's own formula: its words, its grammar, the function compiled from it, and the problem around it."""
