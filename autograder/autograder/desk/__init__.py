"""What an instructor does around grading: feedback, export."""
