"""Where the blocks of a sweep are computed."""
