"""Pure rules of the route service: values in, values out."""
