"""Pure rules of the evaluation service: values in, values out."""
