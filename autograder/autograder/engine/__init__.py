"""The grading engine: exact, safe, fast; `controller.examine` is the way in.

The *controller* runs in the grader's process and knows no test's outcome but from the others. It
starts the *fork server*, which imports everything once and builds the *sandbox*. From that one
*slot* is forked for each notebook at a time; it forks an *examiner*, which runs the test cells and
decides the points, and one *candidate* after the other, which run the student's code. Examiner and
candidate talk over the *wire*: plain values only. Examiner and candidates *confine* themselves.
"""
