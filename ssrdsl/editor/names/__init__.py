"""The names of a file: what each stands for, where it is bound, used and seen."""
