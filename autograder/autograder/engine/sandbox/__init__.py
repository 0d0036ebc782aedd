"""What keeps a student's code in: the protections around a candidate, and which of them hold here.

`protections` holds those that are put up once, by the process that all candidates are forked from;
`confine` those that each candidate puts up around itself after the fork. Linux only.
"""
