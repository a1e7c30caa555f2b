"""Loan arithmetic: pure functions over frozen values, exact to the cent. No Django, no clock, no database.

A loan is its terms and its events. Everything else follows:

    terms = Terms.from_json({...})                      terms.py, repayment_terms.py, clauses.py
    plan(terms)                                         the installments before any event: schedule.py
    replay(terms, events, as_of)                        the loan on a day: replay.py
    payoff_quote(terms, events, on)                     what closes it: payoff.py
    preview(terms, events, new_event)                   what a change would do: preview.py
    simulate files                                      scenario.py

Read as a textbook, from the ground up:

    money          minor units, rounding, splitting without losing a unit
    due_dates      rhythms, month ends, moved dates            working_days   days off
    day_count      from days to a share of the yearly rate
    amortization   level installments and smoothing            shapes         principal by installment
    schedule       a plan, row by row                          bulk           the same for many loans at once
    periods        balance segments and their interest
    interest_model how payments change interest                tail_planning  planning what is still to come
    allocation     what money received pays                    rows           what was paid
    book           the loan while events are replayed          steps          one event, checked and applied
    book_credits   charge-backs and refunds                    book_changes   rates, pauses, write-off, waivers
    penalties      penalty interest and caps                   prepayment     early repayment and its fee
    restructuring  re-ageing, re-amortizing, new terms         arrears        days past due
    annual_rate    IRR, XIRR, Appendix J, APRC                 disclosure     what the credit costs

Amounts go in and come out as ``Decimal`` in major units with the currency's decimals; inside they are
integers of minor units. Wrong terms raise ``InvalidTerms``, wrong events ``InvalidEvent``, both with the
dotted field and what would be right; nothing else is raised.
"""
