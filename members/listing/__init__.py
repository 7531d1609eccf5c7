"""The desk of lists: a spreadsheet is kept, planned, looked at, mended, accepted whole; and back.

`keeping` holds the list while it is open, `portal` reads what there is, `plan` says what each
line means for that and writes nothing, `acceptance` writes a plan in one short transaction,
`export` makes a list of what there is.

django-import-export is not used: its reader loses digits and knows no merged cells or GB18030,
and its dry run is a rolled-back transaction, which holds SQLite's write lock for as long as the
whole import takes. Here everything is understood outside the transaction.
"""
