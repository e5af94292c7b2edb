"""Sweeps against the runs that they stand for, one by one."""
