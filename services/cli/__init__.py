"""The `sanitation` command, a module per noun; `main.py` puts them together."""
