"""The teacher's desk: demonstrations with stops and notes, runs that are shared by a file or a link, grading."""
