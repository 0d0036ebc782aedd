"""The grading engine: exact, safe, fast; `controller.examine` is the way in.

The *controller* runs in the grader's process and knows no test's outcome but from the others. It
starts the *fork server*, which imports everything once and builds the *sandbox*. From that one
*slot* is forked for each notebook at a time. It keeps a *prepared* process for a chapter, which has
examined the chapter's own answers, and from which an *examiner* is forked, which runs the test
cells and decides the points; and it forks one *candidate* after the other, which run the student's
code. Examiner and candidate talk over the *wire*: plain values only. Both *confine* themselves.
"""
