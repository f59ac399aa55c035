"""Kunnafoni: the line a community health worker dials. The shape of the house is in docs/design.md."""
