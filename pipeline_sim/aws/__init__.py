"""Where AWS's own tools plug in: boto3, the command line, event patterns, and the model that botocore carries."""
