"""Tables, a file per noun."""
