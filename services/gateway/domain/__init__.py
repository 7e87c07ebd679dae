"""Pure rules of the gateway: values in, values out."""
