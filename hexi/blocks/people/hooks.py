"""What people announces."""

from hexi.kernel.hooks import Hook

mail_wanted = Hook(
    "people.mail_wanted",
    ("to", "subject", "body"),
    "A letter about an account (address check, password reset, a changed factor) should go to this e-mail address.",
)


mandate_offered = Hook(
    "people.mandate_offered", ("offer", "by"), "Somebody wants another, who may be unknown here, to act for him."
)
mandate_given = Hook("people.mandate_given", ("mandate", "by"), "Somebody may act for another from now on.")
mandate_ended = Hook("people.mandate_ended", ("mandate", "by"), "A mandate was taken back or laid down.")
appointed = Hook("people.appointed", ("post", "by"), "Somebody got a post.")
renamed = Hook("people.renamed", ("account", "by"), "An account bears another name, or its first one.")
lookups_moved = Hook(
    "people.lookups_moved", ("moved",),
    "Lookups of some identity numbers are made anew (`hexi people rekey --index`): `moved` says old → new.",
)  # fmt: skip
lookups_renewed = Hook(
    "people.lookups_renewed", ("lookup",),
    "All of them were: who keeps sealed numbers of his own hashes them anew with `lookup(number, type)`.",
)  # fmt: skip
