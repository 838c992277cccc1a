"""ckbx (控辍保学): facts and rules that keep children of compulsory age in school."""
