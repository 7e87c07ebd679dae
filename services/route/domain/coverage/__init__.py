"""Road sections, and whether trucks covered them."""
