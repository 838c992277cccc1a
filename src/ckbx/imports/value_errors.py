"""Why the value of a cell is not taken, in two Chinese sentences."""

from __future__ import annotations

from ckbx.domain.shared.errors import InputRefused


class ValueRefused(InputRefused):
    """A cell that cannot be understood; ``what`` is wrong and how to ``mend`` it, in Chinese."""

    code = "value_refused"
    message = "{what}。{mend}"

    def __init__(self, what: str, mend: str) -> None:
        self.what, self.mend = what, mend
        super().__init__(what=what, mend=mend)


class ValueMissing(ValueRefused):
    code = "value_missing"


class GradeRefused(ValueRefused):
    code = "grade_refused"


class ClassRefused(ValueRefused):
    code = "class_refused"


class DateRefused(ValueRefused):
    code = "date_refused"


class SexRefused(ValueRefused):
    code = "sex_refused"


class CountRefused(ValueRefused):
    code = "count_refused"


class ChoiceRefused(ValueRefused):
    code = "choice_refused"


class NumberDestroyed(ValueRefused):
    code = "number_destroyed"
