"""What the route service stores: the timetable, the days' runs made from it, and what trucks did near their stops."""
