"""Tables that come in as files: the one reader of every import of every service.

    table = read_table(content)                          # reading.py: bytes, text or JSON values → columns and rows
    mark = decimal_mark(table.column("kg"), "kg", None)  # decimals.py: decided for the whole column, or asked for
    kg = decimal_of(table.rows[0]["kg"], mark)
    at = moment_of(table.rows[0]["at"], zone)            # times.py

What leaves us as a file is in `shared.spreadsheet`.
"""
