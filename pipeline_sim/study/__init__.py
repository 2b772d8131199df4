"""What a learner does: questions that a run proves, predictions, drills, exams, and when to meet them again."""
