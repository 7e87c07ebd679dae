"""Request and answer bodies, a file per noun."""
