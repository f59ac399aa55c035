"""Changing what is asked and said without a programmer: a draft, what it would do, its publishing, the way back."""
