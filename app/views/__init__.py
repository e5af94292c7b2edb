"""The pages, each a file or a folder with a function `page`, and what they share."""
