"""What if: many runs of a pipeline in a world, and what they say."""
