"""Moments in a case's life that blocks and domains may listen to."""

from hexi.kernel.hooks import Hook

case_submitted = Hook("cases.submitted", ("case", "by"), "An application came in and has its number.")
case_corrected = Hook("cases.corrected", ("case", "by"), "The applicant handed in what was to be mended.")
case_accepted = Hook("cases.accepted", ("case", "by"), "Accepted, or deemed accepted (case.deemed).")
case_decided = Hook("cases.decided", ("case", "by"), "Granted or refused (case.outcome).")
case_ended = Hook("cases.ended", ("case", "by"), "Delivered, refused, withdrawn, not accepted or terminated.")
case_passed_up = Hook("cases.passed_up", ("case", "by"), "The lower office passed it up to decide.")
dues_moved = Hook(
    "cases.dues_moved", ("cases", "why", "by"), "A calendar change moved due dates of these cases (their keys)."
)
fee_waived = Hook("cases.fee_waived", ("case", "by"), "What the case was charged is not owed: it may go on.")
letter_written = Hook("cases.letter", ("letter", "by"), "A numbered paper to the applicant.")
items_published = Hook("cases.items_published", ("items", "by"), "Service items have new versions in force.")
import_asked = Hook("cases.import_asked", ("run", "by"), "A large sheet of items is to be looked over or taken in.")
item_withdrawn = Hook("cases.item_withdrawn", ("item", "by"), "A service item is no longer offered.")
order_issued = Hook("cases.order_issued", ("order", "by"), "A supervision order went to the office of a case.")
order_answered = Hook("cases.order_answered", ("order", "by"), "The office answered a supervision order.")
order_closed = Hook("cases.order_closed", ("order", "by"), "The supervisor closed an order, or repeated it.")
rated_bad = Hook("cases.rated_bad", ("rating", "by"), "The applicant is dissatisfied: the office has a day to call.")
rating_answered = Hook("cases.rating_answered", ("rating", "by"), "The office told the rater what it found and mended.")
