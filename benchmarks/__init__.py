"""How fast it is, beside others: `python -m benchmarks` runs peers and ours in one run and prints a table with ratios."""
