"""The pages of the console: each module here offers `pages(desk)`, and is found by its file."""
