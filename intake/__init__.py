"""Payment files of the bureaus: read in a limited child process, checked row by row, stored in one flip.

    reading   a file → its rows, read by `intake.child` under limits
    headers   which column is which, by its many names
    fields    one cell → its value and what was wrong with it
    rows      one row → a PaymentRow, or the reasons why not
    across    what only shows between rows: duplicates, shared accounts, two names for one person
    checking  all of it in one pass
    report    the counts and the words for a clerk
    store     the rows that passed, into the database
"""
