"""sanitation import vehicles|timetable|districts|sections|weighings|tonnage|complaints|ratings FILE, a module each."""
