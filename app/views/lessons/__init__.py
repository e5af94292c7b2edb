"""The page of the lessons and of the clinic."""
