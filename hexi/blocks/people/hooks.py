"""What people announces."""

from hexi.kernel.hooks import Hook

mail_wanted = Hook(
    "people.mail_wanted",
    ("to", "subject", "body"),
    "A letter about an account (address check, password reset, a changed factor) should go to this e-mail address.",
)
