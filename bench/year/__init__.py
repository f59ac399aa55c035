"""A year of a country in a store: what serving would have left, put there by the store's own commit, without phones."""
