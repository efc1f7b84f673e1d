"""What articles announce."""

from hexi.kernel.hooks import Hook

article_published = Hook(
    "articles.article_published", ("article", "by"), "Approved: its `current` version is what everybody reads now."
)
article_withdrawn = Hook("articles.article_withdrawn", ("article", "by"), "Taken back: nothing of it is published.")
feedback_given = Hook("articles.feedback_given", ("feedback", "by"), "A reader says what is wrong; the owner answers.")
