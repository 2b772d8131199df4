"""How the course looks in a notebook: cards, drills, exams and predictions, made of plain ipywidgets."""
