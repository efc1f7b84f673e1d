"""Knowledge base: policy, guides, questions and news with owner, review date and feedback."""
