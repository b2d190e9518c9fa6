"""Payment files of the bureaus: read in a limited child process, checked row by row, stored in one flip.

    reading   a file → its rows, read by `intake.child` under limits; formats/ has a module for each kind of file
    headers   which row is the header; strips: several items or persons in one row
    persons   whose number and name count, where a row has several
    layout    which column is which: assigning (by name, ending, cells), contents, fitting (what the amount is a product of)
    said      what a person says of a file beside it; guesses: what title and name suggest of what is missing
    plan      how one table is to be read, and what has to be asked before; looking: all tables of a file
    rows      one row → a PaymentRow, or the reasons why not; its cells by people, amounts, days, progress
    sections  lines between the rows that say what the rows under them are
    lines     lines that hold no payment; totals: whether the totals that they state are those of the rows
    judging   what several cells of a row make of each other
    across    what only shows between rows: duplicates, shared accounts, two names for one person
    findings  every code, how it is handled, and what it means to a clerk
    checking  all of it in one pass
    lacking   what a table says nothing of, which a later file leaves as it was
    preview   what a file would become, and what is asked, before anything is stored
    report    the counts and the words for a clerk
    store     the rows that passed, into the database

Files that hold no payments go their own way: register_table reads them, households, deaths and bank_return store them
(registers is what they share), matching finds the payment of a bank's line, returned keeps the working list. checks runs
`knowledge.checks` over the database; inspection writes the file for an inspector.
"""
