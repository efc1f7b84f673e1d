"""What people announces."""

from hexi.kernel.hooks import Hook

mail_wanted = Hook(
    "people.mail_wanted",
    ("to", "subject", "body"),
    "A letter about an account (address check, password reset, a changed factor) should go to this e-mail address.",
)


mandate_given = Hook("people.mandate_given", ("mandate", "by"), "Somebody may act for another from now on.")
mandate_ended = Hook("people.mandate_ended", ("mandate", "by"), "A mandate was taken back or laid down.")
