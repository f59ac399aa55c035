"""Where what contacts said is kept: the only package that speaks Redis."""
