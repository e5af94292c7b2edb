"""Tables to learn from: bundled with a package, synthetic, or a person's own file."""
