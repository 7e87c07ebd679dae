"""Request and answer bodies of complaints."""
