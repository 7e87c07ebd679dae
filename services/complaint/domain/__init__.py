"""Pure rules of complaints: values in, values out."""
