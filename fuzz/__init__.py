"""Parsers fed with what nobody would write; not part of the tests."""
