"""Moments in a case's life that blocks and domains may listen to."""

from hexi.kernel.hooks import Hook

case_submitted = Hook("cases.submitted", ("case", "by"), "An application came in and has its number.")
case_accepted = Hook("cases.accepted", ("case", "by"), "Accepted, or deemed accepted (case.deemed).")
case_decided = Hook("cases.decided", ("case", "by"), "Granted or refused (case.outcome).")
case_ended = Hook("cases.ended", ("case", "by"), "Delivered, refused, withdrawn, not accepted or terminated.")
letter_written = Hook("cases.letter", ("letter", "by"), "A numbered paper to the applicant.")
item_published = Hook("cases.item_published", ("item", "by"), "A service item has a new version in force.")
item_withdrawn = Hook("cases.item_withdrawn", ("item", "by"), "A service item is no longer offered.")
