"""Pure rules of the incinerator service: values in, values out."""
