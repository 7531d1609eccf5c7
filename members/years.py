"""Years that days of a membership lie in: another is a slip of the pen, wherever it is written."""

FIRST_YEAR, LAST_YEAR = 1949, 2099
