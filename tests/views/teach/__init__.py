"""The page of a teacher."""
