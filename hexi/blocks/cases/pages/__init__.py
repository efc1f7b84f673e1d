"""Pages of cases: the applicant's, the officials', and the public ones."""
