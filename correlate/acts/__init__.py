"""Let what people do reach the model, at the step that is given it."""
