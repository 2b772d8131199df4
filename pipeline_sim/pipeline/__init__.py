"""What a pipeline is: structure → frozen values; every fault with its place; the catalogue of action and rule types."""
