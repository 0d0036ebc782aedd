"""The only room that imports nbgrader: its steps, its preprocessors, the notebooks it reads."""
