"""Timetables: how a file is read into routes, and which of their stops are due on a day."""
